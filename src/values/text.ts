/** Small questions about texts that several grammars ask. */

/** Splits at the first separator; `after` is undefined where there is none. */
export function cut(text: string, separator: string): readonly [before: string, after: string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** The order of texts by their UTF-8 bytes: Go's, and so the order in which docker stores sorted lists. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The first text that has been there before; undefined where none is there twice. */
export function firstRepeated(texts: readonly string[]): string | undefined {
  return texts.find((text, index) => texts.indexOf(text) < index);
}

/** `KEY=VALUE` texts as a map; without `=` the value is empty, the last of a key counts. */
export function keyValues(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [key, value = ''] = cut(text, '=');
      return [key, value];
    }),
  );
}
