/** The images that docker is likely to look up. They are looked up early, all at the same time. Pure. */
import type { Service } from '../api/service.ts';
import { STACK_IMAGE } from '../api/stack-labels.ts';

/** The images of services, as the file that they were deployed from names them. docker looks them up by these names. */
export const imagesOfServices = (services: readonly Pick<Service, 'Spec'>[]): readonly string[] =>
  services.flatMap(({ Spec }) => Spec.Labels?.[STACK_IMAGE] ?? []).filter(isImage);

/**
 * The images that a Compose file names without a variable. The file is not parsed: docker does that. A name that is not the image
 * of a service costs one look-up, and one that is not found here is looked up when docker asks.
 */
export function imagesOfFile(file: Uint8Array): readonly string[] {
  const text = Buffer.from(file)
    .toString()
    .replace(/^\s*#.*$/gm, '');
  const named = [...text.matchAll(/(?:^|[\s{,])["']?image["']?\s*:\s*["']?([^\s"',}]+)/gm)];
  return [...new Set(named.map(([, image = '']) => image))].filter(isImage);
}

/** Whether a text can be an image. It becomes a part of a path. */
const isImage = (text: string): boolean => /^[a-z0-9][\w./:@-]*$/i.test(text) && !text.includes('..');
