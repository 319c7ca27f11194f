/** Whole numbers in the notation of Go's strconv with base 0: 10, 0x10, 0o17, 017, 0b11, 1_000. */

const GRAMMARS = [
  { pattern: /^0x(?:_?[0-9a-f])+$/i, prefix: '0x', skip: 2 },
  { pattern: /^0b(?:_?[01])+$/i, prefix: '0b', skip: 2 },
  { pattern: /^0o(?:_?[0-7])+$/i, prefix: '0o', skip: 2 },
  { pattern: /^0(?:_?[0-7])+$/, prefix: '0o', skip: 1 },
  { pattern: /^(?:0|[1-9](?:_?[0-9])*)$/, prefix: '', skip: 0 },
];

/** Reads a whole number without a sign, of any size. Returns undefined if the text is not one. */
export function parseUnsigned(text: string): bigint | undefined {
  const grammar = GRAMMARS.find(({ pattern }) => pattern.test(text));
  if (grammar === undefined) return undefined;
  return BigInt(grammar.prefix + text.slice(grammar.skip).replaceAll('_', ''));
}

/** Reads a whole number with an optional sign, of any size. Returns undefined if the text is not one. */
export function parseSigned(text: string): bigint | undefined {
  const [, sign, digits] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const amount = parseUnsigned(digits ?? '');
  return amount !== undefined && sign === '-' ? -amount : amount;
}

/**
 * Converts a 64-bit integer to the form that specs hold, without losing a digit.
 *
 * Nearly always that is a number. A number that JSON would write with other digits, as 2^53 + 1, stays a bigint,
 * although the declared type is `number`: specs only compare and send these values, and values/exact-json.ts writes
 * both forms. Code that calculates with such a value calls `nearest` first.
 */
export function exactNumber(amount: bigint): number {
  const rounded = Number(amount);
  return String(rounded) === String(amount) ? rounded : (amount as unknown as number);
}

/** Converts a value of `exactNumber` to the nearest double, to calculate with. */
export const nearest = (amount: number | bigint): number => Number(amount);
