/** Compares the rule of what "the same spec" is (service-spec/same.ts) with what the engine stores. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../src/api/service.ts';
import { sameSpec } from '../../src/service-spec/same.ts';
import { storedService, uniqueName } from '../integration/support/swarm.ts';
import { GLOBAL, JOB, PLAIN, makeFixtures, post, remove, removeFixtures, rich, stack } from './fixtures.ts';

let ids: Record<string, string> = {};
const name = uniqueName('same');

beforeAll(async () => {
  ids = await makeFixtures();
});

afterAll(async () => {
  await remove(`/services/${name}`);
  await removeFixtures();
});

/** The values that may be the same as none. */
const NOTHING: readonly unknown[] = [undefined, null, '', 0, false, [], {}];
/** The values that the engine fills in where there is none, by the name of the field. */
const FILLED_IN: Readonly<Record<string, string>> = {
  Condition: 'any',
  Mode: 'vip',
  Protocol: 'tcp',
  PublishMode: 'ingress',
  FailureAction: 'pause',
  Order: 'stop-first',
  Isolation: 'default',
  Runtime: 'container',
  Type: 'bind',
};
/** Beside the fields of the other specs, those that are maps of the user's or have an empty value in one. */
const maps = (spec: ServiceSpec): ServiceSpec => ({
  ...spec,
  TaskTemplate: {
    ...spec.TaskTemplate,
    ContainerSpec: {
      ...spec.TaskTemplate.ContainerSpec,
      Labels: { a: '', b: '1' },
      Env: ['A', 'B=', ''],
      Args: ['', 'a'],
      Sysctls: { 'net.a': '' },
      Isolation: 'default',
      Mounts: [
        {
          Type: 'volume',
          Source: 'data',
          Target: '/data',
          VolumeOptions: { Labels: { a: '' }, DriverConfig: { Name: 'local', Options: { o: '' } } },
        },
      ],
    },
    LogDriver: { Name: 'json-file', Options: { tag: '' } },
    Networks: [{ Target: ids['NET1'] ?? '', DriverOpts: { x: '' } }],
    RestartPolicy: { Condition: 'any' },
    Runtime: 'container',
  },
});

/** Every spec that differs from this one in one place, with the path of the place. */
function* variants(value: unknown, path = ''): Generator<readonly [path: string, variant: unknown]> {
  const name = path.slice(path.lastIndexOf('.') + 1);
  // No client sends a list with null in it.
  const isItem = /^\d+$/.test(name);
  const others = path === '' ? [] : [...NOTHING, ...(typeof value === 'string' ? [FILLED_IN[name]] : [])];
  for (const other of others) {
    if (!isItem || (typeof other === 'string' && typeof value === 'string')) yield [path, other];
  }
  // Nor is a preference without its only kind a preference.
  if (typeof value !== 'object' || value === null || name === 'Preferences') return;
  for (const [key, field] of Object.entries(value) as [string, unknown][]) {
    for (const [at, variant] of variants(field, path === '' ? key : `${path}.${key}`)) {
      if (!Array.isArray(value)) yield [at, { ...value, [key]: variant }];
      else yield [at, value.map((item: unknown, index) => (String(index) === key ? variant : item))];
    }
  }
}

/** Stores a spec in the service. @returns the spec as the engine has it; undefined if the engine refuses it */
async function stored(spec: ServiceSpec): Promise<ServiceSpec | undefined> {
  for (;;) {
    const { ID, Version } = await storedService(name);
    try {
      await post(`/services/${ID}/update?version=${Version.Index}`, { ...spec, Name: name });
      return (await storedService(name)).Spec;
    } catch (error) {
      // The engine changes the version, too: it writes the update status.
      if (!String(error).includes('out of sequence')) return undefined;
    }
  }
}

/** The value at a path, as JSON. */
const at = (spec: unknown, path: string): string => {
  const value = path
    .split('.')
    .reduce((part: unknown, key) => (part as Record<string, unknown> | undefined)?.[key], spec);
  return `${path} = ${JSON.stringify(value)}`;
};

test('two specs are the same exactly if the engine stores the same for both', async () => {
  const specs = [PLAIN, GLOBAL, JOB, rich(ids), stack(ids), maps(PLAIN), maps(rich(ids))];
  const wrong = new Set<string>();
  const counts = { same: 0, different: 0, refused: 0 };
  for (const base of specs) {
    await remove(`/services/${name}`);
    await post('/services/create', { ...base, Name: name });
    const { Spec: first } = await storedService(name);
    if (!sameSpec({ ...base, Name: name }, first)) wrong.add('what was created is not what is stored');
    for (const [path, variant] of variants(base)) {
      const spec = variant as ServiceSpec;
      const now = await stored(spec);
      if (now === undefined) {
        counts.refused += 1;
        continue;
      }
      const isSame = JSON.stringify(now) === JSON.stringify(first);
      counts[isSame ? 'same' : 'different'] += 1;
      if (sameSpec(base, spec) !== isSame)
        wrong.add(`${at(spec, path)}: the engine stores ${isSame ? 'the same' : 'another'}`);
      if (!sameSpec({ ...spec, Name: name }, now)) wrong.add(`${at(spec, path)}: stored in another form`);
    }
  }
  expect([...wrong].join('\n')).toBe('');
  process.stdout.write(`specs with one other value: ${JSON.stringify(counts)}\n`);
  expect(Math.min(counts.same, counts.different)).toBeGreaterThan(90);
}, 600_000);
