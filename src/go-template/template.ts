/** Go's text/template with docker's functions: what this folder offers. */
import { TemplateError } from './error.ts';
import { runNodes } from './evaluate.ts';
import { FUNCTIONS, HEADER_FUNCTIONS } from './functions.ts';
import { parse } from './parse.ts';
import type { Functions, Maybe } from './values.ts';

/** A template that was read. */
export interface Template {
  /** The text that it makes of a value. @throws TemplateError with the position of what failed */
  text(dot: Maybe): string;
  /** The header of a table: the text it makes of a row of titles, as far as it can be made. */
  header(dot: Maybe): string;
}

/** Whose template it is: what it may call, and whether a key that a map does not have is an error. */
interface Dialect {
  readonly functions: Functions;
  readonly needsKeys: boolean;
}

const DOCKER: Dialect = { functions: FUNCTIONS, needsKeys: false };

/**
 * Reads a template.
 * @throws TemplateError with the line of what can't be read
 */
export function readTemplate(text: string, dialect = DOCKER): Template {
  const nodes = parse(text, new Set(Object.keys(dialect.functions)));
  const made = (functions: Functions, dot: Maybe, isPartial: boolean): string => {
    let written = '';
    const write = (part: string) => (written += part);
    const { needsKeys } = dialect;
    const variables = [{ name: '$', value: dot }];
    const current = { place: { start: 0, end: 0, at: 0 } };
    try {
      runNodes({ text, functions, needsKeys, write, variables, dot, current }, nodes);
    } catch (error) {
      if (!isPartial || !(error instanceof TemplateError)) throw error;
    }
    return written;
  };
  return {
    text: (dot) => made(dialect.functions, dot, false),
    header: (dot) => made(HEADER_FUNCTIONS, dot, true),
  };
}
