/** Whole numbers as Go reads them where the base is free: 10, 0x10, 0o17, 017, 0b11, 1_000. */

const GRAMMARS = [
  { pattern: /^0x(?:_?[0-9a-f])+$/i, prefix: '0x', skip: 2 },
  { pattern: /^0b(?:_?[01])+$/i, prefix: '0b', skip: 2 },
  { pattern: /^0o(?:_?[0-7])+$/i, prefix: '0o', skip: 2 },
  { pattern: /^0(?:_?[0-7])+$/, prefix: '0o', skip: 1 },
  { pattern: /^(?:0|[1-9](?:_?[0-9])*)$/, prefix: '', skip: 0 },
];

/** The number without sign, or undefined when the text is none. */
export function parseUnsigned(text: string): bigint | undefined {
  const grammar = GRAMMARS.find(({ pattern }) => pattern.test(text));
  if (grammar === undefined) return undefined;
  return BigInt(grammar.prefix + text.slice(grammar.skip).replaceAll('_', ''));
}

/** The same with an optional sign. */
export function parseSigned(text: string): bigint | undefined {
  const [, sign, digits] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const amount = parseUnsigned(digits ?? '');
  return amount !== undefined && sign === '-' ? -amount : amount;
}

/**
 * The amount as specs hold it: a number. Only what a number would be written with other digits stays a bigint, though
 * its type says number: it is compared and written (engine/exact-json.ts), and calculated with by `nearest`.
 */
export function exactly(amount: bigint): number {
  const rounded = Number(amount);
  return String(rounded) === String(amount) ? rounded : (amount as unknown as number);
}

/** The number to calculate with, of an amount that may be a bigint. */
export const nearest = (amount: number | bigint): number => Number(amount);
