/** Mounts as docker 29 takes and stores them; of other versions' forms of the same mount, the stored one stays. */
import { describe, expect, test } from '@jest/globals';
import type { Mount, ServiceSpec } from '../../../src/api/service.ts';
import { sameSpec } from '../../../src/service-spec/same.ts';
import { created, running, updated } from './support/build.ts';

const mountsOf = (spec: ServiceSpec) => spec.TaskTemplate.ContainerSpec?.Mounts;

test.each<[string, Partial<Mount>]>([
  ['volume-nocopy', { VolumeOptions: { NoCopy: true } }],
  ['volume-label=a=b', { VolumeOptions: { Labels: { a: 'b' } } }],
  ['volume-subpath=x', { VolumeOptions: { Subpath: 'x' } }],
  ['volume-driver=local', { VolumeOptions: { DriverConfig: { Name: 'local' } } }],
  ['volume-opt=a=b', { VolumeOptions: { DriverConfig: { Options: { a: 'b' } } } }],
  ['readonly=0', { ReadOnly: false }],
  ['ro', { ReadOnly: true }],
])('a driver is stored only if it or an option is named: %s', async (option, parts) => {
  expect(mountsOf(await created('--mount', `target=/a,${option}`))).toEqual([
    { Type: 'volume', Target: '/a', ...parts },
  ]);
});

test.each<[string, object]>([
  ['bind-create-src', { CreateMountpoint: true }],
  ['bind-create-src=1', { CreateMountpoint: true }],
  ['bind-create-src=false', { CreateMountpoint: false }],
])('%s', async (option, BindOptions) => {
  expect(mountsOf(await created('--mount', `type=bind,source=/a,target=/b,${option}`))).toEqual([
    { Type: 'bind', Source: '/a', Target: '/b', BindOptions },
  ]);
});

test('white space around the whole text is ignored', async () => {
  expect(mountsOf(await created('--mount', ' target=/a \n'))).toEqual([{ Type: 'volume', Target: '/a' }]);
});

test.each([
  ['source=,target=/a', 'must give source a value'],
  ['target=', 'must give target a value'],
  ['target=/a,volume-nocopy=', 'must give volume-nocopy a value'],
  ['target= /a', 'must not have white space around a key or a value: "target= /a"'],
  ['target=/a,source=a ', undefined],
  ['source=a ,target=/a', 'must not have white space around a key or a value: "source=a "'],
  ['source=a, target=/a', 'must not have white space around a key or a value: " target=/a"'],
  ['source =a,target=/a', 'must not have white space around a key or a value: "source =a"'],
  ['target=\u00a0/a', 'must not have white space around a key or a value'],
  ['target=/a,readonly=t', 'readonly must be true, 1, false or 0'],
  ['target=/a,ro=TRUE', 'ro must be true, 1, false or 0'],
  ['type=bind,source=/a,target=/b,bind-create-src=yes', 'bind-create-src must be true, 1, false or 0'],
  [
    'type=bind,source=/a,target=/b,bind-nonrecursive',
    'bind-nonrecursive is gone since docker 29: use bind-recursive=disabled',
  ],
  ['target=/a,bind-create-src', 'cannot have bind-* options with type=volume'],
  [' ', 'must not be empty'],
])('%j', (text, message) => {
  const create = () => created('--mount', text);
  if (message === undefined) expect(create).not.toThrow();
  else expect(create).toThrow(message);
});

describe('update', () => {
  // As docker 28 stores them, and not in docker's order.
  const OLD: Mount = {
    Type: 'volume',
    Source: 'z',
    Target: '/z',
    VolumeOptions: { NoCopy: true, DriverConfig: {} },
  };
  const BIND: Mount = { Type: 'bind', Source: '/b', Target: '/b', BindOptions: {} };
  const NEW: Mount = { Type: 'volume', Source: 'a', Target: '/a', VolumeOptions: { Labels: { x: '' } } };
  const stored = running({ Mounts: [OLD, BIND, NEW] });
  const z = 'source=z,target=/z';

  test.each([
    ['--mount-add', `${z},volume-nocopy`],
    ['--mount-add', `${z},volume-nocopy=true,readonly=false`],
    ['--mount-add', 'source=a,target=/a,volume-label=x'],
    ['--mount-add', 'type=bind,source=/b,target=/b'],
    ['--mount-add', 'type=bind,source=/b,target=/b,bind-create-src=0'],
    ['--mount-rm', '/none'],
  ])('what means the same stays as it is stored: %s %s', async (flag, text) => {
    const after = await updated(stored, flag, text);
    expect(JSON.stringify(after)).toBe(JSON.stringify(stored));
  });

  test('and so it does beside another change', async () => {
    const after = await updated(
      stored,
      '--mount-add',
      `${z},volume-nocopy`,
      '--mount-add',
      'source=m,target=/m',
    );
    expect(mountsOf(after)).toEqual([BIND, NEW, { Type: 'volume', Source: 'm', Target: '/m' }, OLD]);
  });

  test.each([
    z,
    `${z},volume-nocopy,readonly`,
    `${z},volume-nocopy=false`,
    `${z},volume-nocopy,volume-driver=local`,
    'source=a,target=/a,volume-label=x=1',
    'source=a,target=/a,volume-label=y',
  ])('what means something else replaces it: %s', async (text) => {
    expect(sameSpec(await updated(stored, '--mount-add', text), stored)).toBe(false);
  });

  test('the two forms are not the same to the engine', () => {
    const forms = [{ DriverConfig: {} }, {}].map((VolumeOptions) =>
      running({ Mounts: [{ Target: '/a', VolumeOptions }] }),
    );
    expect(sameSpec(forms[0] ?? {}, forms[1] ?? {})).toBe(false);
  });
});
