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
import { QUICK, expectCode, given, opened, posts, states } from '../rollout/support.ts';
import { NEXT, PING, historyOf, idOf, ok, storedImage, updated } from './support.ts';

/** `rollback` through a proxy that records the requests. */
async function watched(...words: readonly string[]) {
  const between = await opened();
  const ended = await swarmroll(['-H', between.host, 'rollback', ...words]);
  return { ...ended, posted: posts(between), requests: between.requests };
}

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
        services: { web: { image, stop_grace_period: '1s', deploy: { update_config: { monitor: '1s' } } } },
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

describe('refused before anything is sent', () => {
  test('a secret that is gone', async () => {
    const kind = 'secret';
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
