/** Go's text/template with docker's functions: the door to this folder. */
import { COMPARISONS } from './compare.ts';
import { DOCKER_FUNCTIONS, HEADER_FUNCTIONS } from './docker-functions.ts';
import { TemplateError } from './error.ts';
import { execute } from './exec.ts';
import { GO_FUNCTIONS } from './functions.ts';
import type { Functions } from './functions.ts';
import type { Maybe } from './go-types.ts';
import { parse } from './parse.ts';

const FUNCTIONS: Functions = { ...GO_FUNCTIONS, ...COMPARISONS, ...DOCKER_FUNCTIONS };
const NAMES = new Set(Object.keys(FUNCTIONS));

/** A template that was read. */
export interface Template {
  /** The text that it makes of a value. @throws TemplateError with the position of what failed */
  text(data: Maybe): string;
  /** The header of a table: the text it makes of a row of titles, as far as it can be made. */
  header(data: Maybe): string;
}

/**
 * Reads a template.
 * @throws TemplateError with the line of what can't be read
 */
export function readTemplate(text: string): Template {
  const parsed = parse(text, NAMES);
  return {
    text: (data) => {
      let out = '';
      execute(parsed, FUNCTIONS, data, (more) => (out += more));
      return out;
    },
    header: (data) => {
      let out = '';
      try {
        execute(parsed, { ...FUNCTIONS, ...HEADER_FUNCTIONS }, data, (more) => (out += more));
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
      }
      return out;
    },
  };
}
