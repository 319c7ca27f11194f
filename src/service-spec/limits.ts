/** Linux capabilities and ulimits of the container. */
import type { ServiceSpec, Ulimit } from '../api/service.ts';
import { exactNumber } from '../values/integer.ts';
import { byBytes, splitOnce } from '../values/text.ts';
import { InvalidValue, listOf, strings } from '../values/value.ts';
import { container } from './draft.ts';
import { listFlags, specFlag } from './flag.ts';
import type { Given } from '../command-line/flag.ts';
import { keyed, texts } from './shown.ts';

const ALL = 'ALL';
/** On update: empties the stored list before the flag is applied. */
const RESET = 'RESET';

/** `net_admin` and `CAP_NET_ADMIN` → `CAP_NET_ADMIN` (docker/cli opts/capabilities.go NormalizeCapability). */
const capabilities = listOf('list', (text) => {
  const name = text.trim().toUpperCase();
  return name === ALL || name === RESET || name.startsWith('CAP_') ? name : `CAP_${name}`;
});

const capAdd = specFlag({
  name: 'cap-add',
  type: capabilities,
  group: 'What runs',
  help: 'Add Linux capabilities',
  shows: [texts(`${container.path}.CapabilityAdd`)],
  create: (draft, _, { given }) => setCapabilities(draft, given),
  update: (draft, _, { given }) => changeCapabilities(draft, given),
});

const capDrop = specFlag({
  name: 'cap-drop',
  type: capabilities,
  group: 'What runs',
  help: 'Drop Linux capabilities',
  shows: [texts(`${container.path}.CapabilityDrop`)],
  // The result depends on both flags. If both are given, the edit of --cap-add applies both.
  create: (draft, _, { given }) => {
    if (!given.has(capAdd)) setCapabilities(draft, given);
  },
  update: (draft, _, { given }) => {
    if (!given.has(capAdd)) changeCapabilities(draft, given);
  },
});

/**
 * Stores the capabilities on create. A capability that is added is not dropped. ALL replaces every other name.
 * (docker/cli opts/capabilities.go EffectiveCapAddCapDrop)
 */
function setCapabilities(draft: ServiceSpec, given: Given): void {
  const namesOf = (flag: typeof capAdd) => {
    const names = given.get(flag) ?? [];
    return names.includes(ALL) ? [ALL] : names.filter((name) => name !== RESET);
  };
  const added = namesOf(capAdd);
  storeCapabilities(draft, new Set(added), new Set(namesOf(capDrop).filter((name) => !added.includes(name))));
}

/**
 * Changes the capabilities on update. To add a dropped capability only removes it from the list of dropped
 * ones; a second update puts it on the list of added ones. Dropping works the same way. If a command line adds
 * and drops the same capability, it is added. (docker/cli cli/command/service/update.go updateCapabilities)
 */
function changeCapabilities(draft: ServiceSpec, given: Given): void {
  const spec = container(draft);
  const [toAdd, toDrop] = [given.get(capAdd) ?? [], given.get(capDrop) ?? []];
  const before = (list: readonly string[] | null | undefined, changes: readonly string[]) =>
    new Set(changes.includes(RESET) ? [] : capabilities.parse([...(list ?? [])]));
  const added = before(spec.CapabilityAdd, toAdd);
  const dropped = before(spec.CapabilityDrop, toDrop);
  for (const name of toDrop) {
    if (name !== RESET && !toAdd.includes(name) && !added.delete(name)) dropped.add(name);
  }
  for (const name of new Set(toAdd)) {
    if (name !== RESET && !dropped.delete(name)) added.add(name);
  }
  storeCapabilities(draft, added, dropped);
}

/** Stores both lists, sorted. ALL replaces every other name of its list. */
function storeCapabilities(
  draft: ServiceSpec,
  added: ReadonlySet<string>,
  dropped: ReadonlySet<string>,
): void {
  const listed = (names: ReadonlySet<string>) => (names.has(ALL) ? [ALL] : [...names].sort(byBytes));
  Object.assign(container(draft), { CapabilityAdd: listed(added), CapabilityDrop: listed(dropped) });
}

/** The names that docker/go-units ulimit.go ParseUlimit knows. */
const ULIMITS =
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(
    ' ',
  );

/** `NAME=SOFT[:HARD]`; -1 is unlimited (docker/go-units ulimit.go ParseUlimit). */
const ulimits = listOf('ulimit', (text): Ulimit => {
  const [name, value = ''] = splitOnce(text, '=');
  if (!ULIMITS.includes(name))
    throw new InvalidValue(`must be NAME=SOFT[:HARD], and NAME must be one of ${ULIMITS.join(', ')}`);
  const [soft = '', hard = soft, ...rest] = value.split(':');
  if (rest.length > 0 || ![soft, hard].every((amount) => /^[+-]?\d+$/.test(amount))) {
    throw new InvalidValue('must be NAME=SOFT[:HARD] with whole numbers');
  }
  const [Soft, Hard] = [
    exactNumber(BigInt(soft.replace('+', ''))),
    exactNumber(BigInt(hard.replace('+', ''))),
  ];
  if (Hard !== -1 && (Soft === -1 || Soft > Hard))
    throw new InvalidValue('must not have a soft limit above the hard limit');
  return { Name: name, Hard, Soft };
});

/** Stores ulimits sorted by name, as docker/cli opts/ulimit.go GetList does. The last one of a name wins. */
function storeUlimits(draft: ServiceSpec, list: readonly Ulimit[]): void {
  const byName = new Map(list.map((ulimit) => [ulimit.Name, ulimit]));
  container(draft).Ulimits = [...byName.values()].sort((a, b) => byBytes(a.Name, b.Name));
}

export const LIMIT_FLAGS = [
  capAdd,
  capDrop,
  ...listFlags({
    name: 'ulimit',
    type: ulimits,
    removed: strings,
    group: 'What runs',
    help: { set: 'Ulimit options', add: 'Add or update a ulimit option', rm: 'Remove a ulimit option' },
    set: (draft, list) => storeUlimits(draft, list),
    add: (draft, list) => storeUlimits(draft, [...(container(draft).Ulimits ?? []), ...list]),
    rm: (draft, texts) => {
      const names = texts.map((text) => splitOnce(text, '=')[0]);
      storeUlimits(
        draft,
        (container(draft).Ulimits ?? []).filter(({ Name }) => !names.includes(Name)),
      );
    },
    shows: [
      keyed(`${container.path}.Ulimits`, ({ Name, Soft = 0, Hard = 0 }: Ulimit) => [Name, `${Soft}:${Hard}`]),
    ],
  }),
];
