/** Short names of images for messages, and the comparison of image references. */
import { parseReference } from '../values/reference.ts';

/** The last part of an image's name with its tag: "registry:5000/ping:1.1@sha256:..." gives "ping:1.1". */
export function tagOf(image: string): string {
  const [name = ''] = image.split('@', 1);
  return name.slice(name.lastIndexOf('/') + 1);
}

/**
 * The text for a change of the image: "ping:1.0 (bab94e47625a) → ping:1.1 (bf5caa98067d)". Names are short if both images
 * are in the same repository.
 */
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

/** A reference with its digest shortened to 12 digits: "registry:5000/ping:1.1@sha256:0123456789ab". */
export function shortDigest(image: string): string {
  return image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1');
}

/** Whether a stored image is the wanted image. A wanted image without a digest matches every digest of its tag. */
export function isImage(stored: string, wanted: string): boolean {
  const [known, asked] = [parseReference(stored), parseReference(wanted)];
  if (known === undefined || asked === undefined) return stored === wanted;
  if (known.domain !== asked.domain || known.path !== asked.path) return false;
  if (asked.digest === undefined) return (known.tag ?? 'latest') === (asked.tag ?? 'latest');
  return known.digest === asked.digest && (asked.tag === undefined || known.tag === asked.tag);
}
