/** A template's text to its nodes; every error is Go's, with its line. */
import type { Branch, Node, Pipe } from './ast.ts';
import { lex } from './lex.ts';
import { parsePipe } from './parse-pipe.ts';
import { unquote } from './literals.ts';
import { cursor } from './tokens.ts';
import type { Tokens } from './tokens.ts';

/** A template that was read. */
export interface Parsed {
  readonly text: string;
  readonly nodes: readonly Node[];
  /** What `define` and `block` named. */
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}

/** What is known while reading. */
export interface Scope {
  readonly tokens: Tokens;
  readonly functions: ReadonlySet<string>;
  /** Names of the variables that can be seen, the innermost last. */
  readonly variables: string[];
  readonly defined: Map<string, readonly Node[]>;
  rangeDepth: number;
}

/**
 * Reads a template.
 * @param functions the names of the functions that it may call
 * @throws TemplateError
 */
export function parse(text: string, functions: ReadonlySet<string>): Parsed {
  const tokens = cursor(text, lex(text));
  const scope: Scope = { tokens, functions, variables: ['$'], defined: new Map(), rangeDepth: 0 };
  const { nodes, ending } = parseList(scope, true);
  if (ending !== undefined) tokens.fail(`unexpected {{${ending}}}`);
  return { text, nodes, defined: scope.defined };
}

type Ending = 'end' | 'else';

interface List {
  readonly nodes: readonly Node[];
  readonly ending: Ending | undefined;
}

/** Nodes up to the `{{end}}` or `{{else` that ends them; at the top up to the end of the text. */
function parseList(scope: Scope, isTop: boolean): List {
  const { tokens } = scope;
  const nodes: Node[] = [];
  for (;;) {
    const token = tokens.next(false);
    if (token.kind === 'end') {
      if (!isTop) tokens.fail('unexpected EOF');
      return { nodes, ending: undefined };
    }
    if (token.kind === 'text') {
      nodes.push({ kind: 'text', at: token.at, text: token.text });
      continue;
    }
    if (token.kind !== 'open') tokens.unexpected(token, 'input');
    const node = parseAction(scope, isTop);
    if (node === 'end' || node === 'else') return { nodes, ending: node };
    if (node !== undefined) nodes.push(node);
  }
}

/** What follows `{{`. */
function parseAction(scope: Scope, isTop: boolean): Node | Ending | undefined {
  const { tokens } = scope;
  const token = tokens.peek();
  if (token.kind !== 'keyword') {
    return { kind: 'action', at: token.at, pipe: parsePipe(scope, 'command', 'close') };
  }
  tokens.next();
  switch (token.text) {
    case 'if':
    case 'with':
    case 'range':
      return parseBranch(scope, token.text, token.at);
    case 'end':
      tokens.expect('close', 'end');
      return 'end';
    case 'else': {
      // `{{else if` is `{{else}}{{if`: the branch that it belongs to reads on.
      const { kind, text } = tokens.peek();
      if (kind !== 'keyword' || (text !== 'if' && text !== 'with')) tokens.expect('close', 'else');
      return 'else';
    }
    case 'break':
    case 'continue': {
      const next = tokens.next();
      if (next.kind !== 'close') tokens.unexpected(next, `{{${token.text}}}`);
      if (scope.rangeDepth === 0) tokens.fail(`{{${token.text}}} outside {{range}}`);
      return { kind: token.text, at: token.at };
    }
    case 'define':
      if (!isTop) tokens.unexpected(token, 'command');
      parseDefine(scope);
      return undefined;
    case 'block':
      return parseBlock(scope);
    default:
      return parseTemplate(scope);
  }
}

function parseBranch(scope: Scope, kind: Branch['kind'], at: number): Branch {
  const { tokens, variables } = scope;
  const visible = variables.length;
  const pipe = parsePipe(scope, kind, 'close');
  if (kind === 'range') scope.rangeDepth += 1;
  const body = parseList(scope, false);
  if (kind === 'range') scope.rangeDepth -= 1;
  const otherwise = body.ending === 'else' ? parseElse(scope, kind) : [];
  variables.length = visible;
  return { kind, at, pipe, body: body.nodes, otherwise };

  function parseElse(inner: Scope, outer: Branch['kind']): readonly Node[] {
    const next = tokens.peek();
    if (next.kind === 'keyword' && next.text === outer && outer !== 'range') {
      tokens.next();
      return [parseBranch(inner, outer, next.at)];
    }
    const { nodes, ending } = parseList(inner, false);
    if (ending !== 'end') tokens.fail(`expected end; found {{else}}`);
    return nodes;
  }
}

function nameOf({ tokens }: Scope, context: string): { readonly name: string; readonly at: number } {
  const token = tokens.next();
  if (token.kind !== 'string' && token.kind !== 'rawString') tokens.unexpected(token, context);
  return { name: unquote(token.text) ?? tokens.fail('invalid syntax'), at: token.at };
}

/** `{{define "name"}}...{{end}}`, or the inside of a block: nodes of their own, with none of the variables. */
function parseDefinition(scope: Scope, name: string, context: string): void {
  const inner: Scope = { ...scope, variables: ['$'], rangeDepth: 0 };
  const { nodes, ending } = parseList(inner, false);
  if (ending !== 'end') scope.tokens.fail(`unexpected {{else}} in ${context}`);
  scope.defined.set(name, nodes);
}

function parseDefine(scope: Scope): void {
  const { name } = nameOf(scope, 'define clause');
  scope.tokens.expect('close', 'define clause');
  parseDefinition(scope, name, 'define clause');
}

function parseBlock(scope: Scope): Node {
  const { name, at } = nameOf(scope, 'block clause');
  const pipe = parsePipe(scope, 'block clause', 'close');
  parseDefinition(scope, name, 'block clause');
  return { kind: 'template', at, name, pipe };
}

function parseTemplate(scope: Scope): Node {
  const { name, at } = nameOf(scope, 'template clause');
  let pipe: Pipe | undefined;
  if (scope.tokens.peek().kind === 'close') scope.tokens.next();
  else pipe = parsePipe(scope, 'template clause', 'close');
  return { kind: 'template', at, name, pipe };
}
