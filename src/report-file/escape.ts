/** Text from outside in HTML and SVG. Pure. */
import { printable } from '../values/printable.ts';

/** A part of a page. Only `markup` and `trusted` make one, so text that was not escaped does not compile. */
export interface Html {
  readonly html: string;
}

type Part = Html | string | number | readonly (Html | string | number)[];

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
  // If a CI log prints this file, no line of it is a workflow command (workflow-commands.ts).
  '::': ':&#58;',
  '##[': '##&#91;',
};

/** The text as characters of an element, or of an attribute in quotes. */
const htmlEscaped = (text: string): string =>
  printable(text).replace(/[&<>"'`]|::|##\[/g, (found) => REFERENCES[found] ?? found);

const textOf = (part: Part): string => {
  if (typeof part === 'string') return htmlEscaped(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(textOf).join('');
};

/** A template literal of which every value is escaped, except other parts of the page. */
export const markup = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html => ({
  html: strings
    .map((text, index) => `${text}${index < parts.length ? textOf(parts[index] ?? '') : ''}`)
    .join(''),
});

/** Own text of this program, as it is. */
export const trusted = (text: string): Html => ({ html: text });

/** Parts one after the other, each on a line of its own. Parts without content have no line. */
export const lines = (parts: readonly Html[]): Html =>
  trusted(
    parts
      .map(({ html }) => html)
      .filter((html) => html !== '')
      .join('\n'),
  );

export const NOTHING = trusted('');
