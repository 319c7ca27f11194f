/** JSON as Go writes it. */
import { isObject } from './exact-json.ts';
import { byBytes } from './text.ts';

/** How to write: `indent` spaces a level (0: on one line), and whether `<`, `>` and `&` are escaped. */
interface JsonStyle {
  readonly indent: number;
  readonly escapeHtml: boolean;
}

/** What `docker service inspect` prints with. */
export const INDENTED: JsonStyle = { indent: 4, escapeHtml: true };
export const COMPACT: JsonStyle = { indent: 0, escapeHtml: true };
/** What the `json` function of docker's templates writes with. */
export const IN_TEMPLATE: JsonStyle = { indent: 0, escapeHtml: false };

/** A plain value as Go's encoding/json writes it, with no line break at the end. */
export function goJson(value: unknown, style: JsonStyle): string {
  return write(value, style, '');
}

function write(value: unknown, style: JsonStyle, margin: string): string {
  const inner = margin + ' '.repeat(style.indent);
  const bracket = (open: string, items: readonly string[], close: string): string =>
    items.length === 0 || style.indent === 0
      ? `${open}${items.join(',')}${close}`
      : `${open}\n${inner}${items.join(`,\n${inner}`)}\n${margin}${close}`;
  if (Array.isArray(value))
    return bracket(
      '[',
      value.map((item) => write(item, style, inner)),
      ']',
    );
  if (isObject(value)) {
    const colon = style.indent > 0 ? ': ' : ':';
    const entries = orderedEntries(value).map(
      ([key, item]) => `${goString(key, style)}${colon}${write(item, style, inner)}`,
    );
    return bracket('{', entries, '}');
  }
  if (typeof value === 'string') return goString(value, style);
  if (typeof value === 'bigint') return String(value);
  return value === undefined ? 'null' : JSON.stringify(value);
}

/**
 * An object's entries as the engine sent them. JavaScript moves keys that look like array indexes to the front;
 * only Go's maps have such keys, and those come sorted by their bytes.
 */
function orderedEntries(object: Record<string, unknown>): [string, unknown][] {
  const entries = Object.entries(object).filter(([, item]) => item !== undefined);
  if (!entries.some(([key]) => /^\d+$/.test(key))) return entries;
  return entries.sort(([a], [b]) => byBytes(a, b));
}

function goString(text: string, { escapeHtml }: JsonStyle): string {
  return JSON.stringify(text)
    .replace(/[\u2028\u2029]/g, (char) => (char === '\u2028' ? '\\u2028' : '\\u2029'))
    .replace(/[<>&]/g, (char) => (escapeHtml ? `\\u00${char.charCodeAt(0).toString(16)}` : char));
}
