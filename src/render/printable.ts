/** Text from the engine or a container, made safe to print on one line. */
import { stripVTControlCharacters } from 'node:util';

/** Without escape sequences; line breaks and other control characters become spaces. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
