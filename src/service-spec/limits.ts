/** What the container's processes are allowed: Linux capabilities and ulimits. */
import type { ServiceSpec, Ulimit } from '../api/service.ts';
import { exactly } from '../values/integer.ts';
import { byBytes, cut } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { container } from './draft.ts';
import { specFlag } from './flag.ts';
import type { Given } from '../command-line/flag.ts';

const ALL = 'ALL';
/** On update: forget the list there was. */
const RESET = 'RESET';

/** `net_admin`, `CAP_NET_ADMIN` → `CAP_NET_ADMIN` */
const capabilities = listOf('list', (text) => {
  const name = text.trim().toUpperCase();
  return name === ALL || name === RESET || name.startsWith('CAP_') ? name : `CAP_${name}`;
});

const capAdd = specFlag({
  name: 'cap-add',
  type: capabilities,
  group: 'What runs',
  help: 'Add Linux capabilities',
  since: '1.41',
  create: (draft, _, { given }) => setCapabilities(draft, given),
  update: (draft, _, { given }) => changeCapabilities(draft, given),
});

const capDrop = specFlag({
  name: 'cap-drop',
  type: capabilities,
  group: 'What runs',
  help: 'Drop Linux capabilities',
  since: '1.41',
  // The two flags are weighed against each other: where both are given, --cap-add does it.
  create: (draft, _, { given }) => {
    if (!given.has(capAdd)) setCapabilities(draft, given);
  },
  update: (draft, _, { given }) => {
    if (!given.has(capAdd)) changeCapabilities(draft, given);
  },
});

/** What is added is not dropped; ALL stands for every other. */
function setCapabilities(draft: ServiceSpec, given: Given): void {
  const wanted = (flag: typeof capAdd) => {
    const names = given.get(flag) ?? [];
    return names.includes(ALL) ? [ALL] : names.filter((name) => name !== RESET);
  };
  const added = wanted(capAdd);
  store(draft, new Set(added), new Set(wanted(capDrop).filter((name) => !added.includes(name))));
}

/**
 * One step at a time: adding what was dropped only takes it off that list, dropping what was added likewise;
 * said a second time it goes on the other list. Adding wins over dropping in the same command line.
 */
function changeCapabilities(draft: ServiceSpec, given: Given): void {
  const spec = container(draft);
  const [toAdd, toDrop] = [given.get(capAdd) ?? [], given.get(capDrop) ?? []];
  const before = (list: readonly string[] | null | undefined, asked: readonly string[]) =>
    new Set(asked.includes(RESET) ? [] : capabilities.parse([...(list ?? [])]));
  const added = before(spec.CapabilityAdd, toAdd);
  const dropped = before(spec.CapabilityDrop, toDrop);
  for (const name of toDrop) {
    if (name !== RESET && !toAdd.includes(name) && !added.delete(name)) dropped.add(name);
  }
  for (const name of new Set(toAdd)) {
    if (name !== RESET && !dropped.delete(name)) added.add(name);
  }
  store(draft, added, dropped);
}

function store(draft: ServiceSpec, added: ReadonlySet<string>, dropped: ReadonlySet<string>): void {
  const listed = (names: ReadonlySet<string>) => (names.has(ALL) ? [ALL] : [...names].sort(byBytes));
  Object.assign(container(draft), { CapabilityAdd: listed(added), CapabilityDrop: listed(dropped) });
}

const ULIMITS =
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(
    ' ',
  );

/** `NAME=SOFT[:HARD]`; -1 is unlimited. */
const ulimits = listOf('ulimit', (text): Ulimit => {
  const [name, value = ''] = cut(text, '=');
  if (!ULIMITS.includes(name))
    throw new InvalidValue(`must be NAME=SOFT[:HARD] with one of ${ULIMITS.join(', ')}`);
  const [soft = '', hard = soft, ...rest] = value.split(':');
  if (rest.length > 0 || ![soft, hard].every((amount) => /^[+-]?\d+$/.test(amount))) {
    throw new InvalidValue('must be NAME=SOFT[:HARD] with whole numbers');
  }
  const [Soft, Hard] = [exactly(BigInt(soft.replace('+', ''))), exactly(BigInt(hard.replace('+', '')))];
  if (Hard !== -1 && (Soft === -1 || Soft > Hard))
    throw new InvalidValue('must have a soft limit within the hard one');
  return { Name: name, Hard, Soft };
});

/** Sorted by name, the last of a name counts. */
function storeUlimits(draft: ServiceSpec, list: readonly Ulimit[]): void {
  const byName = new Map(list.map((one) => [one.Name, one]));
  container(draft).Ulimits = [...byName.values()].sort((a, b) => byBytes(a.Name, b.Name));
}

export const LIMIT_FLAGS = [
  capAdd,
  capDrop,
  specFlag({
    name: 'ulimit',
    type: ulimits,
    group: 'What runs',
    help: 'Ulimit options',
    since: '1.41',
    create: (draft, list) => storeUlimits(draft, list),
  }),
  specFlag({
    name: 'ulimit-rm',
    type: strings,
    group: 'What runs',
    help: 'Remove a ulimit option',
    since: '1.41',
    update: (draft, texts) => {
      const names = texts.map((text) => cut(text, '=')[0]);
      storeUlimits(
        draft,
        (container(draft).Ulimits ?? []).filter(({ Name }) => !names.includes(Name)),
      );
    },
  }),
  specFlag({
    name: 'ulimit-add',
    type: ulimits,
    group: 'What runs',
    help: 'Add or update a ulimit option',
    since: '1.41',
    update: (draft, list) => storeUlimits(draft, [...(container(draft).Ulimits ?? []), ...list]),
  }),
];
