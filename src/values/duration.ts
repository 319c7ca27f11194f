/** Go's durations ("1m30s", "500ms"), as docker reads and writes them; amounts are nanoseconds. */
import { exactly } from './integer.ts';

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

/** Where a duration ends in Go: it has 64 bits. */
const END = 2n ** 63n;
/** So many digits of a fraction are heeded. */
const DIGITS = 18;

/** Nanoseconds of a Go duration (integer.ts, exactly), or undefined when it is none. "0" needs no unit; a sign is allowed. */
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
    const digits = fraction.slice(0, DIGITS);
    total += BigInt(whole) * unit + (BigInt(digits) * unit) / 10n ** BigInt(digits.length);
  }
  if (sign === '-') return total > END ? undefined : exactly(-total);
  return total < END ? exactly(total) : undefined;
}

/** A duration as Go prints it: 90e9 → "1m30s", 5e8 → "500ms", 0 → "0s"; of whole nanoseconds. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  const sign = nanoseconds < 0 ? '-' : '';
  // As a number centuries would lose their last digits.
  const exact = BigInt(nanoseconds);
  const whole = exact < 0n ? -exact : exact;
  if (whole < 1_000_000_000n) {
    const rest = Number(whole);
    const [size, unit] = rest < 1e3 ? [1, 'ns'] : rest < 1e6 ? [1e3, 'µs'] : [1e6, 'ms'];
    return `${sign}${trim(rest / size, 6)}${unit}`;
  }
  const minutes = whole / MINUTE;
  const seconds = `${trim(Number(whole % MINUTE) / 1e9, 9)}s`;
  if (minutes >= 60n) return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

function trim(amount: number, digits: number): string {
  return String(Number(amount.toFixed(digits)));
}
