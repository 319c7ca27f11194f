/** What --format means: on `ps` over rows, on `inspect` over services. Loaded only where one was given. */
import type { Service } from '../api/service.ts';
import { SwarmrollError, usageError } from '../errors.ts';
import { serviceType } from '../go-template/docker-fields.ts';
import { TemplateError } from '../go-template/error.ts';
import { readTemplate } from '../go-template/template.ts';
import type { Template } from '../go-template/template.ts';
import { STRING, mapOf, pointerTo, record, value } from '../go-template/values.ts';
import type { GoType } from '../go-template/values.ts';
import { COMPACT, goJson } from '../values/go-json.ts';
import { byBytes } from '../values/text.ts';
import type { TaskRow } from './task-rows.ts';
import { TITLES } from './task-table.ts';

const TABLE = 'table';
const RAW = [
  'id: {{.ID}}',
  'name: {{.Name}}',
  'image: {{.Image}}',
  'node: {{.Node}}',
  'desired_state: {{.DesiredState}}',
  'current_state: {{.CurrentState}}',
  'error: {{.Error}}',
  'ports: {{.Ports}}',
  '',
].join('\n');

/** Prints the rows of `ps`; throws SwarmrollError where a template fails on one. */
export type RowFormat = (rows: readonly TaskRow[]) => string;

/**
 * Reads --format of `ps`, as given: "raw", "json", "table TEMPLATE" or a template.
 * @throws SwarmrollError `usage`
 */
export async function readRowFormat(format: string, quiet: boolean): Promise<RowFormat> {
  const draw = isTableFormat(format) ? (await import('../render/table.ts')).drawTable : undefined;
  const template = read(rowTemplate(format, quiet), format);
  return (rows) => {
    const type = rowType(Object.keys(TITLES));
    const body = rows.map((row) => `${run(() => template.text(value(type, row)))}\n`).join('');
    return draw === undefined ? body : draw(`${template.header(value(mapOf(STRING), TITLES))}\n${body}`);
  };
}

/** A row as templates see it: docker's has an Error method, so that is what prints it; its JSON escapes `<`. */
function rowType(names: readonly string[]): GoType {
  return pointerTo({
    kind: 'struct',
    name: 'task.taskContext',
    fields: names.map((name) => ({ name, type: STRING, embedded: false })),
    own: {
      shows: ({ data }) => String(record(data)['Error']),
      json: ({ data }) => {
        const entries = Object.entries(record(data)).sort(([a], [b]) => byBytes(a, b));
        return goJson(Object.fromEntries(entries), COMPACT);
      },
    },
  });
}

/** Whether a format of `ps` makes a table, in which older tasks are marked. */
export const isTableFormat = (format: string): boolean => format.startsWith(TABLE);

function rowTemplate(format: string, quiet: boolean): string {
  if (format === 'raw') return quiet ? 'id: {{.ID}}' : RAW;
  if (format === 'json') return '{{json .}}';
  return format
    .slice(isTableFormat(format) ? TABLE.length : 0)
    .replace(/^ +| +$/g, '')
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n');
}

/** Prints one service; throws SwarmrollError where the template fails on it. */
export type ServiceFormat = (service: Service) => string;

/**
 * Reads a template of `inspect --format`.
 * @throws SwarmrollError `usage`
 */
export function readServiceFormat(format: string): ServiceFormat {
  const template = read(format, format);
  const type = serviceType();
  return (service) => run(() => template.text(value(type, service)));
}

function read(template: string, given: string): Template {
  try {
    return readTemplate(template);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw usageError(
      `invalid argument ${JSON.stringify(given)} for --format: template parsing error: ${error.message}`,
    );
  }
}

function run(make: () => string): string {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new SwarmrollError('refused', `template parsing error: ${error.message}`);
  }
}
