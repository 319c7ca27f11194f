/** Docker's memory sizes ("64m", "1.5GiB", "1024"). Units are powers of 1024. */
import { parseFloatText } from './float.ts';
import { exactNumber } from './integer.ts';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
};

/**
 * Reads a size as docker/go-units size.go RAMInBytes does. One space before the unit is allowed.
 * @returns bytes, rounded down (see exactNumber), or undefined if the text is not a size, is negative or is 8
 *   EiB or more
 */
export function parseSize(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(.*[\d.]) ?(b|[kmgtp](?:b|ib)?)?$/is.exec(text) ?? [];
  const number = parseFloatText(amount);
  if (number === undefined || number < 0) return undefined;
  const bytes = Math.trunc(number * (UNITS[unit.charAt(0).toLowerCase()] ?? NaN));
  return bytes < 2 ** 63 ? exactNumber(BigInt(bytes)) : undefined;
}
