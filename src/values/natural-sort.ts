/** Names in the order a person expects: "web.2" before "web.10". */

const DIGITS_OR_NOT = /\d+|\D+/g;

/** Compares two names, runs of digits by their amount; for Array.sort. */
export function compareNaturally(a: string, b: string): number {
  const left = a.match(DIGITS_OR_NOT) ?? [];
  const right = b.match(DIGITS_OR_NOT) ?? [];
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const order = compareRuns(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareRuns(a: string, b: string): number {
  if (a === b) return 0;
  if (!isNumber(a) || !isNumber(b)) {
    // Where one run ends early the other goes on with a letter while this one goes on with a digit.
    if (isNumber(a) || isNumber(b)) return isNumber(a) ? -1 : 1;
    if (b.startsWith(a)) return -1;
    if (a.startsWith(b)) return 1;
    return a < b ? -1 : 1;
  }
  const amounts = [a, b].map((run) => run.replace(/^0+/, ''));
  const [x = '', y = ''] = amounts;
  if (x.length !== y.length) return x.length - y.length;
  if (x !== y) return x < y ? -1 : 1;
  return a.length - b.length;
}

function isNumber(run: string): boolean {
  return /^\d/.test(run);
}
