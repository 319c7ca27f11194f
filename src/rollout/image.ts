/** The short names of images, for people. */

/** The tag of a reference ("registry:5000/ping:1.1@sha256:..." → "ping:1.1"): the last part of the name and its tag. */
export function tagOf(image: string): string {
  const [name = ''] = image.split('@', 1);
  return name.slice(name.lastIndexOf('/') + 1);
}

/** A reference with its digest cut to 12 digits: "registry:5000/ping:1.1@sha256:0123456789ab". */
export function shortDigest(image: string): string {
  return image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1');
}
