/** Go's strings and numbers, as they are written in a template. */
import { exactNumber, parseSigned } from '../values/integer.ts';
import { FLOAT64, INT, value } from './values.ts';
import type { Value } from './values.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '"': '"' },
};
const ESCAPE = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|([0-7]{3})|([^]))/gi;

/** What a quoted string means, or undefined where Go does not know its escapes. */
export function unquote(quoted: string): string | undefined {
  const inside = quoted.slice(1, -1);
  if (quoted.startsWith('`')) return inside.replaceAll('\r', '');
  const unknown: string[] = [];
  const text = inside.replace(ESCAPE, (escape: string, ...codes: (string | undefined)[]) => {
    const [byte, short, long, octal, letter = ''] = codes;
    const code = octal === undefined ? parseInt(byte ?? short ?? long ?? '', 16) : parseInt(octal, 8);
    const char = code <= 0x10ffff ? String.fromCodePoint(code) : ESCAPES[letter];
    if (char === undefined) unknown.push(escape);
    return char ?? escape;
  });
  return unknown.length === 0 ? text : undefined;
}

const DIGITS = String.raw`\d+(?:_\d+)*`;
const HEX = String.raw`[\da-fA-F]+(?:_[\da-fA-F]+)*`;
const DECIMAL = String.raw`[+-]?(?:${DIGITS}(?:\.(?:${DIGITS})?)?|\.${DIGITS})(?:[eE][+-]?${DIGITS})?`;
const HEX_FLOAT = String.raw`[+-]?0[xX](?:_?${HEX}(?:\.(?:${HEX})?)?|\.${HEX})[pP][+-]?${DIGITS}`;
const ANY = `(?:${DECIMAL}|${HEX_FLOAT})`;

const FLOAT = new RegExp(`^${DECIMAL}$`);
const UNREAD = new RegExp(`^(?:${HEX_FLOAT}|(?:${ANY}(?=[+-]))?${ANY}i)$`);

/** A number, or undefined where the text is none that is known here. With a point or an exponent it is a float. */
export function readNumber(text: string): Value | undefined {
  const whole = parseSigned(text);
  if (whole !== undefined) return value(INT, exactNumber(whole));
  const float = FLOAT.test(text) ? Number(text.replaceAll('_', '')) : NaN;
  return Number.isFinite(float) ? value(FLOAT64, float) : undefined;
}

/** Whether Go reads a number here that `readNumber` does not: an imaginary one, or a hexadecimal float. */
export const isUnreadNumber = (text: string): boolean => UNREAD.test(text);
