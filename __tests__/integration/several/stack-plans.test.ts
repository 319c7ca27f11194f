/**
 * Random stacks and random changes of them: what `stack deploy --dry-run` has said, and what the engine then has.
 * SWARMROLL_STACKS is how many are tried.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StackPlanResult } from '../../../src/stack/show.ts';
import { SEEDED, runs } from '../../support/random.ts';
import { storedTasks, swarmroll } from '../support/swarm.ts';
import { expectCode } from '../rollout/support.ts';
import { NEXT, ONESHOT, PING, deployment, objectsOf, removeStack, servicesOf, stackName } from './support.ts';

const COUNT = Number(process.env['SWARMROLL_STACKS'] ?? 3);

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-plans-'));
for (const name of ['one', 'two']) writeFileSync(join(folder, name), name);
for (const name of ['one-other', 'two-other', 'key-other']) writeFileSync(join(folder, name), name);
afterAll(() => rmSync(folder, { recursive: true }));

const oneOf = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const some = <T>(...values: readonly T[]): fc.Arbitrary<readonly T[]> => fc.subarray([...values]);

const service = fc.record({
  kind: fc.oneof(
    { weight: 5, arbitrary: oneOf('replicated' as const) },
    { weight: 1, arbitrary: oneOf('global' as const, 'job' as const) },
  ),
  image: oneOf(PING, NEXT),
  replicas: oneOf(0, 1, 2, 3),
  environment: oneOf({}, { A: '1' }, { A: '2' }),
  label: oneOf('x', 'y'),
  constraint: oneOf('node.role==worker', 'node.hostname!=nowhere'),
  order: oneOf('stop-first', 'start-first'),
  port: oneOf(undefined, 0, 1),
  networks: some('net', 'other'),
  secrets: some('key'),
  configs: some('one', 'two'),
});
type Random = typeof service extends fc.Arbitrary<infer T> ? T : never;
const NAMES = ['a', 'b', 'c', 'd'];
type Stack = Readonly<Record<string, Random>>;
const named = (all: readonly (readonly [string, Random])[]): Stack => Object.fromEntries(all);
const stacks = fc
  .subarray(NAMES, { minLength: 1 })
  .chain((names) => fc.tuple(...names.map((name) => service.map((one) => [name, one] as const))))
  .map(named);

/** A stack, and another one in which some services are the same, some differ in a few fields, some are new and some gone. */
const changes = stacks.chain((before) =>
  fc
    .record({
      others: stacks,
      kept: fc.subarray(Object.keys(before)),
      fields: some(
        'image',
        'replicas',
        'environment',
        'label',
        'constraint',
        'networks',
        'secrets',
        'configs',
      ),
      contents: some('key', 'one', 'two'),
    })
    .map(({ others, kept, fields, contents }) => {
      const changed = Object.entries(others).map(([name, one]) => {
        const old = before[name];
        if (old === undefined) return [name, one] as const;
        const few = Object.fromEntries(
          Object.entries(one).filter(([field]) => fields.some((wanted) => wanted === field)),
        );
        return [name, { ...old, ...few }] as const;
      });
      const same = Object.entries(before).filter(([name]) => kept.includes(name));
      return { before, after: { ...named(changed), ...named(same) }, contents };
    }),
);

/**
 * @param base the first of the ports that the stack may publish; each service has its own two
 * @param contents the secrets and configs that have other content
 */
function fileOf(stack: Stack, base: number, contents: readonly string[]): string {
  const services = Object.entries(stack).map(([name, one]) => {
    const { kind, image, replicas, environment, label, constraint, order, port, networks, secrets, configs } =
      one;
    const published = base + 2 * NAMES.indexOf(name) + (port ?? 0);
    const mode = {
      replicated: { replicas },
      global: { mode: 'global' },
      job: { mode: 'replicated-job', replicas },
    };
    const pace = { parallelism: 0, monitor: '500ms', order };
    return [
      name,
      {
        image: kind === 'job' ? ONESHOT : image,
        environment,
        stop_grace_period: '1s',
        networks,
        secrets,
        configs,
        ...(port === undefined || kind !== 'replicated' ? {} : { ports: [{ target: 80, published }] }),
        deploy: {
          ...mode[kind],
          labels: { label },
          placement: { constraints: [constraint] },
          ...(kind === 'job' ? { restart_policy: { condition: 'none' } } : { update_config: pace }),
        },
      },
    ] as const;
  });
  const used = <T extends string>(all: readonly T[], of: (one: Random) => readonly string[]): readonly T[] =>
    all.filter((name) => Object.values(stack).some((one) => of(one).includes(name)));
  const file = (name: string, of = name) => ({
    file: join(folder, contents.includes(name) ? `${name}-other` : of),
  });
  const objects = (names: readonly string[], make: (name: string) => object): object =>
    Object.fromEntries(names.map((name) => [name, make(name)]));
  return JSON.stringify({
    services: Object.fromEntries(services),
    networks: objects(
      used(['net', 'other'], ({ networks }) => networks),
      () => ({}),
    ),
    secrets: objects(
      used(['key'], ({ secrets }) => secrets),
      (name) => file(name, 'one'),
    ),
    configs: objects(
      used(['one', 'two'], ({ configs }) => configs),
      (name) => file(name),
    ),
  });
}

/** What the engine has of a stack: the versions of the services, their tasks by slot, and the names of the objects. */
async function stored(stack: string) {
  const services = await Promise.all(
    (await servicesOf(stack)).map(async ({ ID, Spec, Version }) => {
      const tasks = (await storedTasks(ID)).filter(({ DesiredState }) => DesiredState === 'running');
      const slots = tasks.map(({ ID: id, Slot, NodeID }) => [String(Slot ?? NodeID), id] as const);
      const isJob = Spec.Mode?.ReplicatedJob !== undefined;
      return [Spec.Name ?? '', { id: ID, version: Version.Index, slots: new Map(slots), isJob }] as const;
    }),
  );
  const kinds = ['networks', 'secrets', 'configs'] as const;
  const objects = await Promise.all(
    kinds.map(async (kind) =>
      (await objectsOf(kind, stack)).map((one) => `${kind.slice(0, -1)} ${one.Spec?.Name ?? one.Name ?? ''}`),
    ),
  );
  return { services: new Map(services), objects: objects.flat() };
}

/** The names of what has changed, and what has become of the tasks, in the form of a plan. */
function outcome(before: Awaited<ReturnType<typeof stored>>, after: Awaited<ReturnType<typeof stored>>) {
  const names = [...new Set([...before.services.keys(), ...after.services.keys()])].sort();
  const of = (pick: (name: string) => boolean): string[] => names.filter(pick);
  const isNew = (name: string) => before.services.get(name)?.id !== after.services.get(name)?.id;
  const isGone = (name: string) => !after.services.has(name);
  const isSame = (name: string) =>
    before.services.get(name)?.version === after.services.get(name)?.version && !isNew(name);
  const sent = of((name) => !isGone(name) && !isSame(name));
  return {
    created: sent.filter(isNew),
    updated: sent.filter((name) => !isNew(name)),
    unchanged: of(isSame),
    removed: of(isGone),
    // The end of the name of a new secret is random.
    objects: after.objects
      .filter((name) => !before.objects.includes(name))
      .map((name) => name.replace(/^(secret .*_)[0-9a-f]{8}$/, '$1<random>'))
      .sort(),
    tasks: Object.fromEntries(
      sent.flatMap((name) => {
        const now = after.services.get(name);
        if (now === undefined || now.isJob) return [];
        const old = before.services.get(name)?.slots ?? new Map<string, string>();
        const { slots } = now;
        const both = [...slots].filter(([slot]) => old.has(slot));
        const kept = both.filter(([slot, id]) => old.get(slot) === id).length;
        const counts = { replaced: both.length - kept, kept };
        return [[name, { ...counts, started: slots.size - both.length, stopped: old.size - both.length }]];
      }),
    ),
  };
}

const expected = ({ services, unchanged, removed, objects }: StackPlanResult, jobs: ReadonlySet<string>) => {
  const names = (action: string): string[] =>
    services.flatMap((one) => (one.action === action ? [one.service.name ?? ''] : []));
  return {
    created: names('create'),
    updated: names('update'),
    unchanged,
    removed: removed.map(({ name }) => name).sort(),
    objects: objects
      .flatMap((one) =>
        one.change === 'rotated'
          ? [`${one.kind} ${one.stored}`]
          : one.change === 'created'
            ? [`${one.kind} ${one.name}`]
            : [],
      )
      .sort(),
    tasks: Object.fromEntries(
      services.flatMap(({ service: { name }, tasks: { replaced, kept, started, stopped } }) =>
        name === null || jobs.has(name) ? [] : [[name, { replaced, kept, started, stopped }] as const],
      ),
    ),
  };
};

test(
  `what is planned is what the engine then has, of ${COUNT} random stacks ${SEEDED}`,
  async () => {
    const wrong: object[] = [];
    for (const [index, { before, after, contents }] of fc.sample(changes, runs(COUNT)).entries()) {
      const stack = stackName('random');
      const base = 28_500 + 10 * (index % 10);
      const deploy = (of: Stack, other: readonly string[], ...flags: readonly string[]) =>
        swarmroll(
          ['stack', 'deploy', '-c', '-', '--prune', ...flags, stack],
          deployment(fileOf(of, base, other), {}),
        );
      expectCode(await deploy(before, []), 0);
      const first = await stored(stack);
      const planned = await deploy(after, contents, '--dry-run', '-o', 'json');
      expectCode(planned, 0);
      expect(await stored(stack)).toEqual(first);
      const ended = await deploy(after, contents);
      expectCode(ended, 0);
      const second = await stored(stack);
      const jobs = new Set([...second.services].flatMap(([name, { isJob }]) => (isJob ? [name] : [])));
      const plan = expected(JSON.parse(planned.stdout) as StackPlanResult, jobs);
      const actual = outcome(first, second);
      if (JSON.stringify(plan) !== JSON.stringify(actual))
        wrong.push({ before, after, contents, plan, actual });
      await removeStack(stack);
    }
    expect(wrong).toEqual([]);
  },
  COUNT * 120_000,
);
