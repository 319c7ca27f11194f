/** Selects the services of a command: by name, by stack, or by filter. */
import type { Service } from '../api/service.ts';
import { STACK_LABEL } from '../api/stack-labels.ts';
import type { Call } from '../command-line/command.ts';
import type { Flag } from '../command-line/flag.ts';
import type { Engine, Filters } from '../engine/client.ts';
import { findServices, noSuchServices } from '../engine/find-services.ts';
import { SwarmrollError, usageError } from '../errors.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { splitOnce } from '../values/text.ts';
import { nonEmpty, strings } from '../values/value.ts';

const stack: Flag<string> = {
  name: 'stack',
  type: nonEmpty,
  group: 'Services',
  names: 'stacks',
  help: 'Select all services of this stack',
};

const filter: Flag<string[]> = {
  name: 'filter',
  short: 'f',
  type: strings,
  group: 'Services',
  help: 'Select all services that match, as docker service ls --filter does: name= (also the start of a name), id=, label=, mode=',
};

export const SELECTION_FLAGS: readonly Flag[] = [stack, filter];

const FILTERS: ReadonlySet<string> = new Set(['id', 'label', 'mode', 'name']);

/**
 * The filters of --stack and --filter, for the Engine API; undefined if there are none.
 * @param command the command's name, for messages
 * @throws SwarmrollError `usage` for a wrong filter, or if there are neither filters nor operands
 */
export function selectionOf({ given, operands, world }: Call, command: string): Filters | undefined {
  const filters: Record<string, string[]> = {};
  const name = given.get(stack);
  if (name !== undefined) filters['label'] = [`${STACK_LABEL}=${name}`];
  for (const text of given.get(filter) ?? []) {
    const [key, value] = splitOnce(text, '=');
    if (value === undefined || !FILTERS.has(key)) {
      throw usageError(
        `invalid argument ${JSON.stringify(text)} for --filter: must be id=, label=, mode= or name=`,
      );
    }
    // It would match all services, or all that have the label, whatever its value (swarmkit filterMatchLabels).
    if (value === '' || (key === 'label' && splitOnce(value, '=')[1] === ''))
      throw usageError(`invalid argument ${JSON.stringify(text)} for --filter: the value is empty`);
    filters[key] = [...(filters[key] ?? []), value];
  }
  const selects = Object.keys(filters).length > 0;
  if (!selects && operands.length === 0) {
    throw usageError(
      `${command} needs a service, --stack or --filter`,
      `usage: ${world.program} ${command} [flags] [SERVICE...]`,
    );
  }
  return selects ? filters : undefined;
}

/**
 * The services, without duplicates: first those of `refs` in their order, then those of the filters, sorted by name.
 * @param refs names, ids, or unique prefixes of ids
 * @param selection the filters, if any
 * @throws SwarmrollError `notFound` if a reference or the filters match no service
 */
export async function selectServices(
  engine: Engine,
  refs: readonly string[],
  selection: Filters | undefined,
  signal: AbortSignal,
): Promise<readonly Service[]> {
  const [candidates, selected] = await Promise.all([
    refs.length === 0 ? [] : engine.services({}, signal),
    selection === undefined ? [] : engine.services(selection, signal),
  ]);
  const { services, missing } = findServices(refs, candidates);
  if (missing.length > 0) throw noSuchServices(missing, engine.host);
  if (selection !== undefined && selected.length === 0) {
    throw new SwarmrollError('notFound', `no service matches ${describe(selection)}`, {
      hint: `asked ${engine.host}; list the services with: docker service ls`,
    });
  }
  const byName = [...selected].sort((a, b) => compareNaturally(a.Spec.Name ?? '', b.Spec.Name ?? ''));
  return [...new Map([...services, ...byName].map((service) => [service.ID, service])).values()];
}

/** The filters in a message: "stack app", "label=tier=web and name=api". */
function describe(selection: Filters): string {
  return Object.entries(selection)
    .flatMap(([key, values]) =>
      values.map((value) => {
        const [label, name = ''] = splitOnce(value, '=');
        return key === 'label' && label === STACK_LABEL ? `stack ${name}` : `${key}=${value}`;
      }),
    )
    .join(' and ');
}
