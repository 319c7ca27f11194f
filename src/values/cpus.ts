/** Amounts of CPU ("0.5", "2", "1/3" is refused: it has no end), kept as whole 1e-9 cpus. */
import { parseSigned } from './integer.ts';

const NANO = 1_000_000_000n;

/** Nano-cpus, exactly; undefined when the text is no number, has more than nine decimals or is too large. */
export function parseCpus(text: string): number | undefined {
  const [numerator, denominator, ...rest] = text.split('/').map(parseDecimal);
  if (numerator === undefined || rest.length > 0) return undefined;
  const divisor = text.includes('/') ? denominator : { digits: 1n, scale: 0 };
  if (divisor === undefined || divisor.digits <= 0n || divisor.scale > 0) return undefined;
  if (text.includes('/') && numerator.scale > 0) return undefined;
  const top = numerator.digits * NANO;
  const bottom = divisor.digits * 10n ** BigInt(numerator.scale);
  if (top % bottom !== 0n) return undefined;
  const nano = top / bottom;
  return nano < 2n ** 63n ? Number(nano) : undefined;
}

/** digits / 10^scale */
function parseDecimal(text: string): { digits: bigint; scale: number } | undefined {
  const plain = /^[+-]?0[xbo]/i.test(text) ? parseSigned(text) : undefined;
  if (plain !== undefined) return { digits: plain, scale: 0 };
  const [, sign = '', whole = '', decimals = '', exponent = '0'] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text.replace(/(?<=\d)_(?=\d)/g, '')) ?? [];
  if (whole === '' && decimals === '') return undefined;
  const scale = decimals.length - Number(exponent);
  const digits = BigInt(`${whole}${decimals}`) * 10n ** BigInt(Math.max(0, -scale));
  return { digits: sign === '-' ? -digits : digits, scale: Math.max(0, scale) };
}
