/** The templates of a spec: the engine fills them in for each task (swarmkit template/context.go and template/expand.go). */
import { TemplateError, UnreadError } from './error.ts';
import { SPEC_FUNCTIONS } from './functions.ts';
import { readTemplate } from './template.ts';
import { STRING, mapOf, pointerTo, value } from './values.ts';
import type { GoType } from './values.ts';

const DIALECT = { functions: SPEC_FUNCTIONS, needsKeys: true };

/** What the engine can read and this folder cannot, beside an `UnreadError`. */
const NOT_READ = /\{\{-?\s*(?:define|template|block)\b/;

const struct = (name: string, fields: Readonly<Record<string, GoType>>): GoType => ({
  kind: 'struct',
  name,
  fields: Object.entries(fields).map(([field, type]) => ({ name: field, type, embedded: false })),
});
const texts = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, STRING]));

const CONTEXT = pointerTo(
  struct('template.Context', {
    Service: struct('struct { ID string; Name string; Labels map[string]string }', {
      ...texts('ID', 'Name'),
      Labels: mapOf(STRING),
    }),
    Node: struct('struct { ID string; Hostname string; Platform template.Platform }', {
      ...texts('ID', 'Hostname'),
      Platform: struct('template.Platform', texts('Architecture', 'OS')),
    }),
    Task: struct('struct { ID string; Name string; Slot string }', texts('ID', 'Name', 'Slot')),
  }),
);

/** The task that the engine tries a spec's templates with. It has no labels (swarmkit controlapi validateContainerSpec). */
const TRIED = value(CONTEXT, {
  Service: { ID: 'serviceid', Name: 'servicename' },
  Node: { ID: 'nodeid', Hostname: 'nodeHostname', Platform: { Architecture: 'architecture', OS: 'os' } },
  Task: { ID: '', Name: 'servicename.1.', Slot: '1' },
});

/**
 * The text that the engine makes of a template when it checks a spec.
 * @returns the error, one line, if the engine refuses the template
 */
export function triedText(template: string): { readonly text: string } | { readonly error: string } {
  if (!template.includes('{{') || NOT_READ.test(template)) return { text: template };
  try {
    return { text: readTemplate(template, DIALECT).text(TRIED) };
  } catch (error) {
    if (error instanceof UnreadError) return { text: template };
    if (!(error instanceof TemplateError)) throw error;
    return { error: error.message };
  }
}
