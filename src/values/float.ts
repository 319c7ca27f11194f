/** Floating-point numbers in Go's notation: 1.5, .5e-3, 1_000, 0x1p-2. */

const DIGITS = '\\d(?:_?\\d)*';
const DECIMAL = new RegExp(`^[+-]?(?:${DIGITS}\\.?(?:${DIGITS})?|\\.${DIGITS})(?:e[+-]?${DIGITS})?$`, 'i');
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?\d+)$/i;

/**
 * Reads a number in the notation of Go's strconv.ParseFloat.
 * @returns undefined if the text is not a number; infinities and NaN are not accepted
 */
export function parseFloatText(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const amount = Number(text.replaceAll('_', ''));
    return Number.isFinite(amount) ? amount : undefined;
  }
  const [, sign, whole = '', fraction = '', exponent] = HEXADECIMAL.exec(text) ?? [];
  if (whole + fraction === '') return undefined;
  const amount = parseInt(whole + fraction, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -amount : amount;
}
