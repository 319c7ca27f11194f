/** `rollback --to ID` on the real swarm: what it changes, what it leaves, what it refuses, and how it ends. */
import { describe, expect, test } from '@jest/globals';
import {
  docker,
  expectError,
  orThrow,
  run,
  storedService,
  swarm,
  swarmroll,
  uniqueName,
  until,
} from '../support/swarm.ts';
import { violations } from '../../support/schema.ts';
import {
  BRISK,
  NOWHERE,
  PATIENT,
  expectCode,
  expectReport,
  given,
  opened,
  posts,
  states,
} from '../rollout/support.ts';
import {
  CRASH,
  NEXT,
  PING,
  QUICK,
  SLOWLY,
  becomes,
  historyOf,
  idOf,
  ok,
  storedImage,
  updated,
} from './support.ts';

/** `rollback` through a proxy that records the requests. */
async function watched(...words: readonly string[]) {
  const between = await opened();
  const ended = await swarmroll(['-H', between.host, 'rollback', ...words]);
  return { ...ended, posted: posts(between), requests: between.requests };
}

describe('with the other flags', () => {
  test('--dry-run shows what would come back, and sends nothing', async () => {
    const name = await updated('dry');
    const id = await idOf(name, 'ping:1.0');
    const ended = await watched('--dry-run', '--to', id, name);
    expectCode(ended, 0);
    expect(ended.stdout).toMatch(
      /^~ image {2}\S*ping:1\.1\S* → \S*ping:1\.0\S*\nreplaces 1 task, in at least \w+\n$/,
    );
    expect(ended.posted).toEqual([]);
    expect(await storedImage(name)).toContain('ping:1.1@');
  });

  test('--rollback-on-failure: what ran before runs again, if the earlier template fails', async () => {
    const name = await given('to-crash', ...QUICK, PING);
    expectCode(await swarmroll(['update', '-q', ...PATIENT, '--image', CRASH, name]), 4);
    expectCode(await swarmroll(['rollback', '-q', name]), 0);
    const id = await idOf(name, 'crash:1.0');
    const ended = await watched('--rollback-on-failure', '--to', id, name);
    expectCode(ended, 3);
    expect(ended.stderr).toContain('non-zero exit (3)');
    expect(ended.posted).toHaveLength(2);
    expect(await storedImage(name)).toContain('ping:1.0@');
    expect(await states(name)).toMatchObject({ 'ping:1.0 running': 1 });
  });
});

describe('what is changed', () => {
  test('the task template alone, with its digest; nothing is resolved anew, and what stays is told', async () => {
    const name = await given('template', ...QUICK, '--env', 'A=1', '--container-label', 'l=1', PING);
    const before = (await storedService(name)).Spec;
    const id = await idOf(name, 'ping:1.0');
    await ok('update', '--image', NEXT, '--env-rm', 'A', '--publish-add', '80', '--label-add', 'x=1', name);
    await ok('scale', `${name}=2`);
    const { Spec } = await storedService(name);
    const ended = await watched('--to', id.slice(0, 7).toUpperCase(), name);
    expectCode(ended, 0);
    expect(ended.stdout).toBe(`${name}\n`);
    expect(ended.posted).toHaveLength(1);
    expect(ended.requests.join('\n')).not.toContain('/distribution/');
    const [note] = ended.stderr.split('\n');
    expect(note).toBe(
      `swarmroll: ${name}: rolling back to the task template ${id} (${PING}); replicas, ports, labels and update settings stay as they are`,
    );
    expect((await storedService(name)).Spec).toEqual({ ...Spec, TaskTemplate: before.TaskTemplate });
    expect(await states(name)).toEqual({ 'ping:1.0 running': 2 });
    const [now] = await historyOf(name);
    expect([now?.id, now?.current]).toEqual([id, true]);
  });

  test('the label of the image of a stack: the next deployment resolves what has changed', async () => {
    const stack = uniqueName('label');
    const name = `${stack}_web`;
    const deploy = async (image: string, resolve = 'changed'): Promise<void> => {
      const compose = JSON.stringify({
        version: '3.8',
        services: { web: { image, stop_grace_period: '1s' } },
      });
      const words = [
        'exec',
        '-i',
        swarm.manager,
        'docker',
        'stack',
        'deploy',
        '--detach',
        '--resolve-image',
        resolve,
      ];
      const ended = await run('docker', ['-H', swarm.outerHost, ...words, '-c', '-', stack], {
        input: compose,
      });
      expectCode(ended, 0);
      await ok('wait', name);
    };
    const label = async (): Promise<string | undefined> =>
      (await storedService(name)).Spec.Labels?.['com.docker.stack.image'];
    try {
      await deploy(PING);
      const id = await idOf(name, 'ping:1.0');
      await deploy(NEXT);
      for (let again = 0; again < 2; again += 1) await deploy(NEXT, 'always');
      expectError(
        await swarmroll(['rollback', name]),
        1,
        `${name}: nothing to roll back to: the previous spec is the same as the current one`,
      );
      await ok('rollback', '--to', id, name);
      expect([await label(), await storedImage(name)]).toEqual([PING, expect.stringContaining(`${PING}@`)]);
      await deploy(NEXT);
      expect([await label(), await storedImage(name)]).toEqual([NEXT, expect.stringContaining(`${NEXT}@`)]);
    } finally {
      await ok('scale', `${name}=0`);
      await orThrow(docker)('stack', 'rm', stack);
    }
  });
});

describe('already there', () => {
  test('nothing is posted; 0, because the tasks run', async () => {
    const name = await updated('there');
    const ended = await watched('-o', 'json', '--to', await idOf(name, 'ping:1.1'), name);
    expectCode(ended, 0);
    expect(ended.posted).toEqual([]);
    expect(ended.stderr).toMatch(/^swarmroll: \S+: already there: \w{12} is the current task template\n/);
    const result = JSON.parse(ended.stdout) as object;
    expect(violations('result', result)).toEqual([]);
    expect(result).toMatchObject({ verdict: 'unchanged', exitCode: 0 });
  });

  test('a forced update is no other template', async () => {
    const name = await given('forced', ...QUICK, PING);
    await ok('restart', name);
    const ended = await watched('--to', (await historyOf(name))[1]?.id ?? '', name);
    expectCode(ended, 0);
    expect(ended.posted).toEqual([]);
  });

  test('but its tasks fail: 5', async () => {
    const name = await given('broken', ...BRISK, '--update-failure-action', 'continue', PING);
    await ok('update', '--detach', '--image', CRASH, name);
    const ended = await watched('--to', await idOf(name, 'crash:1.0'), name);
    expectCode(ended, 5);
    expect(ended.posted).toEqual([]);
    expect(ended.stderr).toContain('already there');
    expect(ended.stderr).toContain('task: non-zero exit (3)');
  });
});

describe('refused before anything is sent', () => {
  test('an id that is not kept, an empty id', async () => {
    const name = await given('unknown', ...QUICK, PING);
    const ended = await watched('--to', 'beef', name);
    expectError(ended, 1, `${name}: no generation beef is kept; nothing was sent`);
    expect(ended.stderr).toMatch(
      new RegExp(`  see what is kept with: swarmroll --host=\\S+ history ${name}\n`),
    );
    expect(ended.posted).toEqual([]);
    expectError(await swarmroll(['rollback', '--to', '', name]), 2, '--to must be the id of a generation');
  });

  test.each(['secret', 'config'])('a %s that is gone', async (kind) => {
    const ofSwarm = orThrow(docker);
    const thing = uniqueName(kind);
    await ofSwarm(kind, 'create', thing, '/etc/hostname');
    const name = await given(`no-${kind}`, ...QUICK, `--${kind}`, thing, PING);
    const id = await idOf(name, 'ping:1.0');
    await ok('update', '--image', NEXT, `--${kind}-rm`, thing, name);
    const there = await watched('--quiet', '--to', id, name);
    expectCode(there, 0);
    await ok('update', '--image', NEXT, `--${kind}-rm`, thing, name);
    await ofSwarm(kind, 'rm', thing);
    // One of the same name is not the same.
    await ofSwarm(kind, 'create', thing, '/etc/hosts');
    const ended = await watched('--to', id, name);
    await ofSwarm(kind, 'rm', thing);
    expect(ended.stderr).toMatch(
      new RegExp(
        `^swarmroll: ${name}: cannot roll back to ${id}: ${kind} ${thing} \\(id \\w+\\) is gone; nothing was sent\n`,
      ),
    );
    expect(ended.stderr).toMatch(
      /\n {2}to set its image alone: swarmroll --host=\S+ update --image \S+@sha256:\w+ \S+\n$/,
    );
    expect([ended.code, ended.posted]).toEqual([1, []]);
  });

  test('a network that is gone', async () => {
    const ofSwarm = orThrow(docker);
    const network = uniqueName('network');
    await ofSwarm('network', 'create', '--driver', 'overlay', network);
    const name = await given('no-network', ...QUICK, '--network', network, PING);
    const id = await idOf(name, 'ping:1.0');
    await ok('update', '--image', NEXT, '--network-rm', network, name);
    await ofSwarm('network', 'rm', network);
    const ended = await watched('--to', id, name);
    expect(ended.stderr).toMatch(/: cannot roll back to \w+: network \w+ is gone; nothing was sent\n/);
    expect([ended.code, ended.posted]).toEqual([1, []]);
  });
});

describe('the verdicts of an update', () => {
  test('it crashes, and the engine rolls it back: 3', async () => {
    const name = await given('back', ...SLOWLY, '--update-failure-action', 'rollback', PING);
    expectCode(await swarmroll(['update', '-q', ...PATIENT, '--image', CRASH, name]), 3);
    await becomes(name, [
      'ping:1.0 current: 1 running',
      'crash:1.0: failed task: non-zero exit (3)',
      'ping:1.0: 1 shutdown',
    ]);
    const id = await idOf(name, 'crash:1.0');
    // The update settings went back with the spec.
    await ok('update', '--detach', ...PATIENT.slice(0, 4), name);
    const ended = await watched('--max-failures', '0', '--to', id, name);
    expectCode(ended, 3);
    expect(await states(name)).toEqual({ 'ping:1.0 running': 1 });
    // The engine has left no previous spec.
    const nowhere = await watched(name);
    expectError(nowhere, 1, `${name}: nothing to roll back to: there is no previous spec`);
    expect(nowhere.stderr).toMatch(
      new RegExp(`history ${name}; roll back to one with: swarmroll --host=\\S+ rollback --to ID ${name}\n`),
    );
    expect(nowhere.posted).toEqual([]);
  });

  test('--timeout: 124; --detach: accepted', async () => {
    const name = await given('late', ...QUICK, PING);
    const id = await idOf(name, 'ping:1.0');
    await ok('update', '--detach', '--constraint-add', NOWHERE, '--image', NEXT, name);
    const [stuck] = await historyOf(name);
    expectCode(await watched('--to', id, name), 0);
    const ended = await watched('--timeout', '10s', '--to', stuck?.id ?? '', name);
    expectCode(ended, 124);
    expectReport(
      { ...ended, stderr: ended.stderr.split('\n').slice(1).join('\n') },
      /not converged after 10s/,
    );
    const detached = await watched('--detach', '-o', 'json', '--to', id, name);
    expectCode(detached, 0);
    expect(JSON.parse(detached.stdout)).toMatchObject({ action: 'update', verdict: 'accepted' });
    expect(await storedImage(name)).toContain('ping:1.0@');
  });
});

test('ids of the service are completed, but not the current one', async () => {
  const name = await updated('complete');
  const [now, before] = (await historyOf(name)).map(({ id }) => id);
  const candidates = async (...words: string[]): Promise<readonly string[]> =>
    (await swarmroll(['__complete', '--', ...words])).stdout.split('\n').filter(Boolean);
  // A busy engine may not answer before the timeout of completion.
  const offered = await until('the ids to be offered', async () => {
    const found = await candidates('rollback', name, '--to', '');
    return found.length === 0 ? undefined : found;
  });
  expect(offered).toEqual([before]);
  expect(await candidates('rollback', name, '--to', 'x')).toEqual([]);
  expect(await candidates('rollback', name, '--to', now ?? '')).toEqual([]);
});
