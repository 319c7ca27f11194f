/** Mounts of the container: volumes, bind mounts, tmpfs and others. */
import { posix } from 'node:path';
import type { Mount, ServiceSpec } from '../api/service.ts';
import { parseCsv, unknownKey } from '../values/csv.ts';
import { byBytes, splitOnce } from '../values/text.ts';
import { InvalidValue, listOf, size, strings } from '../values/value.ts';
import { container } from './draft.ts';
import { refuseRepeated, listFlags } from './flag.ts';
import { sameMount } from './same.ts';
import type { LocalMachine } from './flag.ts';
import { keyed } from './shown.ts';

type Setter = (mount: Mount, value: string) => void;

/** Fewer texts than for flags that are true or false (docker/cli opts/mount_utils.go parseBoolValue). */
function parseBoolean(value: string): boolean {
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw new InvalidValue('must be true, 1, false or 0');
}

// The groups of options, each created if it is missing.
const bind = (mount: Mount) => (mount.BindOptions ??= {});
const image = (mount: Mount) => (mount.ImageOptions ??= {});
const tmpfs = (mount: Mount) => (mount.TmpfsOptions ??= {});
const volume = (mount: Mount) => (mount.VolumeOptions ??= {});
const driver = (mount: Mount) => (volume(mount).DriverConfig ??= {});

/** The values of bind-recursive, and the fields of BindOptions that each sets. */
const RECURSION: ReadonlyMap<string, object> = new Map([
  ['enabled', {}],
  ['disabled', { NonRecursive: true }],
  ['writable', { ReadOnlyNonRecursive: true }],
  ['readonly', { ReadOnlyForceRecursive: true }],
]);

const type: Setter = (mount, value) => (mount.Type = value.toLowerCase());
const source: Setter = (mount, value) => (mount.Source = value);
const target: Setter = (mount, value) => (mount.Target = value);
const readonly: Setter = (mount, value) => (mount.ReadOnly = parseBoolean(value));

const KEYS: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ['type', type],
  ['source', source],
  ['src', source],
  ['target', target],
  ['dst', target],
  ['destination', target],
  ['readonly', readonly],
  ['ro', readonly],
  ['consistency', (mount, value) => (mount.Consistency = value.toLowerCase())],
  ['bind-propagation', (mount, value) => (bind(mount).Propagation = value.toLowerCase())],
  [
    'bind-nonrecursive',
    () => {
      throw new InvalidValue('is gone since docker 29: use bind-recursive=disabled');
    },
  ],
  ['bind-create-src', (mount, value) => (bind(mount)['CreateMountpoint'] = parseBoolean(value))],
  [
    'bind-recursive',
    (mount, value) => {
      const options = RECURSION.get(value);
      if (options === undefined) throw new InvalidValue(`must be one of ${[...RECURSION.keys()].join(', ')}`);
      if (value !== 'enabled') Object.assign(bind(mount), options);
    },
  ],
  ['volume-subpath', (mount, value) => (volume(mount)['Subpath'] = value)],
  ['volume-nocopy', (mount, value) => (volume(mount)['NoCopy'] = parseBoolean(value))],
  ['volume-label', (mount, value) => setKey((volume(mount).Labels ??= {}), value)],
  ['volume-driver', (mount, value) => (driver(mount).Name = value)],
  ['volume-opt', (mount, value) => setKey((driver(mount).Options ??= {}), value)],
  ['image-subpath', (mount, value) => (image(mount)['Subpath'] = value)],
  ['tmpfs-size', (mount, value) => (tmpfs(mount).SizeBytes = size.parse([value]))],
  [
    'tmpfs-mode',
    (mount, value) => {
      if (!/^[0-7]+$/.test(value) || parseInt(value, 8) >= 2 ** 32)
        throw new InvalidValue('must be an octal number such as 1770');
      tmpfs(mount).Mode = parseInt(value, 8);
    },
  ],
]);

/** The keys that do not need a value; without a value they are true. */
const SWITCHES = ['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive', 'bind-create-src'];

/** What Go's TrimSpace removes. */
const OUTER_SPACE = /^\p{White_Space}+|\p{White_Space}+$/gu;

const mounts = listOf('mount', parseMount);

const [mount, mountAdd, mountRm] = listFlags({
  name: 'mount',
  type: mounts,
  removed: strings,
  group: 'Storage',
  help: {
    set: 'Attach a filesystem mount to the service',
    add: 'Add or update a mount on a service',
    rm: 'Remove a mount by its target path',
  },
  shows: [keyed(`${container.path}.Mounts`, (item: Mount) => [item.Target ?? '', mountText(item)])],
  addsFirst: true,
  set: (draft, list, { local }) => {
    container(draft).Mounts = list.map((item) => withAbsoluteSource(item, local));
  },
  add: (draft, list, { local }) => {
    refuseRepeated(
      '--mount-add',
      'target',
      list.map(({ Target = '' }) => Target),
    );
    const before = container(draft).Mounts ?? [];
    // What means the same stays as it is stored: another form of it would replace every task.
    const added = list
      .map((item) => withAbsoluteSource(item, local))
      .filter((item) => !before.some((stored) => sameMount(stored, item)));
    const targets = added.map(({ Target = '' }) => Target);
    storeMounts(draft, [...before.filter(({ Target = '' }) => !targets.includes(Target)), ...added]);
  },
  rm: (draft, targets) =>
    storeMounts(
      draft,
      (container(draft).Mounts ?? []).filter(({ Target = '' }) => !targets.includes(Target)),
    ),
});

export const MOUNT_FLAGS = [mount, mountAdd, mountRm];

/**
 * Stores mounts sorted by source, then by target (docker/cli cli/command/service/update.go updateMounts). docker sorts them
 * although none has changed; that alone replaces every task, so this does not.
 */
function storeMounts(draft: ServiceSpec, list: readonly Mount[]): void {
  const before = container(draft).Mounts ?? [];
  if (list.length === before.length && list.every((item) => before.includes(item))) return;
  container(draft).Mounts = [...list].sort(
    (a, b) => byBytes(a.Source ?? '', b.Source ?? '') || byBytes(a.Target ?? '', b.Target ?? ''),
  );
}

/** A source that starts with a dot is relative to the client's working directory (docker/cli opts/mount.go Set). */
function withAbsoluteSource(item: Mount, { cwd }: LocalMachine): Mount {
  const { Source = '' } = item;
  return Source.startsWith('.') ? { ...item, Source: posix.resolve(cwd, Source) } : item;
}

/** The options of a bind mount that the engine takes and does not store, by their fields in BindOptions. */
const IGNORED: ReadonlyMap<string, string> = new Map([
  ['CreateMountpoint', 'bind-create-src'],
  ['ReadOnlyNonRecursive', 'bind-recursive=writable'],
  ['ReadOnlyForceRecursive', 'bind-recursive=readonly'],
]);

/**
 * What the engine ignores in the mounts of a service, a line for each (moby daemon/cluster/convert/container.go copies these
 * fields in one direction only; seen on 28.5 and 29.7).
 */
export const ignoredMountOptions = ({ TaskTemplate: { ContainerSpec } }: ServiceSpec): string[] =>
  (ContainerSpec?.Mounts ?? []).flatMap(({ Target = '', BindOptions }) =>
    [...IGNORED]
      .filter(([field]) => BindOptions?.[field] === true)
      .map(([, option]) => `mount ${Target}: the engine ignores ${option} of a service`),
  );

/**
 * Reads `type=volume,source=data,target=/data` (docker/cli opts/mount.go Set).
 * @throws InvalidValue
 */
function parseMount(text: string): Mount {
  const result: Mount = { Type: 'volume' };
  for (const field of parseCsv(text.replaceAll(OUTER_SPACE, ''))) {
    const [key, value] = splitOnce(field, '=');
    const name = key.toLowerCase();
    if ([key, value ?? ''].some((part) => part.replaceAll(OUTER_SPACE, '') !== part))
      throw new InvalidValue(`must not have white space around a key or a value: ${JSON.stringify(field)}`);
    const set = KEYS.get(name);
    if (set === undefined) throw unknownKey(key);
    if (value === '' || (value === undefined && !SWITCHES.includes(name)))
      throw new InvalidValue(`must give ${key} a value`);
    try {
      set(result, value ?? 'true');
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      throw new InvalidValue(`${key} ${error.message}`);
    }
  }
  validateMount(result);
  return result;
}

/** @throws InvalidValue if options are missing or do not fit together */
function validateMount(mount: Mount): void {
  if ((mount.Type ?? '') === '') throw new InvalidValue('must have a type');
  if ((mount.Target ?? '') === '') throw new InvalidValue('must have a target');
  const options = {
    volume: mount.VolumeOptions,
    bind: mount.BindOptions,
    image: mount.ImageOptions,
    tmpfs: mount.TmpfsOptions,
  };
  for (const [kind, given] of Object.entries(options)) {
    if (given !== undefined && kind !== mount.Type) {
      throw new InvalidValue(`cannot have ${kind}-* options with type=${mount.Type ?? ''}`);
    }
  }
  const {
    ReadOnlyNonRecursive: writable,
    ReadOnlyForceRecursive: forced,
    Propagation,
  } = mount.BindOptions ?? {};
  if ((writable === true || forced === true) && mount.ReadOnly !== true) {
    throw new InvalidValue('must have readonly with bind-recursive=writable or bind-recursive=readonly');
  }
  if (forced === true && Propagation !== 'rprivate') {
    throw new InvalidValue('must have bind-propagation=rprivate with bind-recursive=readonly');
  }
}

/** Sets a key of a map from `KEY=VALUE` or `KEY`. As in docker, a text without a key sets nothing. */
function setKey(map: Record<string, string>, text: string): void {
  const [key, value = ''] = splitOnce(text, '=');
  if (key !== '') map[key] = value;
}

/** The options of a mount beside its target, as --mount takes them; options that it has no key for by their path in the API. */
function mountText({ Type = '', Source = '', Target: _, ReadOnly, ...rest }: Mount): string {
  const options = (value: object | string | number | boolean | null, path: string): string[] => {
    if (value === null) return [];
    if (typeof value !== 'object') return [`${path}=${String(value)}`];
    return Object.entries(value as Record<string, typeof value>).flatMap(([key, field]) =>
      options(field, path === '' ? key : `${path}.${key}`),
    );
  };
  return [
    `type=${Type}`,
    ...(Source === '' ? [] : [`source=${Source}`]),
    ...(ReadOnly === true ? ['readonly'] : []),
    ...options(rest, ''),
  ].join(',');
}
