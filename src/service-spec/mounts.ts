/** Filesystems in the container: volumes, bind mounts, tmpfs and the others. */
import { posix } from 'node:path';
import { usageError } from '../errors.ts';
import type { Mount, ServiceSpec } from '../api/service.ts';
import { parseCsv } from '../values/csv.ts';
import { byBytes, cut, firstRepeated } from '../values/text.ts';
import { InvalidValue, boolean, listOf, size, strings } from '../values/value.ts';
import { container } from './draft.ts';
import { specFlag } from './flag.ts';
import type { Local } from './flag.ts';

type Setter = (mount: Mount, value: string) => void;

const switchOf = (value: string): boolean => boolean.parse([value]);
const bind = (mount: Mount) => (mount.BindOptions ??= {});
const image = (mount: Mount) => (mount.ImageOptions ??= {});
const tmpfs = (mount: Mount) => (mount.TmpfsOptions ??= {});
const volume = (mount: Mount) => (mount.VolumeOptions ??= { DriverConfig: {} });
const driver = (mount: Mount) => (volume(mount).DriverConfig ??= {});

const RECURSION: ReadonlyMap<string, object> = new Map([
  ['enabled', {}],
  ['disabled', { NonRecursive: true }],
  ['writable', { ReadOnlyNonRecursive: true }],
  ['readonly', { ReadOnlyForceRecursive: true }],
]);

const type: Setter = (mount, value) => (mount.Type = value.toLowerCase());
const source: Setter = (mount, value) => (mount.Source = value);
const target: Setter = (mount, value) => (mount.Target = value);
const readonly: Setter = (mount, value) => (mount.ReadOnly = switchOf(value));

/** What each key of `KEY=VALUE,...` sets. */
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
  ['bind-nonrecursive', (mount, value) => (bind(mount)['NonRecursive'] = switchOf(value))],
  [
    'bind-recursive',
    (mount, value) => {
      const options = RECURSION.get(value);
      if (options === undefined) throw new InvalidValue(`must be one of ${[...RECURSION.keys()].join(', ')}`);
      if (value !== 'enabled') Object.assign(bind(mount), options);
    },
  ],
  ['volume-subpath', (mount, value) => (volume(mount)['Subpath'] = value)],
  ['volume-nocopy', (mount, value) => (volume(mount)['NoCopy'] = switchOf(value))],
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

/** Keys that may stand without a value, for true. */
const SWITCHES = ['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive'];

const mounts = listOf('mount', parseMount);

const mount = specFlag({
  name: 'mount',
  type: mounts,
  group: 'Storage',
  help: 'Attach a filesystem mount to the service',
  create: (draft, list, { local }) => {
    container(draft).Mounts = list.map((one) => located(one, local));
  },
});

const mountAdd = specFlag({
  name: 'mount-add',
  type: mounts,
  group: 'Storage',
  help: 'Add or update a mount on a service',
  update: (draft, list, { local }) => {
    const targets = list.map(({ Target = '' }) => Target);
    const twice = firstRepeated(targets);
    if (twice !== undefined) throw usageError(`--mount-add names the target ${JSON.stringify(twice)} twice`);
    const kept = (container(draft).Mounts ?? []).filter(({ Target = '' }) => !targets.includes(Target));
    store(draft, [...kept, ...list.map((one) => located(one, local))]);
  },
});

const mountRm = specFlag({
  name: 'mount-rm',
  type: strings,
  group: 'Storage',
  help: 'Remove a mount by its target path',
  update: (draft, targets) =>
    store(
      draft,
      (container(draft).Mounts ?? []).filter(({ Target = '' }) => !targets.includes(Target)),
    ),
});

export const MOUNT_FLAGS = [mount, mountAdd, mountRm];

/** By source, then by target: docker's order on update. */
function store(draft: ServiceSpec, list: readonly Mount[]): void {
  const key = ({ Source = '', Target = '' }: Mount): [string, string] => [Source, Target];
  container(draft).Mounts = [...list].sort((a, b) => {
    const [[sourceA, targetA], [sourceB, targetB]] = [key(a), key(b)];
    return byBytes(sourceA, sourceB) || byBytes(targetA, targetB);
  });
}

/** A source that starts with a dot is meant from the working directory. */
function located(one: Mount, { cwd }: Local): Mount {
  const { Source = '' } = one;
  return Source.startsWith('.') ? { ...one, Source: posix.resolve(cwd, Source) } : one;
}

/** Reads `type=volume,source=data,target=/data`; @throws InvalidValue */
function parseMount(text: string): Mount {
  const result: Mount = { Type: 'volume' };
  for (const field of parseCsv(text)) {
    const [key, value] = cut(field, '=');
    const name = key.toLowerCase();
    const set = KEYS.get(name);
    if (set === undefined || (value === undefined && !SWITCHES.includes(name))) {
      throw new InvalidValue(
        set === undefined ? `has no key ${JSON.stringify(key)}` : `must give ${key} a value`,
      );
    }
    try {
      set(result, value ?? 'true');
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      throw new InvalidValue(`${key} ${error.message}`);
    }
  }
  check(result);
  return result;
}

function check(mount: Mount): void {
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
      throw new InvalidValue(`has ${kind}-* options, which are not for a mount of type ${mount.Type ?? ''}`);
    }
  }
  const {
    ReadOnlyNonRecursive: writable,
    ReadOnlyForceRecursive: forced,
    Propagation,
  } = mount.BindOptions ?? {};
  if ((writable === true || forced === true) && mount.ReadOnly !== true) {
    throw new InvalidValue('bind-recursive=writable and bind-recursive=readonly need readonly beside them');
  }
  if (forced === true && Propagation !== 'rprivate') {
    throw new InvalidValue('bind-recursive=readonly needs bind-propagation=rprivate beside it');
  }
}

/** `KEY=VALUE` or `KEY`; without a key it sets nothing, as in docker. */
function setKey(map: Record<string, string>, text: string): void {
  const [key, value = ''] = cut(text, '=');
  if (key !== '') map[key] = value;
}
