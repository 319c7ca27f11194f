/** Compares times as the engine writes them. */

/** Compares times in RFC 3339 and UTC, with nanoseconds. */
export function compareTimes(a: string, b: string): number {
  const order = Date.parse(a) - Date.parse(b);
  if (order !== 0) return order;
  return fraction(a) < fraction(b) ? -1 : fraction(a) > fraction(b) ? 1 : 0;
}

const fraction = (time: string): string => (/\.(\d+)/.exec(time)?.[1] ?? '').padEnd(9, '0');
