/** `history`: the generations that a real swarm keeps, after all that can happen to a service. */
import { describe, expect, test } from '@jest/globals';
import { templateId } from '../../../src/generations/generations.ts';
import {
  docker,
  expectError,
  image,
  orThrow,
  storedService,
  storedTasks,
  swarmroll,
  until,
} from '../support/swarm.ts';
import { PATIENT, QUICK, expectCode, given, opened } from '../rollout/support.ts';
import { CRASH, NEXT, PING, SLOWLY, THIRD, becomes, historyOf, inShort, ok, updated } from './support.ts';

const FAILED = 'failed task: non-zero exit (3)';

describe('the generations', () => {
  test('after updates and a scale: what changed, how the tasks ended, and what the specs are', async () => {
    const name = await updated('updates', '--replicas', '2');
    await ok('update', '--image', THIRD, '--env-add', 'A=1', name);
    await becomes(name, [
      'ping:1.2 current: 2 running',
      'ping:1.1 previous: 2 shutdown',
      'ping:1.0: 2 shutdown',
    ]);
    const [newest, , oldest] = await historyOf(name);
    expect(newest?.changes?.map(({ field }) => field)).toEqual(['image', 'env A']);
    expect(oldest?.changes).toBeNull();
    // A scale overwrites the previous spec. The slot that is gone loses its tasks, but not at once.
    await ok('scale', `${name}=1`);
    expect(await inShort(name)).toEqual([
      expect.stringMatching(/^ping:1\.2 current previous: 1 running/),
      expect.stringMatching(/^ping:1\.1: [12] shutdown$/),
      expect.stringMatching(/^ping:1\.0: [12] shutdown$/),
    ]);
  });

  test('after a rollback by the engine: the template that came back is a generation of its own', async () => {
    // What takes the place of the failed task is restarted, too: after this delay.
    const flags = ['--restart-delay', '10s', '--update-failure-action', 'rollback'];
    const name = await given('engine', ...QUICK, ...flags, PING);
    expectCode(await swarmroll(['update', '-q', ...PATIENT, '--image', CRASH, name]), 3);
    await becomes(name, ['ping:1.0 current: 1 running', `crash:1.0: ${FAILED}`, 'ping:1.0: 1 shutdown']);
    const ids = (await historyOf(name)).map(({ id }) => id);
    expect(ids[0]).toBe(ids[2]);
  });

  test('a crash loop prunes the good generation; as the previous spec it is still there', async () => {
    const name = await given('loop', ...QUICK, '--update-failure-action', 'continue', PING);
    await ok('update', '--detach', '--image', CRASH, name);
    await until('the good task to be pruned', async () => {
      const tasks = await storedTasks(name);
      return tasks.every(({ Spec }) => Spec.ContainerSpec?.Image?.includes('crash') === true) || undefined;
    });
    const [current = '', previous] = await inShort(name);
    expect(current).toMatch(/^crash:1\.0 current: .*\d failed task: non-zero exit \(3\)$/);
    expect(previous).toBe('ping:1.0 previous: ');
  });

  test('a retry of a paused update adds nothing, and takes the previous spec', async () => {
    const name = await given('retry', ...SLOWLY, '--replicas', '2', PING);
    const update = ['update', '-q', ...PATIENT, '--image', CRASH, name];
    expectCode(await swarmroll(update), 4);
    expect((await historyOf(name)).map(({ previous }) => previous)).toEqual([false, true]);
    await ok('update', '--detach', ...update.slice(2));
    expect((await historyOf(name)).map(({ current, previous }) => [current, previous])).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  test('each run of a job is a generation', async () => {
    const name = await given('job', '--mode', 'replicated-job', '--replicas', '2', image('oneshot', '1.0'));
    await ok('update', '--label-add', 'run=2', name);
    await becomes(name, ['oneshot:1.0 current previous: 2 complete', 'oneshot:1.0: 2 complete']);
    expect((await swarmroll(['history', name])).stdout).toContain(' runs again ');
  });

  test('without tasks: the current spec', async () => {
    const name = await given('empty', ...QUICK, '--replicas', '0', PING);
    expect(await inShort(name)).toEqual(['ping:1.0 current: ']);
    const { stdout } = await swarmroll(['history', name]);
    expect(stdout).toMatch(/ current +\S+\/ping:1\.0 +- +none +-\n$/);
  });
});

describe('the ids', () => {
  test('are those of the templates, in every process, for every service, whoever asks', async () => {
    const name = await updated('ids', '--env', 'B=2', '--env', 'A=1', '--limit-memory', '9007199254740993');
    const first = await historyOf(name);
    expect(await historyOf((await storedService(name)).ID)).toEqual(first);
    expect(first[0]?.id).toBe(templateId((await storedService(name)).Spec.TaskTemplate));
    // The template of a task is the template of the spec, as the current generation shows.
    expect(first.map(({ tasks }) => tasks.length)).toEqual([1, 1]);
    const twin = await updated('twin', '--env', 'B=2', '--env', 'A=1', '--limit-memory', '9007199254740993');
    expect((await historyOf(twin)).map(({ id }) => id)).toEqual(first.map(({ id }) => id));
  });

  test('stay the same when docker updates what is not in the template', async () => {
    const name = await given('docker', ...QUICK, PING);
    const [before] = await historyOf(name);
    await orThrow(docker)('service', 'update', '-q', '--label-add', 'a=1', '--update-delay', '1s', name);
    const [after, ...others] = await historyOf(name);
    expect([after?.id, others]).toEqual([before?.id, []]);
  });
});

describe('output', () => {
  test('the table, --no-trunc, -q, --format; only GET requests', async () => {
    const name = await updated('output');
    const between = await opened();
    const printed = async (...flags: string[]): Promise<string> =>
      (await swarmroll(['-H', between.host, 'history', ...flags, name])).stdout;
    const [now = '', before = ''] = (await historyOf(name)).map(({ id }) => id);
    await becomes(name, ['ping:1.1 current: 1 running', 'ping:1.0 previous: 1 shutdown']);
    const [title = '', first = '', second = ''] = (await printed()).split('\n');
    expect(title).toMatch(/^ID +SPEC +IMAGE +CHANGES +TASKS +AGE$/);
    expect(first).toMatch(
      new RegExp(`^${now} +current +${NEXT} +image ping:1.0 → ping:1.1 +1 running +.*(second|minute)`),
    );
    expect(second).toMatch(new RegExp(`^${before} +previous +${PING} +- +1 shut down +`));
    expect(await printed('--no-trunc')).toContain(`${NEXT}@sha256:`);
    expect(await printed('-q')).toBe(`${now}\n${before}\n`);
    expect(await printed('--format', '{{.ID}} {{.Spec}}')).toBe(`${now} current\n${before} previous\n`);
    expect(await printed('--format', 'table {{.ID}}\t{{.Tasks}}')).toMatch(/^ID +TASKS\n\w+ +1 running\n/);
    const [line = ''] = (await printed('--format', 'json')).split('\n');
    expect(JSON.parse(line)).toMatchObject({ ID: now, Spec: 'current', Tasks: '1 running' });
    expect(between.requests.filter((request) => !request.startsWith('GET '))).toEqual([]);
  });

  test('errors', async () => {
    expectError(await swarmroll(['history', 'nosuch']), 1, 'no such service: nosuch');
    expectError(
      await swarmroll(['history', '-q', '--timeline', 'x']),
      2,
      '--quiet and --timeline cannot be combined',
    );
    const { code, stderr } = await swarmroll(['history', '--format', '{{.Nope', 'x']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('for --format')]);
    const json = await swarmroll(['history', '-o', 'json', 'nosuch']);
    expect(JSON.parse(json.stdout)).toMatchObject({ verdict: 'error', exitCode: 1 });
  });

  test('the lanes of a global service are its nodes', async () => {
    const name = await given(
      'nodes',
      ...QUICK,
      '--mode',
      'global',
      '--constraint',
      'node.role==worker',
      PING,
    );
    const { stdout } = await swarmroll(['history', '--timeline', name]);
    const lanes = stdout.split('\n').filter((line) => / {2}A/.test(line));
    const nodes = (
      await orThrow(docker)('node', 'ls', '--filter', 'role=worker', '--format', '{{.Hostname}}')
    ).stdout;
    expect(lanes.map((line) => /^\S+/.exec(line)?.[0])).toEqual(nodes.trim().split('\n').sort());
  });
});
