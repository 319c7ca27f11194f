/** Numbers of CPUs ("0.5", "2", "1/4"), as whole nano-CPUs: 1e9 is one CPU. */
import { exactNumber, parseSigned } from './integer.ts';

const NANO = 1_000_000_000n;

/**
 * Reads a number of CPUs, as docker/cli opts/opts.go ParseCPUs does: Go's big.Rat notation, without rounding.
 * @returns nano-CPUs (see exactNumber), or undefined if the text is not a number or is not a whole number of
 *   nano-CPUs: "0.1234567891" and "1/3" have too many decimals
 */
export function parseCpus(text: string): number | undefined {
  const [numerator, denominator, ...rest] = text.split('/').map(parseDecimal);
  if (numerator === undefined || rest.length > 0) return undefined;
  const divisor = text.includes('/') ? denominator : { digits: 1n, scale: 0 };
  if (divisor === undefined || divisor.digits <= 0n || divisor.scale > 0) return undefined;
  if (text.includes('/') && numerator.scale > 0) return undefined;
  const top = numerator.digits * NANO;
  const bottom = divisor.digits * 10n ** BigInt(numerator.scale);
  if (top % bottom !== 0n) return undefined;
  // docker keeps the low 64 bits of a larger number (Go's big.Int Int64).
  return exactNumber(BigInt.asIntN(64, top / bottom));
}

/** Reads a number as the fraction digits / 10^scale; undefined if the text is not a number. */
function parseDecimal(text: string): { digits: bigint; scale: number } | undefined {
  const plain = /^[+-]?0[xbo]/i.test(text) ? parseSigned(text) : undefined;
  if (plain !== undefined) return { digits: plain, scale: 0 };
  const [, sign = '', whole = '', decimals = '', letter = 'e', exponent = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:(e|p)([+-]?\d{1,3}))?$/i.exec(text.replace(/(?<=\d)_(?=\d)/g, '')) ?? [];
  if (whole === '' && decimals === '') return undefined;
  // "p" is a power of two: "1p3" is 8. Negative powers are not supported.
  const binary = letter.toLowerCase() === 'p';
  if (binary && Number(exponent) < 0) return undefined;
  const scale = decimals.length - (binary ? 0 : Number(exponent));
  const power = 10n ** BigInt(Math.max(0, -scale)) * (binary ? 2n ** BigInt(exponent) : 1n);
  const digits = BigInt(`${whole}${decimals}`) * power;
  return { digits: sign === '-' ? -digits : digits, scale: Math.max(0, scale) };
}
