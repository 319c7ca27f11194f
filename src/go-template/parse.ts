/** Turns a template's tokens into nodes. */
import { UnreadError, failAt } from './error.ts';
import { lex } from './lex.ts';
import type { Token } from './lex.ts';
import { isUnreadNumber, readNumber, unquote } from './literals.ts';
import { bool, string } from './values.ts';
import type { Maybe } from './values.ts';

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | Branch
  | { readonly kind: 'break' | 'continue' };

export interface Branch {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

/** Commands joined by `|`; the result is perhaps kept in variables: `$i, $v := ...`. */
export interface Pipe extends Place {
  readonly kind: 'pipe';
  readonly variables: readonly string[];
  /** True for `=`: the variables exist already. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

/** What is called or looked up, and its arguments. */
export type Command = readonly [Operand, ...Operand[]];

export type Operand = Place & Term;

/** Where something stands in the template's text, for errors. */
export interface Place {
  readonly start: number;
  readonly end: number;
  /** The offset that Go names: of several fields, that of the second. */
  readonly at: number;
}

type Term =
  | { readonly kind: 'function' | 'variable'; readonly name: string }
  | { readonly kind: 'dot' }
  /** Fields of a base: `.A.B` (of the dot), `$x.A`, `(...).A`. */
  | { readonly kind: 'path'; readonly base: Operand; readonly names: readonly string[] }
  | { readonly kind: 'literal'; readonly value: Maybe }
  | Pipe;

/** How far the parser is, and what may be named there. */
interface Cursor {
  readonly text: string;
  readonly tokens: readonly Token[];
  index: number;
  readonly functions: ReadonlySet<string>;
  /** Names of the variables in scope, the innermost last. */
  readonly variables: string[];
  rangeDepth: number;
}

/**
 * Reads a template.
 * @param functions the names of the functions that it may call
 * @throws TemplateError with the line of what can't be read
 */
export function parse(text: string, functions: ReadonlySet<string>): readonly Node[] {
  const cursor: Cursor = { text, tokens: lex(text), index: 0, functions, variables: ['$'], rangeDepth: 0 };
  const nodes = parseList(cursor);
  if (peek(cursor).kind !== 'end') fail(cursor, `unexpected {{${peek(cursor).text}}}`);
  return nodes;
}

const END: Token = { kind: 'end', text: '', at: 0, spaced: false };
const peek = ({ tokens, index }: Cursor, ahead = 0): Token => tokens[index + ahead] ?? END;

const fail = ({ text, tokens, index }: Cursor, message: string): never =>
  failAt(text, tokens[index]?.at ?? text.length, message);

const unread = ({ text, tokens, index }: Cursor, what: string): never =>
  failAt(text, tokens[index]?.at ?? text.length, `${what} are not supported`, UnreadError);

function unexpected(cursor: Cursor, context: string): never {
  const { kind, text } = peek(cursor);
  return fail(cursor, `unexpected ${kind === 'end' ? 'EOF' : JSON.stringify(text)} in ${context}`);
}

/** Takes the next token if it is this word or mark. */
function take(cursor: Cursor, text: string): boolean {
  const isNext = peek(cursor).text === text;
  if (isNext) cursor.index += 1;
  return isNext;
}

function expect(cursor: Cursor, text: string, context: string): void {
  if (!take(cursor, text)) unexpected(cursor, context);
}

/** Nodes up to `{{end}}` or `{{else`, which is left with its word as the next token, or to the end of the text. */
function parseList(cursor: Cursor): readonly Node[] {
  const nodes: Node[] = [];
  for (;;) {
    const token = peek(cursor);
    if (token.kind === 'end') return nodes;
    cursor.index += 1;
    if (token.kind === 'text') nodes.push({ kind: 'text', text: token.text });
    else if (['end', 'else'].includes(peek(cursor).text)) return nodes;
    else nodes.push(parseAction(cursor));
  }
}

function parseAction(cursor: Cursor): Node {
  const { text: word } = peek(cursor);
  switch (word) {
    case 'if':
    case 'with':
    case 'range':
      cursor.index += 1;
      return parseBranch(cursor, word);
    case 'break':
    case 'continue':
      if (cursor.rangeDepth === 0) fail(cursor, `{{${word}}} outside {{range}}`);
      cursor.index += 1;
      expect(cursor, '}}', `{{${word}}}`);
      return { kind: word };
    default:
      return { kind: 'action', pipe: parsePipe(cursor, 'command', '}}') };
  }
}

function parseBranch(cursor: Cursor, kind: Branch['kind']): Branch {
  const visible = cursor.variables.length;
  const pipe = parsePipe(cursor, kind, '}}');
  const depth = kind === 'range' ? 1 : 0;
  cursor.rangeDepth += depth;
  const body = parseList(cursor);
  cursor.rangeDepth -= depth;
  const otherwise = parseElse(cursor, kind);
  cursor.variables.length = visible;
  return { kind, pipe, body, otherwise };
}

/** What follows the body of a branch, with the `{{end}}` that closes it. */
function parseElse(cursor: Cursor, kind: Branch['kind']): readonly Node[] {
  let nodes: readonly Node[] = [];
  if (take(cursor, 'else')) {
    // `{{else if` and its own `{{else` share one `{{end}}`.
    if (kind !== 'range' && take(cursor, kind)) return [parseBranch(cursor, kind)];
    expect(cursor, '}}', 'else');
    nodes = parseList(cursor);
  }
  expect(cursor, 'end', kind);
  expect(cursor, '}}', 'end');
  return nodes;
}

/** A pipeline up to and with what closes it; `context` names it in errors. */
function parsePipe(cursor: Cursor, context: string, closing: '}}' | ')'): Pipe {
  const { at } = peek(cursor);
  const { variables, assigns } = parseVariables(cursor, context);
  const commands: Command[] = [];
  while (peek(cursor).text !== closing) commands.push(parseCommand(cursor, context, commands.length));
  if (commands.length === 0) fail(cursor, `missing value for ${context}`);
  const end = at + cursor.text.slice(at, peek(cursor).at).replace(/\s+-?$/, '').length;
  cursor.index += 1;
  return { kind: 'pipe', start: at, end, at, variables, assigns, commands };
}

/** `$x :=`, `$x =`, and in a range `$i, $x :=`. */
function parseVariables(cursor: Cursor, context: string): Pick<Pipe, 'variables' | 'assigns'> {
  const count = context === 'range' && peek(cursor, 1).text === ',' ? 2 : 1;
  const tokens = [0, 2].slice(0, count).map((ahead) => peek(cursor, ahead));
  const operator = peek(cursor, count * 2 - 1).text;
  if (!tokens.every(({ kind }) => kind === 'variable') || !/^:?=$/.test(operator)) {
    return { variables: [], assigns: false };
  }
  const variables = tokens.map(({ text }) => text);
  if (operator === '=') for (const name of variables) checkVariable(cursor, name);
  cursor.variables.push(...variables);
  cursor.index += count * 2;
  return { variables, assigns: operator === '=' };
}

function checkVariable(cursor: Cursor, name: string): void {
  if (!cursor.variables.includes(name)) fail(cursor, `undefined variable ${JSON.stringify(name)}`);
}

/** Operands up to `|`, which is taken, or to what closes the pipeline; `stage` is how many commands stand before it. */
function parseCommand(cursor: Cursor, context: string, stage: number): Command {
  const first = parseOperand(cursor, context);
  if (first.kind === 'literal' && first.value === undefined) fail(cursor, 'nil is not a command');
  if (stage > 0 && ['literal', 'dot'].includes(first.kind)) {
    fail(cursor, `non executable command in pipeline stage ${stage + 1}`);
  }
  const others: Operand[] = [];
  while (!['|', '}}', ')'].includes(peek(cursor).text)) {
    if (!peek(cursor).spaced) unexpected(cursor, 'operand');
    others.push(parseOperand(cursor, 'operand'));
  }
  take(cursor, '|');
  return [first, ...others];
}

/** A term and the fields that are asked of it. */
function parseOperand(cursor: Cursor, context: string): Operand {
  const { at: start } = peek(cursor);
  const term = parseTerm(cursor, context);
  const { at } = peek(cursor);
  const names: string[] = term.kind === 'path' ? [...term.names] : [];
  let { end } = term;
  while (peek(cursor).kind === 'field' && !peek(cursor).spaced) {
    if (['literal', 'dot', 'function'].includes(term.kind)) unexpected(cursor, 'operand');
    names.push(peek(cursor).text.slice(1));
    end = peek(cursor).at + peek(cursor).text.length;
    cursor.index += 1;
  }
  if (end === term.end) return term;
  return { kind: 'path', base: term.kind === 'path' ? term.base : term, names, start, end, at };
}

function parseTerm(cursor: Cursor, context: string): Operand {
  const { at, text } = peek(cursor);
  if (take(cursor, '(')) return parsePipe(cursor, 'parenthesized pipeline', ')');
  const place = { start: at, end: at + text.length, at };
  const term = termOf(cursor, peek(cursor), place) ?? unexpected(cursor, context);
  cursor.index += 1;
  return { ...term, ...place };
}

/** What a token stands for; undefined where it is no operand. */
function termOf(cursor: Cursor, { kind, text }: Token, place: Place): Term | undefined {
  switch (kind) {
    case 'string':
      return { kind: 'literal', value: string(unquote(text) ?? fail(cursor, 'invalid syntax')) };
    case 'character':
      return unread(cursor, 'constants of one character');
    case 'number':
      if (isUnreadNumber(text)) unread(cursor, 'hexadecimal floats and imaginary numbers');
      return { kind: 'literal', value: readNumber(text) ?? fail(cursor, `illegal number syntax: "${text}"`) };
    case 'field':
      return { kind: 'path', base: { kind: 'dot', ...place }, names: [text.slice(1)] };
    case 'variable':
      checkVariable(cursor, text);
      return { kind: 'variable', name: text };
    case 'word':
      if (text === 'nil') return { kind: 'literal', value: undefined };
      if (text === 'true' || text === 'false') return { kind: 'literal', value: bool(text === 'true') };
      if (!cursor.functions.has(text)) fail(cursor, `function ${JSON.stringify(text)} not defined`);
      return { kind: 'function', name: text };
    default:
      return text === '.' ? { kind: 'dot' } : undefined;
  }
}
