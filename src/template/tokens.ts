/** A cursor over tokens, and the words of errors about them. */
import { TemplateError } from './error.ts';
import type { Token, TokenKind } from './lex.ts';

export interface Tokens {
  /** The next token, left where it is; with `skipSpace` the next that is no white space. */
  peek(skipSpace?: boolean): Token;
  next(skipSpace?: boolean): Token;
  /** Puts back all that was read since `mark`. */
  mark(): number;
  reset(mark: number): void;
  /** Takes a token of a kind, or throws. */
  expect(kind: TokenKind, context: string): Token;
  /** Throws what Go says of a token that can't stand there. */
  unexpected(token: Token, context: string): never;
  /** Throws with the line of the token that was read last. */
  fail(message: string): never;
}

/** A cursor at the first token of `text`. */
export function cursor(text: string, tokens: readonly Token[]): Tokens {
  const end: Token = { kind: 'end', text: '', at: text.length };
  let index = 0;
  let last = end;
  let actionLine = 0;
  const lineOf = (at: number): number => text.slice(0, at).split('\n').length;
  const skip = (skipSpace: boolean): number =>
    skipSpace && tokens[index]?.kind === 'space' ? index + 1 : index;
  const self: Tokens = {
    peek: (skipSpace = true) => {
      last = tokens[skip(skipSpace)] ?? end;
      return last;
    },
    next: (skipSpace = true) => {
      const token = self.peek(skipSpace);
      index = skip(skipSpace) + 1;
      if (token.kind === 'open') actionLine = lineOf(token.at);
      return token;
    },
    mark: () => index,
    reset: (mark) => {
      index = mark;
    },
    expect: (kind, context) => {
      const token = self.next();
      return token.kind === kind ? token : self.unexpected(token, context);
    },
    unexpected: (token, context) => {
      last = token;
      if (token.kind !== 'error') return self.fail(`unexpected ${describe(token)} in ${context}`);
      if (actionLine === 0 || actionLine === lineOf(token.at)) return self.fail(token.text);
      const started = `started at :${actionLine}`;
      return self.fail(`${token.text}${token.text.endsWith(' action') ? ' ' : ' in action '}${started}`);
    },
    fail: (message) => {
      throw new TemplateError(`template: :${lineOf(last.at)}: ${message}`);
    },
  };
  return self;
}

const LONGEST = 10;

function describe({ kind, text }: Token): string {
  if (kind === 'end') return 'EOF';
  if (kind === 'keyword' || kind === 'nil') return `<${text}>`;
  const chars = Array.from(text);
  return chars.length > LONGEST
    ? `${JSON.stringify(chars.slice(0, LONGEST).join(''))}...`
    : JSON.stringify(text);
}
