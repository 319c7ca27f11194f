/** Go's durations ("1m30s", "500ms"), as docker reads and writes them. The numbers are nanoseconds. */
import { exactNumber } from './integer.ts';

const MINUTE = 60_000_000_000n;

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', MINUTE],
  ['h', 60n * MINUTE],
]);

/** A duration in Go is a signed 64-bit integer: this is the first positive value that does not fit. */
const OVERFLOW = 2n ** 63n;
/** Decimals that count. Later ones are ignored, as in Go's time.ParseDuration. */
const MAX_DECIMALS = 18;

/**
 * Reads a duration as Go's time.ParseDuration does. A sign is allowed; "0" needs no unit.
 * @returns nanoseconds (see exactNumber), or undefined if the text is not a duration or does not fit in 64 bits
 */
export function parseDuration(text: string): number | undefined {
  const [, sign, rest] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (rest === undefined) return undefined;
  if (rest === '0') return 0;
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/.test(rest)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', name = ''] of rest.matchAll(
    /(\d*)\.?(\d*)([a-z\u00b5\u03bc]+)/g,
  )) {
    const unit = UNITS.get(name) ?? 0n;
    const digits = fraction.slice(0, MAX_DECIMALS);
    total += BigInt(whole) * unit + (BigInt(digits) * unit) / 10n ** BigInt(digits.length);
  }
  if (sign === '-') return total > OVERFLOW ? undefined : exactNumber(-total);
  return total < OVERFLOW ? exactNumber(total) : undefined;
}

/**
 * Writes a duration as Go's Duration.String does: 90e9 → "1m30s", 5e8 → "500ms", 0 → "0s".
 * @param nanoseconds a whole number (or a bigint, see exactNumber)
 */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  const sign = nanoseconds < 0 ? '-' : '';
  // A double would lose the last digits of a duration of more than 104 days.
  const exact = BigInt(nanoseconds);
  const whole = exact < 0n ? -exact : exact;
  if (whole < 1_000_000_000n) {
    const amount = Number(whole);
    const [size, unit] = amount < 1e3 ? [1, 'ns'] : amount < 1e6 ? [1e3, 'µs'] : [1e6, 'ms'];
    return `${sign}${toDecimal(amount / size, 6)}${unit}`;
  }
  const minutes = whole / MINUTE;
  const seconds = `${toDecimal(Number(whole % MINUTE) / 1e9, 9)}s`;
  if (minutes >= 60n) return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

/**
 * Writes milliseconds as formatDuration writes nanoseconds.
 * @param step is given to round to a multiple of so many milliseconds
 */
export const durationOf = (ms: number, step?: number): string =>
  formatDuration(step === undefined ? Math.round(ms * 1e6) : Math.round(ms / step) * step * 1e6);

/**
 * Writes how long something took, for people: "850ms", "4.7s", "2m5s", "1h3m". Of a longer time, smaller units are left out.
 * @param ms milliseconds, not negative
 */
export function roundedDuration(ms: number): string {
  const step = ms < 1_000 ? 1 : ms < 9_950 ? 100 : ms < 3_599_500 ? 1_000 : 60_000;
  return durationOf(ms, step)
    .replace(/(?<=m)0s$/, '')
    .replace(/(?<=h)0m$/, '');
}

/** Writes a number with at most this many decimals, without trailing zeros. */
function toDecimal(amount: number, digits: number): string {
  return String(Number(amount.toFixed(digits)));
}
