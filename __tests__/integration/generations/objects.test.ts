/** Secrets that are gone, and networks that the engine does not list. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { proxy } from '../support/proxy.ts';
import { docker, image, orThrow, storedService, swarmroll, uniqueName } from '../support/swarm.ts';
import type { Ended } from '../support/swarm.ts';
import { QUICK, expectCode, given, posts } from '../rollout/support.ts';
import { NEXT, PING, idOf, ok, storedImage } from './support.ts';

const ofSwarm = orThrow(docker);
const left: string[] = [];
afterAll(() => Promise.all(left.map((name) => docker(['secret', 'rm', name]))));

/** A new secret. */
async function made(): Promise<string> {
  const name = uniqueName('secret');
  left.push(name);
  await ofSwarm('secret', 'create', name, '/etc/hostname');
  return name;
}

/** Runs a command, and tells what the engine was sent. */
async function sent(...words: readonly string[]): Promise<Ended & { readonly posted: readonly string[] }> {
  const between = await proxy();
  try {
    const ended = await swarmroll(words, { env: { DOCKER_HOST: between.host } });
    return { ...ended, posted: posts(between) };
  } finally {
    between.close();
  }
}

describe('the previous spec uses what is gone', () => {
  test('a secret: refused, and another generation is named', async () => {
    const [name, thing] = [await given('gone', ...QUICK, PING), await made()];
    const id = await idOf(name, 'ping:1.0');
    await ok('update', '--image', NEXT, '--secret-add', thing, name);
    await ok('update', '--image', image('ping', '1.2'), '--secret-rm', thing, name);
    await ofSwarm('secret', 'rm', thing);
    for (const words of [['rollback'], ['rollback', '--dry-run'], ['update', '--rollback']]) {
      const { code, stdout, stderr, posted } = await sent(...words, name);
      expect({ code, stdout, posted }).toEqual({ code: 1, stdout: '', posted: [] });
      const [first, hint, ...more] = stderr.split('\n');
      expect(first?.replace(/id \w+/, 'id')).toBe(
        `swarmroll: ${name}: cannot roll back: secret ${thing} (id) is gone; nothing was sent`,
      );
      expect(hint).toBe(`  roll back to another generation with: swarmroll rollback --to ${id} ${name}`);
      expect(more).toEqual(['']);
    }
    expectCode(await swarmroll(['rollback', '--to', id, name]), 0);
    expect(await storedImage(name)).toMatch(/ping:1\.0@/);
  });
});

test('a service on the network host is planned, shown and rolled back to like any other', async () => {
  const network = 'host';
  const name = await given('net', ...QUICK, '--network', network, PING);
  const id = await idOf(name, 'ping:1.0');
  const { Networks = [] } = (await storedService(name)).Spec.TaskTemplate;
  const plan = await swarmroll(['update', '--dry-run', '--image', NEXT, '--network-rm', network, name]);
  expect(plan.stdout.split('\n').map((line) => line.replace(/ {2,}.*/, ''))).toEqual([
    '~ image',
    '- network',
    expect.stringMatching(/^replaces 1 task, /),
    '',
  ]);
  expect(plan.stdout).toMatch(new RegExp(`^- network +${network}$`, 'm'));
  await ok('update', '--image', NEXT, '--network-rm', network, name);
  expect((await swarmroll(['diff', name])).stdout).toMatch(new RegExp(`^- network +${network}$`, 'm'));
  expect((await swarmroll(['history', '--no-trunc', name])).stdout).toContain(`, -network ${network} `);
  const back = await swarmroll(['rollback', '--dry-run', '--to', id, name]);
  expect(back.stdout).toMatch(new RegExp(`^\\+ network +${network}$`, 'm'));
  expect(back.stdout).not.toContain('risk:');
  expectCode(await swarmroll(['rollback', '--to', id, name]), 0);
  expect((await storedService(name)).Spec.TaskTemplate.Networks).toEqual(Networks);
  expect((await swarmroll(['inspect', '--pretty', name])).stdout).toMatch(
    new RegExp(`^Networks: ${network} $`, 'm'),
  );
});
