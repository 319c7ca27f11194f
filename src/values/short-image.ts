/** Image names as docker prints them in tables. */
import { familiar, parseReference } from './reference.ts';

/**
 * Shortens a tagged image to its name and tag: "docker.io/library/nginx:1.27@sha256:..." → "nginx:1.27". An
 * image without a tag, and a text that is not an image reference, are returned as they are. (docker/cli
 * cli/command/service/formatter.go serviceContext.Image and cli/command/task/formatter.go taskContext.Image)
 */
export function shortImage(image: string): string {
  const reference = parseReference(image);
  if (reference?.tag === undefined) return image;
  const { domain, path, tag } = reference;
  return familiar({ domain, path, tag });
}
