/** Cuts a template's text into tokens: plain text, and the parts of the actions between `{{` and `}}`. */
import { failAt } from './error.ts';

/** `\x60` is a backquote. */
const QUOTED = String.raw`"(?:[^"\\\n]|\\[^\n])*"|\x60[^\x60]*\x60`;
/** What looks like a constant of one character, and what is a valid one. */
const SINGLE = String.raw`'(?:[^'\\\n]|\\[^\n])*'`;
const CHARACTER = String.raw`'(?:[^'\\\n]|\\(?:[abfnrtv\\']|[0-7]{3}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}))'`;
const NAME = String.raw`[\p{L}_][\p{L}\p{Nd}_]*`;

/** What the tokens of an action look like, by kind. */
const KINDS = {
  string: QUOTED,
  character: CHARACTER,
  // All that could belong to a number; the parser checks it.
  number: String.raw`[+-]?\.?\d(?:[eEpP][+-]|[\w.])*(?:[+-](?:[eEpP][+-]|[\w.])*i)?`,
  field: String.raw`\.${NAME}`,
  variable: String.raw`\$[\p{L}\p{Nd}_]*`,
  word: NAME,
  mark: ':=|[^]',
};
const TOKEN = new RegExp(
  `([ \\t\\r\\n]*)(?:${Object.entries(KINDS)
    .map(([kind, pattern]) => `(?<${kind}>${pattern})`)
    .join('|')})`,
  'gu',
);

const COMMENT = String.raw`/\*(?:(?!\*/)[^])*\*/`;
/** An action and what is inside; `{{- ` and ` -}}` remove the white space outside. */
const ACTION = new RegExp(
  String.raw`\{\{(-[ \t\r\n])?(${COMMENT}|(?!/\*)(?:${QUOTED}|${SINGLE}|(?!\}\})[^"\x60'])*?)([ \t\r\n]-)?\}\}`,
  'y',
);

export interface Token {
  readonly kind: 'text' | 'open' | keyof typeof KINDS | 'close' | 'end';
  /** As written. */
  readonly text: string;
  /** Its offset in the template. */
  readonly at: number;
  /** True where white space stands before it: `.A .B` are two operands, `.A.B` is one. */
  readonly spaced: boolean;
}

/**
 * All tokens; the last is `end`.
 * @throws TemplateError for an action without end
 */
export function lex(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', at)) {
    ACTION.lastIndex = open;
    const match = ACTION.exec(text) ?? failAt(text, open, 'unclosed action, comment or quoted string');
    const [whole, before, body = '', after] = match;
    const plain = text.slice(at, open);
    tokens.push({ kind: 'text', text: before === undefined ? plain : plain.trimEnd(), at, spaced: false });
    if (!body.startsWith('/*')) {
      tokens.push({ kind: 'open', text: '{{', at: open, spaced: false });
      tokens.push(...lexAction(body.trimEnd(), open + (before === undefined ? 2 : 4)));
      tokens.push({ kind: 'close', text: '}}', at: open + whole.length - 2, spaced: false });
    }
    at = open + whole.length;
    if (after !== undefined) at += text.slice(at).length - text.slice(at).trimStart().length;
  }
  tokens.push({ kind: 'text', text: text.slice(at), at, spaced: false });
  return [...tokens, { kind: 'end', text: '', at: text.length, spaced: false }];
}

function lexAction(body: string, start: number): Token[] {
  return Array.from(body.matchAll(TOKEN), ({ index, groups = {}, 1: space = '' }) => {
    const [kind, text = ''] = Object.entries(groups).find(([, found]: [string, unknown]) => found) ?? [];
    return { kind: kind as Token['kind'], text, at: start + index + space.length, spaced: space !== '' };
  });
}
