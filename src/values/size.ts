/** Docker's sizes ("64m", "1.5GiB", "1024"): units of 1024, amounts in bytes. */
import { parseFloatText } from './float.ts';
import { exactly } from './integer.ts';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  p: 2 ** 50,
};

/** Whole bytes of a size, or undefined when it is none. One space before the unit is allowed, a minus is not. */
export function parseSize(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(.*[\d.]) ?(b|[kmgtp](?:b|ib)?)?$/is.exec(text) ?? [];
  const number = parseFloatText(amount);
  if (number === undefined || number < 0) return undefined;
  const bytes = Math.trunc(number * (UNITS[unit.charAt(0).toLowerCase()] ?? NaN));
  return bytes < 2 ** 63 ? exactly(BigInt(bytes)) : undefined;
}
