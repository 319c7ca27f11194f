/** The one rule of what "the same spec" is, and that every comparison of specs follows it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { templateId } from '../../../src/generations/generations.ts';
import { SPEC_FLAGS } from '../../../src/service-spec/build.ts';
import { differences } from '../../../src/service-spec/differences.ts';
import { withoutChange } from '../../../src/service-spec/merge.ts';
import { ownedDigest } from '../../../src/service-spec/owned-fields.ts';
import { samePart, sameSpec, storedForm } from '../../../src/service-spec/same.ts';
import { runs, SEEDED } from '../../support/random.ts';

const spec = (container: object, rest: object = {}): ServiceSpec => ({
  TaskTemplate: { ContainerSpec: { Image: 'ping', ...container } },
  Mode: { Global: {} },
  ...rest,
});

test.each<[boolean, ServiceSpec, ServiceSpec]>([
  // The engine does not store it.
  [
    true,
    spec({ Mounts: [{ Source: '/a', BindOptions: { CreateMountpoint: true } }] }),
    spec({ Mounts: [{ Source: '/a' }] }),
  ],
  [true, spec({}), spec({})],
  [true, spec({ Env: [] }), spec({})],
  [true, spec({ Env: null, DNSConfig: { Search: [] } }), spec({ DNSConfig: {} })],
  [false, spec({ DNSConfig: {} }), spec({})],
  [true, spec({ A: 1, B: 2 }), spec({ B: 2, A: 1 })],
  [false, spec({ Env: ['A'] }), spec({})],
  [false, spec({ Env: ['A', 'B'] }), spec({ Env: ['B', 'A'] })],
  [false, spec({ Init: false }), spec({})],
  [false, spec({ StopGracePeriod: 0 }), spec({})],
  [false, spec({ Env: [''] }), spec({ Env: [] })],
  [true, task({ Placement: {} }), spec({})],
  [true, task({ Placement: null }), task({ Placement: { Constraints: [] } })],
  [false, task({ Placement: { MaxReplicas: 1 } }), spec({})],
])('%j: %j and %j', (same, draft, stored) => {
  expect(sameSpec(draft, stored)).toBe(same);
});

/** A value in each place where a spec has a map of the user's, and in its lists. */
const withMap = (map: Record<string, string> | undefined): ServiceSpec => ({
  ...spec({
    Labels: map,
    Sysctls: map,
    Mounts: [
      { Type: 'volume', VolumeOptions: { Labels: map, DriverConfig: { Name: 'local', Options: map } } },
    ],
  }),
  ...(map === undefined ? {} : { Labels: map }),
});
const PLACES: readonly (readonly [place: string, at: (map: unknown) => ServiceSpec])[] = [
  ['a label', (map) => spec({}, { Labels: map })],
  ['a container label', (map) => spec({ Labels: map })],
  ['a sysctl', (map) => spec({ Sysctls: map })],
  ['a label of a volume', (map) => spec({ Mounts: [{ Type: 'volume', VolumeOptions: { Labels: map } }] })],
  [
    'a driver option of a volume',
    (map) => spec({ Mounts: [{ VolumeOptions: { DriverConfig: { Name: 'local', Options: map } } }] }),
  ],
  ['a log option', (map) => task({ LogDriver: { Name: 'json-file', Options: map } })],
  ['a driver option of a network', (map) => task({ Networks: [{ Target: 'n', DriverOpts: map }] })],
];
function task(template: object): ServiceSpec {
  const { TaskTemplate, ...rest } = spec({});
  return { ...rest, TaskTemplate: { ...TaskTemplate, ...template } };
}

describe.each(PLACES)('%s', (_, at) => {
  test('with an empty value is another spec than none; an empty map is none', () => {
    const [none, empty] = [at(undefined), at({ KEY: '' })];
    expect(sameSpec(empty, none)).toBe(false);
    expect(sameSpec(empty, at({ KEY: '1' }))).toBe(false);
    expect(sameSpec(empty, at({ KEY: '', B: '' }))).toBe(false);
    for (const map of [{}, null]) expect(sameSpec(at(map), none)).toBe(true);
    expect(differences(none, empty)).not.toEqual([]);
    expect(differences(empty, none)).not.toEqual([]);
    expect(withoutChange(none, empty, empty)).toEqual(none);
    expect(withoutChange(empty, none, none)).toEqual(empty);
    expect(ownedDigest(empty, [['Labels', 'KEY']])).not.toBe(ownedDigest(none, [['Labels', 'KEY']]));
    expect(templateId(empty.TaskTemplate) === templateId(none.TaskTemplate)).toBe(empty.Labels !== undefined);
  });
});

const text = fc.constantFrom('', '0', 'a', 'Labels', 'x.y', '__proto__', 'constructor');
const map = fc.option(fc.dictionary(text, text, { maxKeys: 3 }), { nil: undefined });

test(`maps of the user's are the same exactly if they have the same keys and values ${SEEDED}`, () => {
  fc.assert(
    fc.property(map, map, (a, b) => {
      const entriesOf = (one: typeof a) => JSON.stringify(Object.entries(one ?? {}).sort());
      const isSame = entriesOf(a) === entriesOf(b);
      const [before, after] = [withMap(a), withMap(b)];
      expect(sameSpec(before, after)).toBe(isSame);
      expect(differences(before, after).length === 0).toBe(isSame);
      expect(ownedDigest(before, []) === ownedDigest(after, [])).toBe(isSame);
      const back = withoutChange(before, after, after) ?? after;
      expect(sameSpec(back, before)).toBe(true);
    }),
    runs(250),
  );
});

test(`empty texts in lists count, in their places ${SEEDED}`, () => {
  const list = fc.array(fc.constantFrom('', 'A', 'A='), { maxLength: 3 });
  fc.assert(
    fc.property(list, list, (a, b) => {
      const isSame = JSON.stringify(a) === JSON.stringify(b);
      for (const field of ['Env', 'Args', 'Command', 'Groups'])
        expect(sameSpec(spec({ [field]: a }), spec({ [field]: b }))).toBe(isSame);
    }),
    runs(75),
  );
});

test('a form is its own form, and what a change owns is compared in that form', () => {
  const stored = spec({ Isolation: 'default' }, { UpdateConfig: { Parallelism: 0, MaxFailureRatio: 0 } });
  const posted = spec(
    {},
    { UpdateConfig: { Parallelism: 0, Delay: 0, FailureAction: 'pause', MaxFailureRatio: 0 } },
  );
  expect(storedForm(storedForm(stored))).toEqual(storedForm(posted));
  for (const field of ['Delay', 'FailureAction'])
    expect(ownedDigest(posted, [['UpdateConfig', field]])).toBe(
      ownedDigest(stored, [['UpdateConfig', field]]),
    );
  const jobs = spec({}, { Mode: { ReplicatedJob: { MaxConcurrent: 2 } } });
  expect(
    sameSpec(jobs, spec({}, { Mode: { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 2 } } })),
  ).toBe(true);
});

test('the default in the entry of a flag with choices is what an absent field means to the engine', () => {
  const defaults = SPEC_FLAGS.flatMap(({ name, type, default: value, shows = [] }) =>
    type.choices?.includes(value ?? '') === true && shows[0]?.path !== 'Mode'
      ? [{ name, value, path: shows[0]?.path ?? '' }]
      : [],
  );
  expect(defaults.map(({ name }) => name)).toContain('update-order');
  expect(defaults.filter(({ path, value }) => !samePart(path, value, undefined))).toEqual([]);
});
