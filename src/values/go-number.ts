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
  return `${digits}e${goExponent(Number(exponent))}`;
}

/** "e-7" → "e-07": Go's exponents have two digits at least. */
export function goExponent(exponent: number): string {
  return `${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** JavaScript turns to exponents below 1e-6, later than Go; so this only ever writes out what Go does. */
function withoutExponent(amount: number, digits: string, exponent: number): string {
  return exponent < 0 ? amount.toFixed(digits.replace(/[-.]/g, '').length - 1 - exponent) : String(amount);
}

/** A float as %f, with so many digits after the point. */
export function goFixed(amount: number, digits: number): string {
  const text = String(scaled(amount, digits)).padStart(digits + 1, '0');
  return sign(amount) + pointed(text, text.length - digits);
}

/** A float as %e, with so many digits after the point. */
export function goScientific(amount: number, digits: number): string {
  const { text, exponent } = significant(amount, digits + 1);
  return `${sign(amount)}${pointed(text, 1)}e${goExponent(exponent)}`;
}

/** A float as %g, with at most so many digits and without zeros at the end. */
export function goGeneral(amount: number, digits: number): string {
  const { text, exponent } = significant(amount, Math.max(digits, 1));
  const count = Math.max(text.replace(/0+$/, '').length, 1);
  const isLong = exponent >= (count > exponent ? count : Math.max(digits, 1));
  return exponent < -4 || isLong
    ? goScientific(amount, count - 1)
    : goFixed(amount, Math.max(count - exponent - 1, 0));
}

const sign = (amount: number): string => (amount < 0 || Object.is(amount, -0) ? '-' : '');
const pointed = (text: string, at: number): string =>
  at === text.length ? text : `${text.slice(0, at)}.${text.slice(at)}`;

/** The first so many digits, and the power of ten of the first. */
function significant(
  amount: number,
  count: number,
  exponent = Number(amount.toExponential().split('e')[1]),
): { readonly text: string; readonly exponent: number } {
  const text = String(scaled(amount, count - 1 - exponent)).padEnd(amount === 0 ? count : 0, '0');
  // Rounded up to a digit more, or by JavaScript to a power of ten that the amount does not reach.
  return text.length === count
    ? { text, exponent }
    : significant(amount, count, exponent + text.length - count);
}

/** The size of an amount times 10^digits; halves go to the even number, as what a double really is counts in Go. */
function scaled(amount: number, digits: number): bigint {
  let whole = Math.abs(amount);
  let halvings = 0;
  for (; !Number.isInteger(whole); halvings += 1) whole *= 2;
  const top = BigInt(whole) * 10n ** BigInt(Math.max(digits, 0));
  const bottom = 2n ** BigInt(halvings) * 10n ** BigInt(Math.max(-digits, 0));
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
