/** Natural sort order: "web.2" before "web.10", as docker sorts names (github.com/fvbommel/sortorder NaturalLess). */

const DIGITS_OR_OTHERS = /\d+|\D+/g;

/** Compares two names for Array.sort. Sequences of digits are compared as numbers, other characters by code unit. */
export function compareNaturally(a: string, b: string): number {
  const left = a.match(DIGITS_OR_OTHERS) ?? [];
  const right = b.match(DIGITS_OR_OTHERS) ?? [];
  for (let index = 0; index < Math.min(left.length, right.length); index += 1) {
    const order = compareRuns(left[index] ?? '', right[index] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Compares two runs, each of digits only or of other characters only. */
function compareRuns(a: string, b: string): number {
  if (a === b) return 0;
  if (!isNumber(a) || !isNumber(b)) {
    // Digits sort before other characters.
    if (isNumber(a) || isNumber(b)) return isNumber(a) ? -1 : 1;
    // After the shorter run its name ends or continues with a digit, and the other name with another character.
    if (b.startsWith(a)) return -1;
    if (a.startsWith(b)) return 1;
    return a < b ? -1 : 1;
  }
  const [x, y] = [BigInt(a), BigInt(b)];
  return x === y ? a.length - b.length : x < y ? -1 : 1;
}

const isNumber = (run: string): boolean => /^\d/.test(run);
