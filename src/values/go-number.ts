/** Numbers as Go's fmt prints them. */
import { nearest } from './integer.ts';

/** A float as %v: the shortest digits that are exact, with an exponent below 1e-4 and from 1e6 on. */
export function goFloat(amount: number): string {
  if (Number.isNaN(amount)) return 'NaN';
  if (!Number.isFinite(amount)) return amount > 0 ? '+Inf' : '-Inf';
  if (Object.is(amount, -0)) return '-0';
  const [digits = '', exponent = '0'] = amount.toExponential().split('e');
  if (amount === 0 || (Number(exponent) >= -4 && Number(exponent) < 6))
    return withoutExponent(amount, digits, Number(exponent));
  // "e-7" → "e-07": Go's exponents have two digits at least.
  return `${digits}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, '0')}`;
}

/** JavaScript turns to exponents below 1e-6, later than Go; so this only ever writes out what Go does. */
function withoutExponent(amount: number, digits: string, exponent: number): string {
  return exponent < 0 ? amount.toFixed(digits.replace(/[-.]/g, '').length - 1 - exponent) : String(amount);
}

/** No double has more digits after the point. */
const MOST_DIGITS = 1_074;

/** A float as %f, with so many digits after the point. */
export function goFixed(amount: number, digits: number): string {
  const exact = Math.min(digits, MOST_DIGITS);
  const text = String(scaled(amount, exact)).padStart(exact + 1, '0');
  return sign(amount) + pointed(text, text.length - exact) + '0'.repeat(digits - exact);
}

const sign = (amount: number): string => (amount < 0 || Object.is(amount, -0) ? '-' : '');
const pointed = (text: string, at: number): string =>
  at === text.length ? text : `${text.slice(0, at)}.${text.slice(at)}`;

/** The size of an amount times 10^digits; halves go to the even number, as what a double really is counts in Go. */
function scaled(amount: number, digits: number): bigint {
  let whole = Math.abs(amount);
  let halvings = 0;
  for (; !Number.isInteger(whole); halvings += 1) whole *= 2;
  const top = BigInt(whole) * 10n ** BigInt(digits);
  const bottom = 2n ** BigInt(halvings);
  const [down, rest] = [top / bottom, (top % bottom) * 2n];
  return rest > bottom || (rest === bottom && down % 2n === 1n) ? down + 1n : down;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

/** Bytes in the largest unit of 1024 that fits, to four digits: 1610612736 → "1.5GiB". */
export function goSize(bytes: number): string {
  let amount = nearest(bytes);
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  return `${Number(amount.toPrecision(4))}${UNITS[unit] ?? ''}`;
}
