/** Stacks whose services depend on each other: what the engine has stored when, and what was told. */
import { describe, expect, test } from '@jest/globals';
import { startSwarmroll, storedService, storedTasks, swarmroll, until } from '../support/swarm.ts';
import { hang, proxy } from '../support/proxy.ts';
import { expectCode, posts } from '../rollout/support.ts';
import { CRASH, NEXT, ONESHOT, PING, compose, deploy, deployment, servicesOf } from './support.ts';
import { stackName, verdicts } from './support.ts';
import type { Composed } from './support.ts';

/** A service of a compose file with what it depends on. */
const after = (of: string, others: readonly string[], deployed: object = {}, more: object = {}): Composed => [
  of,
  deployed,
  { depends_on: others, ...more },
];
const JOB = { mode: 'replicated-job', restart_policy: { condition: 'none' } };
const check = (result: 'true' | 'false') => ({
  healthcheck: { test: ['CMD', result], interval: '500ms', timeout: '2s', retries: 2 },
});

/** When (ms) a service was created, by the engine's clock. */
const createdAt = async (name: string): Promise<number> => Date.parse((await storedService(name)).CreatedAt);
/** The newest task of a service that runs or has completed: when (ms) it was made, and when it got so far. */
async function newestTask(name: string): Promise<{ readonly madeAt: number; readonly doneAt: number }> {
  const tasks = (await storedTasks(name))
    .filter(({ Status }) => Status.State === 'running' || Status.State === 'complete')
    .map(({ CreatedAt, Status }) => ({
      madeAt: Date.parse(CreatedAt),
      doneAt: Date.parse(Status.Timestamp ?? ''),
    }));
  return tasks.sort((a, b) => b.madeAt - a.madeAt)[0] ?? { madeAt: NaN, doneAt: NaN };
}
const namesOf = async (stack: string): Promise<readonly string[]> =>
  (await servicesOf(stack)).map(({ Spec }) => (Spec.Name ?? '').replace(`${stack}_`, '')).sort();

test('a diamond: each is created once those before it run; unchanged, nothing is sent and all is observed', async () => {
  const stack = stackName('diamond');
  const services = {
    web: after(PING, ['api', 'cache']),
    api: after(PING, ['db']),
    cache: after(PING, ['db']),
    db: after(PING, [], {}, check('true')),
  };
  const made = await deploy(stack, services);
  expectCode(made, 0);
  for (const [first, second] of [
    ['db', 'api'],
    ['db', 'cache'],
    ['api', 'web'],
    ['cache', 'web'],
  ] as const) {
    const { doneAt } = await newestTask(`${stack}_${first}`);
    expect(await createdAt(`${stack}_${second}`)).toBeGreaterThan(doneAt);
  }
  expect(made.stderr).toContain(` ${stack}_api: ${stack}_db is healthy\n`);
  expect(made.stderr).toContain(` ${stack}_web: ${stack}_api is running, ${stack}_cache is running\n`);
  expect(made.stderr).toMatch(new RegExp(` ${stack}_api: waiting for ${stack}_db \\(healthy, \\d of 1\\)\n`));

  const before = await servicesOf(stack);
  const between = await proxy();
  const again = await swarmroll(
    ['-H', between.host, 'stack', 'deploy', '-c', '-', stack],
    deployment(compose(services), {}),
  );
  between.close();
  expectCode(again, 0);
  expect(posts(between)).toEqual([]);
  expect(between.requests.some((line) => line.startsWith('GET /tasks'))).toBe(true);
  expect(await servicesOf(stack)).toEqual(before);
  expect(Object.values(verdicts(again, stack))).toEqual(['converged', 'converged', 'converged', 'converged']);

  // The labels alone say nothing here, and depends_on is not stored: a restart knows no order.
  const plan = await deploy(stack, { ...services, db: after(NEXT, [], {}, check('true')) }, ['--dry-run']);
  expect(plan.stdout).not.toContain('order:');
});

describe('a job is a gate', () => {
  const services = (of: string, job: string): Record<string, Composed> => ({
    db: [of],
    migrate: after(job, ['db'], JOB),
    web: after(of, ['migrate']),
  });

  test('it fails: nothing behind it is sent, 5; the next deployment finishes; it runs again each time', async () => {
    const stack = stackName('gate');
    const failed = await deploy(stack, services(PING, CRASH), ['--max-failures', '1']);
    expectCode(failed, 5);
    expect(verdicts(failed, stack)).toEqual({ db: 'converged', migrate: 'failed', web: 'notSent' });
    expect(failed.stderr).toContain('crash: cannot open /etc/crash.conf');
    expect(failed.stderr).toContain(`swarmroll: ${stack}_web: not sent, because ${stack}_migrate failed\n`);
    expect(await namesOf(stack)).toEqual(['db', 'migrate']);

    const good = await deploy(stack, services(PING, ONESHOT));
    expectCode(good, 0);
    expect(good.stderr).toContain(` ${stack}_web: ${stack}_migrate has completed\n`);
    const { doneAt } = await newestTask(`${stack}_migrate`);
    expect(await createdAt(`${stack}_web`)).toBeGreaterThan(doneAt);

    const planned = await deploy(stack, services(NEXT, ONESHOT), ['--dry-run']);
    expect(planned.stdout).toContain(`${stack}_migrate:\n  no difference\n  starts 1 task\n`);
    const { JobStatus } = await storedService(`${stack}_migrate`);
    const next = await deploy(stack, services(NEXT, ONESHOT));
    expectCode(next, 0);
    expect(next.stderr).toContain(`${stack}_migrate: runs again\n`);
    const again = await storedService(`${stack}_migrate`);
    expect(again.JobStatus?.JobIteration?.Index).toBe((JobStatus?.JobIteration?.Index ?? 0) + 1);
    const [db, migrate, web] = await Promise.all(
      ['db', 'migrate', 'web'].map((name) => newestTask(`${stack}_${name}`)),
    );
    expect(migrate?.madeAt).toBeGreaterThan(db?.doneAt ?? NaN);
    expect(web?.madeAt).toBeGreaterThan(migrate?.doneAt ?? NaN);
  });
});

test('killed before the second stage: the same command again finishes', async () => {
  const stack = stackName('killed');
  const services = { db: [PING] as const, api: after(PING, ['db']), web: after(PING, ['api']) };
  const between = await proxy();
  // The engine never sees the request for the second service.
  const fault = between.inject(/^POST .*\/services\/create/, hang, { skip: 1 });
  const started = startSwarmroll(
    ['-H', between.host, 'stack', 'deploy', '-c', '-', stack],
    deployment(compose(services), {}),
  );
  await until('the next stage', () => Promise.resolve(fault.hits() > 0 || undefined));
  started.child.kill('SIGKILL');
  await started.ended;
  between.close();
  expect(await namesOf(stack)).toEqual(['db']);
  expectCode(await deploy(stack, services), 0);
  expect(await namesOf(stack)).toEqual(['api', 'db', 'web']);
  const { doneAt } = await newestTask(`${stack}_api`);
  expect(await createdAt(`${stack}_web`)).toBeGreaterThan(doneAt);
});
