/** An image's name as docker shows it in a list. */
import { familiar, parseReference } from './reference.ts';

/**
 * A tagged image without its digest and without Docker Hub's domain: "docker.io/library/nginx:1.27@sha256:..."
 * → "nginx:1.27". What has no tag, or is no image's name, is shown as it is.
 */
export function shortImage(image: string): string {
  const reference = parseReference(image);
  if (reference?.tag === undefined) return image;
  const { domain, path, tag } = reference;
  return familiar({ domain, path, tag });
}
