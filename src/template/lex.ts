/** A template's text to tokens: Go's text/template, delimiters `{{` and `}}`. */
import { nameOfChar } from './error.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'space'
  | 'identifier'
  | 'keyword'
  | 'bool'
  | 'nil'
  | 'dot'
  | 'field'
  | 'variable'
  | 'number'
  | 'char'
  | 'string'
  | 'rawString'
  | 'declare'
  | 'assign'
  | 'pipe'
  | 'leftParen'
  | 'rightParen'
  | 'other'
  | 'end'
  | 'error';

/** `text` is as written; of an error it is the message. `at` is an offset in the template's text. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

const KEYWORDS = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
]);

/** What may follow a name directly. */
const TERMINATOR = /^(?:$|[ \t\r\n.,|:()=]|\}\})/;
const WORD = /^[\p{L}\p{Nd}_]+/u;
const NUMBER =
  /^[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?/;

class LexError extends Error {}

/** All tokens; the last is `end`, or `error` where the text can't be read on. */
export function lex(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  try {
    while (at < text.length) {
      const open = text.indexOf('{{', at);
      const upTo = open < 0 ? text.length : open;
      // `{{- ` takes the white space before it away.
      const trims = open >= 0 && /^-[ \t\r\n]/.test(text.slice(open + 2, open + 4));
      const raw = text.slice(at, upTo);
      const kept = trims ? raw.replace(/[ \t\r\n]+$/, '') : raw;
      if (kept !== '') tokens.push({ kind: 'text', text: kept, at });
      at = open < 0 ? text.length : lexAction(text, open, open + (trims ? 4 : 2), tokens);
    }
    tokens.push({ kind: 'end', text: '', at: text.length });
  } catch (error) {
    if (!(error instanceof LexError)) throw error;
    tokens.push({ kind: 'error', text: error.message, at: Number(error.cause) });
  }
  return tokens;
}

function fail(message: string, at: number): never {
  throw new LexError(message, { cause: at });
}

/** One `{{...}}`; returns where the text goes on. */
function lexAction(text: string, open: number, start: number, tokens: Token[]): number {
  if (text.startsWith('/*', start)) return skipComment(text, start);
  tokens.push({ kind: 'open', text: '{{', at: open });
  let depth = 0;
  for (let at = start; ;) {
    const close = /^(?:[ \t\r\n]-)?\}\}/.exec(text.slice(at, at + 4))?.[0];
    if (close !== undefined) {
      if (depth > 0) fail('unclosed left paren', at);
      tokens.push({ kind: 'close', text: '}}', at });
      return close.length === 2 ? at + 2 : afterSpace(text, at + 4);
    }
    const token = lexToken(text, at);
    if (token.kind === 'leftParen') depth += 1;
    if (token.kind === 'rightParen') {
      depth -= 1;
      if (depth < 0) fail('unexpected right paren', at);
    }
    tokens.push(token);
    at += token.text.length;
  }
}

function afterSpace(text: string, at: number): number {
  return at + (/^[ \t\r\n]*/.exec(text.slice(at))?.[0].length ?? 0);
}

function skipComment(text: string, start: number): number {
  const end = text.indexOf('*/', start);
  if (end < 0) fail('unclosed comment', start);
  const close = /^(?:[ \t\r\n]-)?\}\}/.exec(text.slice(end + 2, end + 6))?.[0];
  if (close === undefined) fail('comment ends before closing delimiter', start);
  return close.length === 2 ? end + 4 : afterSpace(text, end + 6);
}

function lexToken(text: string, at: number): Token {
  const rest = text.slice(at);
  const make = (kind: TokenKind, length: number): Token => ({ kind, text: rest.slice(0, length), at });
  const first = rest.charAt(0);
  if (first === '') fail('unclosed action', at);
  const space = /^[ \t\r\n]+/.exec(rest)?.[0];
  // The last space before `-}}` belongs to the closing delimiter.
  if (space !== undefined)
    return make('space', rest.startsWith('-}}', space.length) ? space.length - 1 : space.length);
  if (rest.startsWith(':=')) return make('declare', 2);
  if (first === ':') fail('expected :=', at);
  if (first === '=') return make('assign', 1);
  if (first === '|') return make('pipe', 1);
  if (first === '(') return make('leftParen', 1);
  if (first === ')') return make('rightParen', 1);
  if (first === '"')
    return make('string', quotedLength(rest, /^"(?:[^"\\\n]|\\[^\n])*"/, 'unterminated quoted string', at));
  if (first === '`')
    return make('rawString', quotedLength(rest, /^`[^`]*`/, 'unterminated raw quoted string', at));
  if (first === "'")
    return make(
      'char',
      quotedLength(rest, /^'(?:[^'\\\n]|\\[^\n])*'/, 'unterminated character constant', at),
    );
  if (first === '.' && !/^\.\d/.test(rest))
    return name('.', TERMINATOR.test(rest.slice(1)) ? 'dot' : 'field', rest, at);
  if (first === '$') return name('$', 'variable', rest, at);
  if (/^[+\-.0-9]/.test(rest)) return number(rest, at);
  if (WORD.test(rest)) return word(rest, at);
  if (/^[\x21-\x7e]/.test(rest)) return make('other', 1);
  return fail(
    `unrecognized character in action: ${nameOfChar(String.fromCodePoint(rest.codePointAt(0) ?? 0))}`,
    at,
  );
}

function quotedLength(rest: string, pattern: RegExp, message: string, at: number): number {
  return pattern.exec(rest)?.[0].length ?? fail(message, at);
}

/** `.Name`, `$name`, or the bare `.` and `$`. */
function name(mark: string, kind: TokenKind, rest: string, at: number): Token {
  const text = mark + (WORD.exec(rest.slice(1))?.[0] ?? '');
  checkEnd(rest, text, at);
  return { kind, text, at };
}

function word(rest: string, at: number): Token {
  const text = WORD.exec(rest)?.[0] ?? '';
  checkEnd(rest, text, at);
  const kind = KEYWORDS.has(text)
    ? 'keyword'
    : text === 'true' || text === 'false'
      ? 'bool'
      : text === 'nil'
        ? 'nil'
        : 'identifier';
  return { kind, text, at };
}

function checkEnd(rest: string, text: string, at: number): void {
  const after = rest.slice(text.length);
  if (!TERMINATOR.test(after))
    fail(`bad character ${nameOfChar(String.fromCodePoint(after.codePointAt(0) ?? 0))}`, at);
}

function number(rest: string, at: number): Token {
  const text = NUMBER.exec(rest)?.[0] ?? '';
  const next = WORD.test(rest.slice(text.length)) ? rest.charAt(text.length) : '';
  if (next !== '') fail(`bad number syntax: ${JSON.stringify(text + next)}`, at);
  return { kind: 'number', text, at };
}
