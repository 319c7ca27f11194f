/** Small string functions that several parsers share. */

/** Splits a text at the first separator; `after` is undefined if the text has no separator. Go's strings.Cut. */
export function splitOnce(
  text: string,
  separator: string,
): readonly [before: string, after: string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** A number of things: "1 task", "2 tasks". */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Compares two texts by their UTF-8 bytes, for Array.sort. Go, and so docker, sorts strings this way. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Finds the first text that is equal to an earlier one; undefined if all texts are different. */
export function firstRepeated(texts: readonly string[]): string | undefined {
  return texts.find((text, index) => texts.indexOf(text) < index);
}

/**
 * Converts `KEY=VALUE` texts to an object. Without `=` the value is empty. The last value of a key wins.
 * (docker/cli opts/parse.go ConvertKVStringsToMap)
 */
export const keyValues = (texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(texts.map((text) => splitOnce(text, '=')).map(([key, value = '']) => [key, value]));
