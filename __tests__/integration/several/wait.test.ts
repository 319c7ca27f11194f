/** `wait`: services that somebody else has changed, watched to their verdicts. */
import { describe, expect, test } from '@jest/globals';
import { docker, image, orThrow, said, startSwarmroll, swarmroll } from '../support/swarm.ts';
import { BRISK, NOWHERE, QUICK, create, given, serviceName } from '../rollout/support.ts';

const dockerOk = orThrow(docker);
const ping = image('ping', '1.0');
const next = image('ping', '1.1');

/** Has the real docker update a service, without waiting for it. */
const updateByDocker = (name: string, ...words: readonly string[]) =>
  dockerOk('service', 'update', '--detach', ...words, name);

describe('an update by docker', () => {
  test('begun before the wait: 0 once all tasks follow', async () => {
    const name = await given('begun', ...QUICK, '--replicas', '3', '--update-delay', '1s', ping);
    await updateByDocker(name, '--image', next);
    const ended = await swarmroll(['wait', name]);
    expect(ended).toMatchObject({ code: 0, stdout: `${name}  converged\n` });
    expect(ended.stderr).toContain('overall progress: 3 out of 3 tasks');
  });
});

describe('several services', () => {
  test('a service that is removed meanwhile: 7', async () => {
    const { name } = await create('gone', ['--detach', ...BRISK, '--constraint', NOWHERE, ping]);
    const waiting = startSwarmroll(['wait', name]);
    await said(waiting, /no suitable node/);
    await dockerOk('service', 'rm', name);
    expect(await waiting.ended).toMatchObject({ code: 7, stdout: `${name}  removed\n` });
  });

  test('SIGINT: 130, and one report of each', async () => {
    const { name } = await create('stop', ['--detach', ...BRISK, '--constraint', NOWHERE, ping]);
    const { name: other } = await create('stop', ['--detach', ...BRISK, '--constraint', NOWHERE, ping]);
    const waiting = startSwarmroll(['wait', name, other]);
    await said(waiting, new RegExp(`${other}.*no suitable node`));
    waiting.child.kill('SIGINT');
    const ended = await waiting.ended;
    expect(ended.code).toBe(130);
    for (const one of [name, other]) expect(ended.stderr).toContain(`swarmroll: ${one}: stopped watching`);
  });

  test('nothing that matches: 1; nothing that is asked for: 2', async () => {
    expect(await swarmroll(['wait', '--stack', 'there-is-none'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('swarmroll: no service matches stack there-is-none\n') as unknown,
    });
    expect((await swarmroll(['wait', serviceName('none')])).code).toBe(1);
    expect((await swarmroll(['wait'])).code).toBe(2);
    expect((await swarmroll(['wait', '--filter', 'nonsense'])).code).toBe(2);
  });
});
