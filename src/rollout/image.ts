/** The names of images: short ones for people, and whether two mean the same image. */
import { parseReference } from '../values/reference.ts';

/** The tag of a reference ("registry:5000/ping:1.1@sha256:..." → "ping:1.1"): the last part of the name and its tag. */
export function tagOf(image: string): string {
  const [name = ''] = image.split('@', 1);
  return name.slice(name.lastIndexOf('/') + 1);
}

/** "ping:1.0 (bab94e47625a) → ping:1.1 (bf5caa98067d)": short names where both are of one repository, else whole. */
export function transition(before: string, after: string): string {
  const [from, to] = [repositoryOf(before), repositoryOf(after)];
  const text = (image: string): string => {
    const digest = /@sha256:([0-9a-f]{12})/.exec(image)?.[1];
    const name = from === to ? tagOf(image) : image.split('@', 1).join('');
    return digest === undefined ? name : `${name} (${digest})`;
  };
  return `${text(before)} → ${text(after)}`;
}

function repositoryOf(image: string): string {
  const [name = ''] = image.split('@', 1);
  return name.slice(0, name.lastIndexOf('/') + 1);
}

/** A reference with its digest cut to 12 digits: "registry:5000/ping:1.1@sha256:0123456789ab". */
export function shortDigest(image: string): string {
  return image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1');
}

/** Whether a stored image is the wanted one. A wanted image without a digest matches any digest of its tag. */
export function isImage(stored: string, wanted: string): boolean {
  const [known, asked] = [parseReference(stored), parseReference(wanted)];
  if (known === undefined || asked === undefined) return stored === wanted;
  if (known.domain !== asked.domain || known.path !== asked.path) return false;
  if (asked.digest === undefined) return (known.tag ?? 'latest') === (asked.tag ?? 'latest');
  return known.digest === asked.digest && (asked.tag === undefined || known.tag === asked.tag);
}
