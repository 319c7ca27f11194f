/** What --format means: on `ps` and `history` over rows, on `inspect` over services. Loaded only where one was given. */
import type { Service } from '../api/service.ts';
import { SwarmrollError } from '../errors.ts';
import { serviceType } from '../go-template/docker-fields.ts';
import { TemplateError } from '../go-template/error.ts';
import { readTemplate } from '../go-template/template.ts';
import type { Template } from '../go-template/template.ts';
import { STRING, mapOf, pointerTo, record, value } from '../go-template/values.ts';
import type { GoType } from '../go-template/values.ts';
import { COMPACT, goJson } from '../values/go-json.ts';
import { byBytes } from '../values/text.ts';

const TABLE = 'table';

/** The rows of a command, as templates see them. */
interface RowType {
  /** The names of the fields, and the titles of their columns. */
  readonly titles: object;
  /** The field that {{.}} prints. */
  readonly shown: string;
  /** The template of the format "raw", if there is one. */
  readonly raw?: { readonly full: string; readonly quiet: string };
}

/** Prints rows; throws SwarmrollError where a template fails on one. */
type RowFormat = (rows: readonly object[]) => string;

/**
 * Reads --format of a command that prints rows, as given: "json", "table TEMPLATE", a template or, on `ps`, "raw".
 * @throws SwarmrollError `refused` for a template that does not parse
 */
export async function readRowFormat(format: string, rows: RowType, quiet = false): Promise<RowFormat> {
  const draw = isTableFormat(format) ? (await import('../render/table.ts')).drawTable : undefined;
  const raw = format === 'raw' ? rows.raw?.[quiet ? 'quiet' : 'full'] : undefined;
  const template = read(raw ?? rowTemplate(format), format);
  const type = rowType(rows);
  return (list) => {
    const body = list.map((row) => `${run(() => template.text(value(type, row)))}\n`).join('');
    return draw === undefined ? body : draw(`${template.header(value(mapOf(STRING), rows.titles))}\n${body}`);
  };
}

/** A row as templates see it. docker's JSON has sorted keys and escapes `<`. */
function rowType({ titles, shown }: RowType): GoType {
  return pointerTo({
    kind: 'struct',
    name: 'task.taskContext',
    fields: Object.keys(titles).map((name) => ({ name, type: STRING, embedded: false })),
    own: {
      shows: ({ data }) => String(record(data)[shown]),
      json: ({ data }) => {
        const entries = Object.entries(record(data)).sort(([a], [b]) => byBytes(a, b));
        return goJson(Object.fromEntries(entries), COMPACT);
      },
    },
  });
}

export const isTableFormat = (format: string): boolean => format.startsWith(TABLE);

function rowTemplate(format: string): string {
  if (format === 'json') return '{{json .}}';
  return format
    .slice(isTableFormat(format) ? TABLE.length : 0)
    .replace(/^ +| +$/g, '')
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n');
}

/** Prints one service; throws SwarmrollError where the template fails on it. */
type ServiceFormat = (service: Service) => string;

/**
 * Reads a template of `inspect --format`.
 * @throws SwarmrollError `refused` for a template that does not parse
 */
export function readServiceFormat(format: string): ServiceFormat {
  const template = read(format, format);
  const type = serviceType();
  return (service) => run(() => template.text(value(type, service)));
}

function read(template: string, given: string): Template {
  return run(() => readTemplate(template), `invalid argument ${JSON.stringify(given)} for --format: `);
}

/** Runs a step of a template. docker ends with 1 whether a template does not parse or fails on a row or a service. */
function run<T>(step: () => T, where = ''): T {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new SwarmrollError('refused', `${where}template parsing error: ${error.message}`);
  }
}
