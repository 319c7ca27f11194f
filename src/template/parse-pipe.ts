/** What stands between `{{` and `}}`: commands joined by pipes. */
import type { Command, Operand, Pipe } from './ast.ts';
import { quote } from './ast.ts';
import type { Token, TokenKind } from './lex.ts';
import { readNumber, unquote } from './literals.ts';
import type { Scope } from './parse.ts';

/** Kinds of token that an operand can start with. */
const OPERANDS = new Set<TokenKind>([
  'bool',
  'char',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
]);

/** Reads a pipeline up to and with `close`; `context` names it in errors. */
export function parsePipe(scope: Scope, context: string, close: 'close' | 'rightParen'): Pipe {
  const { tokens } = scope;
  const { at } = tokens.peek();
  const { variables, assigns } = parseVariables(scope, context);
  const commands: Command[] = [];
  for (;;) {
    const token = tokens.peek();
    if (token.kind === close) {
      tokens.next();
      checkStages(scope, commands, context);
      return { kind: 'pipe', at, variables, assigns, commands };
    }
    if (!OPERANDS.has(token.kind)) tokens.unexpected(token, context);
    commands.push(parseCommand(scope));
  }
}

function checkStages({ tokens }: Scope, commands: readonly Command[], context: string): void {
  if (commands.length === 0) tokens.fail(`missing value for ${context}`);
  for (const [index, { args }] of commands.entries()) {
    if (index > 0 && ['bool', 'dot', 'nil', 'number', 'string'].includes(args[0].kind)) {
      tokens.fail(`non executable command in pipeline stage ${index + 1}`);
    }
  }
}

/** `$x :=`, `$x =`, and `$i, $x :=` of a range. */
function parseVariables(
  { tokens, variables: visible }: Scope,
  context: string,
): Pick<Pipe, 'variables' | 'assigns'> {
  const variables: string[] = [];
  for (;;) {
    const start = tokens.mark();
    const variable = tokens.peek();
    if (variable.kind !== 'variable') return { variables, assigns: false };
    tokens.next();
    const after = tokens.peek();
    if (after.kind === 'declare' || after.kind === 'assign') {
      tokens.next();
      visible.push(variable.text);
      return { variables: [...variables, variable.text], assigns: after.kind === 'assign' };
    }
    if (after.kind !== 'other' || after.text !== ',') {
      // An operand, not a declaration.
      tokens.reset(start);
      return { variables, assigns: false };
    }
    tokens.next();
    visible.push(variable.text);
    variables.push(variable.text);
    if (context !== 'range' || variables.length > 1) tokens.fail(`too many declarations in ${context}`);
    if (!['variable', 'close', 'rightParen'].includes(tokens.peek().kind)) {
      tokens.fail('range can only initialize variables');
    }
  }
}

function parseCommand(scope: Scope): Command {
  const { tokens } = scope;
  const { at } = tokens.peek();
  const args: Operand[] = [];
  for (;;) {
    const operand = parseOperand(scope);
    if (operand !== undefined) args.push(operand);
    const token = tokens.peek(false);
    if (token.kind === 'space') {
      tokens.next(false);
      continue;
    }
    if (token.kind === 'pipe') tokens.next();
    else if (token.kind !== 'close' && token.kind !== 'rightParen') tokens.unexpected(token, 'operand');
    break;
  }
  const [first, ...others] = args;
  if (first === undefined) return tokens.fail('empty command');
  return { kind: 'command', at, args: [first, ...others] };
}

/** A term and the fields that are asked of it; undefined where none stands here. */
function parseOperand(scope: Scope): Operand | undefined {
  const { tokens } = scope;
  const term = parseTerm(scope);
  const first = tokens.peek(false);
  if (term === undefined || first.kind !== 'field') return term;
  const names: string[] = [];
  while (tokens.peek(false).kind === 'field') names.push(tokens.next(false).text.slice(1));
  switch (term.kind) {
    case 'field':
    case 'variable':
      return { ...term, at: first.at, names: [...term.names, ...names] };
    case 'bool':
    case 'string':
    case 'number':
    case 'nil':
    case 'dot':
      return tokens.fail(`unexpected . after term ${JSON.stringify(quote(term))}`);
    default:
      return { kind: 'chain', at: first.at, base: term, names };
  }
}

function parseTerm(scope: Scope): Operand | undefined {
  const { tokens, functions, variables } = scope;
  const token = tokens.peek();
  if (!OPERANDS.has(token.kind)) return undefined;
  tokens.next();
  const { at, text } = token;
  switch (token.kind) {
    case 'identifier':
      if (!functions.has(text)) tokens.fail(`function ${JSON.stringify(text)} not defined`);
      return { kind: 'function', at, name: text };
    case 'variable':
      if (!variables.includes(text)) tokens.fail(`undefined variable ${JSON.stringify(text)}`);
      return { kind: 'variable', at, name: text, names: [] };
    case 'field':
      return { kind: 'field', at, names: [text.slice(1)] };
    case 'bool':
      return { kind: 'bool', at, value: text === 'true' };
    case 'leftParen':
      return parsePipe(scope, 'parenthesized pipeline', 'rightParen');
    case 'dot':
    case 'nil':
      return { kind: token.kind, at };
    default:
      return parseLiteral(scope, token);
  }
}

function parseLiteral({ tokens }: Scope, { kind, at, text }: Token): Operand {
  if (kind === 'string' || kind === 'rawString') {
    return { kind: 'string', at, quoted: text, value: unquote(text) ?? tokens.fail('invalid syntax') };
  }
  const number = readNumber(text);
  if (number === undefined) {
    return tokens.fail(
      kind === 'char'
        ? `malformed character constant: ${text}`
        : `illegal number syntax: ${JSON.stringify(text)}`,
    );
  }
  return { kind: 'number', at, text, number };
}
