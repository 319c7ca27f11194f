/** What a task may use at most and what is set aside for it. */
import { SwarmrollError, usageError } from '../errors.ts';
import type { GenericResource, Resources, ServiceSpec } from '../api/service.ts';
import { exactly } from '../values/integer.ts';
import { firstRepeated } from '../values/text.ts';
import { InvalidValue, cpus, int, listOf, single, size, strings } from '../values/value.ts';
import { assign } from './change.ts';
import { container, limits, reservations, resources } from './draft.ts';
import { onBoth, specFlag } from './flag.ts';

const sizeOrUnlimited = single('bytes', (text) => (text === '-1' ? -1 : size.parse([text])));

const swappiness = single('int', (text) => {
  const percent = int.parse([text]);
  if (percent < -1 || percent > 100) throw new InvalidValue('must be 0 to 100, or -1 for the default');
  return percent;
});

interface Amount {
  readonly kind: string;
  readonly value: number;
}

/** `KIND=NUMBER`; a service can't ask for named resources (`gpu=UUID1`). */
const amounts = listOf('list', (text): Amount => {
  const [kind, value = '', ...rest] = text.split('=').map((part) => part.trim());
  if (kind === undefined || rest.length > 0 || !/^[+-]?\d+$/.test(value)) {
    throw new InvalidValue('must be KIND=NUMBER; named resources are not supported for services');
  }
  const number = BigInt(value.replace('+', ''));
  if (number < 0n) throw new InvalidValue('must not be negative');
  return { kind, value: exactly(number) };
});

const generic = specFlag({
  name: 'generic-resource',
  type: amounts,
  group: 'Resources',
  help: 'User defined resources: KIND=NUMBER',
  since: '1.32',
  create: (draft, list) => {
    refuseTwice('--generic-resource', list);
    reservations(draft).GenericResources = list.map(discrete);
  },
});

const genericAdd = specFlag({
  name: 'generic-resource-add',
  type: amounts,
  group: 'Resources',
  help: 'Add a generic resource',
  since: '1.32',
  update: (draft, list) => {
    refuseTwice('--generic-resource-add', list);
    const owner = owned(draft);
    const kept = (owner.GenericResources ?? []).filter(
      ({ DiscreteResourceSpec: old }) => !list.some(({ kind }) => kind === old?.Kind),
    );
    owner.GenericResources = [...kept, ...list.map(discrete)];
  },
});

const genericRm = specFlag({
  name: 'generic-resource-rm',
  type: strings,
  group: 'Resources',
  help: 'Remove a generic resource',
  since: '1.32',
  update: (draft, kinds) => {
    const owner = owned(draft);
    for (const kind of kinds) {
      const before = owner.GenericResources ?? [];
      const kept = before.filter(({ DiscreteResourceSpec: old }) => old?.Kind !== kind);
      if (kept.length === before.length) {
        throw new SwarmrollError(
          'refused',
          `--generic-resource-rm: the service has no generic resource ${JSON.stringify(kind)}`,
        );
      }
      owner.GenericResources = kept;
    }
  },
});

export const RESOURCE_FLAGS = [
  onBoth({
    name: 'limit-cpu',
    type: cpus,
    group: 'Resources',
    help: 'Limit CPUs',
    change: assign(limits, 'NanoCPUs'),
  }),
  onBoth({
    name: 'limit-memory',
    type: size,
    group: 'Resources',
    help: 'Limit memory',
    change: assign(limits, 'MemoryBytes'),
  }),
  onBoth({
    name: 'limit-pids',
    type: int,
    group: 'Resources',
    help: 'Limit maximum number of processes',
    default: '0 = unlimited',
    since: '1.41',
    change: assign(limits, 'Pids'),
  }),
  onBoth({
    name: 'reserve-cpu',
    type: cpus,
    group: 'Resources',
    help: 'Reserve CPUs',
    change: assign(reservations, 'NanoCPUs'),
  }),
  onBoth({
    name: 'reserve-memory',
    type: size,
    group: 'Resources',
    help: 'Reserve memory',
    change: assign(reservations, 'MemoryBytes'),
  }),
  onBoth({
    name: 'memory-swap',
    type: sizeOrUnlimited,
    group: 'Resources',
    help: 'Limit swap; -1 is unlimited',
    since: '1.52',
    change: assign(resources, 'SwapBytes'),
  }),
  onBoth({
    name: 'memory-swappiness',
    type: swappiness,
    group: 'Resources',
    help: 'Tune memory swappiness (0 to 100); -1 goes back to the default',
    since: '1.52',
    change: assign(resources, 'MemorySwappiness'),
  }),
  onBoth({
    name: 'oom-score-adj',
    type: int,
    group: 'Resources',
    help: "Tune host's OOM preferences (-1000 to 1000)",
    since: '1.46',
    change: assign(container, 'OomScoreAdj'),
  }),
  generic,
  genericAdd,
  genericRm,
];

function refuseTwice(flag: string, list: readonly Amount[]): void {
  const twice = firstRepeated(list.map(({ kind }) => kind));
  if (twice !== undefined) throw usageError(`${flag} names ${JSON.stringify(twice)} twice`);
}

const discrete = ({ kind, value }: Amount): GenericResource => ({
  DiscreteResourceSpec: { Kind: kind, Value: value },
});

/** Reservations alone: unlike the other flags, these leave missing limits missing. */
function owned({ TaskTemplate }: ServiceSpec): Resources {
  const both = (TaskTemplate.Resources ??= {});
  return (both.Reservations ??= {});
}
