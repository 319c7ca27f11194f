/** The short names of images, for people. */

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
