/** Go's literals: numbers, characters and strings. */
import type { NumberLiteral } from './ast.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

const ESCAPE =
  /\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([\s\S]?))/g;

/** What a quoted string or character means, or undefined where its escapes are none of Go's. */
export function unquote(quoted: string): string | undefined {
  const mark = quoted.charAt(0);
  const inside = quoted.slice(1, -1);
  if (mark === '`') return inside.replaceAll('\r', '');
  const refused: string[] = [];
  const text = inside.replace(ESCAPE, (whole: string, simple?: string, ...codes: (string | undefined)[]) => {
    const [byte, short, long, octal] = codes;
    const other = mark === '"' ? "'" : '"';
    if (simple !== undefined && simple !== other) return ESCAPES[simple] ?? whole;
    const code = octal === undefined ? parseInt(byte ?? short ?? long ?? '', 16) : parseInt(octal, 8);
    if (Number.isNaN(code) || code > 0x10ffff || (octal !== undefined && code > 255)) {
      refused.push(whole);
      return whole;
    }
    return String.fromCodePoint(code);
  });
  return refused.length === 0 ? text : undefined;
}

/** A number or a character as written; undefined where it is none. */
export function readNumber(text: string): NumberLiteral | undefined {
  if (text.startsWith("'")) {
    const char = unquote(text);
    if (char === undefined || Array.from(char).length !== 1) return undefined;
    return { value: char.codePointAt(0) ?? 0, isInt: true, isFloat: false };
  }
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/.exec(text) ?? [];
  if (/^_|_$|__|_\.|\._/.test(digits.replace(/^0[xXoObB]_/, '0'))) return undefined;
  const plain = digits.replaceAll('_', '');
  const isInt = /^(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9]\d*)$/.test(plain);
  if (!isInt && !/^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(plain)) return undefined;
  const value = Number(isInt ? plain.replace(/^0(?=[0-7])/, '0o') : plain) * (sign === '-' ? -1 : 1);
  if (!Number.isFinite(value)) return undefined;
  return { value, isInt: isInt || Number.isSafeInteger(value), isFloat: !isInt };
}
