/** Resource limits and reservations of a task, and related kernel settings. */
import { SwarmrollError } from '../errors.ts';
import type { GenericResource, Resources, ServiceSpec } from '../api/service.ts';
import { exactNumber } from '../values/integer.ts';
import { InvalidValue, cpus, int, listOf, single, size, strings } from '../values/value.ts';
import { storesIn } from './edits.ts';
import { container, limits, reservations, resources } from './draft.ts';
import { onBoth, refuseRepeated, listFlags } from './flag.ts';
import { asCpus, asSize, keyed } from './shown.ts';

/** A size in bytes; -1 is no limit. */
const sizeOrUnlimited = single('bytes', (text) => (text === '-1' ? -1 : size.parse([text])));

const swappiness = single('int', (text) => {
  const percent = int.parse([text]);
  if (percent < -1 || percent > 100) throw new InvalidValue('must be from 0 to 100, or -1 for the default');
  return percent;
});

interface Amount {
  readonly kind: string;
  readonly value: number;
}

/**
 * `KIND=NUMBER`. docker does not support named resources (`gpu=UUID1`) for services
 * (docker/cli cli/command/service/generic_resource_opts.go ParseGenericResources).
 */
const amounts = listOf('list', (text): Amount => {
  const [kind, value = '', ...rest] = text.split('=').map((part) => part.trim());
  if (kind === undefined || rest.length > 0 || !/^[+-]?\d+$/.test(value)) {
    throw new InvalidValue('must be KIND=NUMBER; named resources are not supported for services');
  }
  const number = BigInt(value.replace('+', ''));
  if (number < 0n) throw new InvalidValue('must not be negative');
  return { kind, value: exactNumber(number) };
});

const [generic, genericAdd, genericRm] = listFlags({
  name: 'generic-resource',
  type: amounts,
  removed: strings,
  group: 'Resources',
  help: {
    set: 'User defined resources: KIND=NUMBER',
    add: 'Add a generic resource',
    rm: 'Remove a generic resource',
  },
  shows: [keyed(`${reservations.path}.GenericResources`, genericText)],
  addsFirst: true,
  set: (draft, list) => {
    refuseRepeatedKinds('--generic-resource', list);
    reservations(draft).GenericResources = list.map(toDiscrete);
  },
  add: (draft, list) => {
    refuseRepeatedKinds('--generic-resource-add', list);
    const reserved = reservationsOnly(draft);
    const kept = (reserved.GenericResources ?? []).filter(
      ({ DiscreteResourceSpec: old }) => !list.some(({ kind }) => kind === old?.Kind),
    );
    reserved.GenericResources = [...kept, ...list.map(toDiscrete)];
  },
  rm: (draft, kinds) => {
    const reserved = reservationsOnly(draft);
    for (const kind of kinds) {
      const before = reserved.GenericResources ?? [];
      const kept = before.filter(({ DiscreteResourceSpec: old }) => old?.Kind !== kind);
      if (kept.length === before.length) {
        throw new SwarmrollError(
          'refused',
          `--generic-resource-rm: the service has no generic resource ${JSON.stringify(kind)}`,
        );
      }
      reserved.GenericResources = kept;
    }
  },
});

export const RESOURCE_FLAGS = [
  onBoth({
    name: 'limit-cpu',
    type: cpus,
    group: 'Resources',
    help: 'Limit CPUs',
    ...storesIn(limits, 'NanoCPUs', asCpus),
  }),
  onBoth({
    name: 'limit-memory',
    type: size,
    group: 'Resources',
    help: 'Limit memory',
    ...storesIn(limits, 'MemoryBytes', asSize),
  }),
  onBoth({
    name: 'limit-pids',
    type: int,
    group: 'Resources',
    help: 'Limit maximum number of processes',
    default: '0 = unlimited',
    ...storesIn(limits, 'Pids'),
  }),
  onBoth({
    name: 'reserve-cpu',
    type: cpus,
    group: 'Resources',
    help: 'Reserve CPUs',
    ...storesIn(reservations, 'NanoCPUs', asCpus),
  }),
  onBoth({
    name: 'reserve-memory',
    type: size,
    group: 'Resources',
    help: 'Reserve memory',
    ...storesIn(reservations, 'MemoryBytes', asSize),
  }),
  onBoth({
    name: 'memory-swap',
    type: sizeOrUnlimited,
    group: 'Resources',
    help: 'Limit swap (-1 for unlimited)',
    since: '1.52',
    ...storesIn(resources, 'SwapBytes', asSize),
  }),
  onBoth({
    name: 'memory-swappiness',
    type: swappiness,
    group: 'Resources',
    help: 'Tune memory swappiness (0 to 100, -1 to reset to the default)',
    since: '1.52',
    ...storesIn(resources, 'MemorySwappiness'),
  }),
  onBoth({
    name: 'oom-score-adj',
    type: int,
    group: 'Resources',
    help: "Tune host's OOM preferences (-1000 to 1000)",
    since: '1.46',
    ...storesIn(container, 'OomScoreAdj'),
  }),
  generic,
  genericAdd,
  genericRm,
];

function refuseRepeatedKinds(flag: string, list: readonly Amount[]): void {
  refuseRepeated(
    flag,
    'kind',
    list.map(({ kind }) => kind),
  );
}

const toDiscrete = ({ kind, value }: Amount): GenericResource => ({
  DiscreteResourceSpec: { Kind: kind, Value: value },
});

/**
 * The reservations. Unlike draft.ts `reservations`, this does not create missing limits: docker does not either
 * (docker/cli cli/command/service/update.go addGenericResources).
 */
function reservationsOnly({ TaskTemplate }: ServiceSpec): Resources {
  const both = (TaskTemplate.Resources ??= {});
  return (both.Reservations ??= {});
}

function genericText({
  DiscreteResourceSpec,
  NamedResourceSpec,
}: GenericResource): [key: string, value: string] {
  const { Kind = '', Value = '' } = DiscreteResourceSpec ?? NamedResourceSpec ?? {};
  return [Kind, String(Value)];
}
