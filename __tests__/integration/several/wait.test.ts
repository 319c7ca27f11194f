/** `wait`: services that somebody else has changed, watched to their verdicts. */
import { describe, expect, test } from '@jest/globals';
import { violations } from '../../support/schema.ts';
import { docker, image, orThrow, said, startSwarmroll, swarmroll } from '../support/swarm.ts';
import { BRISK, NOWHERE, QUICK, create, given, serviceName } from '../rollout/support.ts';

const dockerOk = orThrow(docker);
const ping = image('ping', '1.0');
const next = image('ping', '1.1');
const crash = image('crash', '1.0');

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

  test('begun during the wait: told and followed', async () => {
    const name = await given('during', ...QUICK, ping);
    await updateByDocker(name, '--update-monitor', '1s', '--image', next, '--constraint-add', NOWHERE);
    const waiting = startSwarmroll(['wait', name]);
    await said(waiting, /no suitable node/);
    await updateByDocker(name, '--image', image('ping', '1.2'), '--constraint-rm', NOWHERE);
    const ended = await waiting.ended;
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/another change of the service: ping:1\.1 .* → ping:1\.2 .*; following it/);
  });
});

describe('what had ended before the wait began', () => {
  test('rolled back by a person: 0', async () => {
    const name = await given('asked', ...QUICK, ping);
    expect((await swarmroll(['update', '--quiet', '--image', next, name])).code).toBe(0);
    await dockerOk('service', 'rollback', '--detach', name);
    expect((await swarmroll(['wait', name])).code).toBe(0);
  });
});

describe('several services', () => {
  test('the exit code of the worst, a report of each that did not converge', async () => {
    const good = await given('good', ...QUICK, ping);
    const { name: bad } = await create('bad', ['--detach', ...BRISK, crash]);
    const { name: lost } = await create('lost', ['--detach', ...BRISK, '--constraint', NOWHERE, ping]);
    const ended = await swarmroll([
      'wait',
      '--timeout',
      '20s',
      '--max-failures',
      '1',
      '-o',
      'json',
      good,
      bad,
      lost,
    ]);
    expect(ended.code).toBe(5);
    expect(violations('result', JSON.parse(ended.stdout))).toEqual([]);
    const { services, ...whole } = JSON.parse(ended.stdout) as { services: { verdict: string }[] };
    expect(whole).toEqual({ action: 'wait', verdict: 'failed', exitCode: 5 });
    expect(services.map(({ verdict }) => verdict)).toEqual(['converged', 'failed', 'timedOut']);
    expect(ended.stderr).toMatch(
      new RegExp(
        `^swarmroll: ${bad}: the service does not run: task 1/1 failed (once|[2-9] times in a row)$`,
        'm',
      ),
    );
    expect(ended.stderr).toContain(`swarmroll: ${lost}: not converged after 20s`);
  });

  test('--progress json: every object names its service', async () => {
    const [one, two] = [await given('one', ...QUICK, ping), await given('two', ...QUICK, ping)];
    const ended = await swarmroll(['wait', '--progress', 'json', one, two]);
    const lines = ended.stderr.trimEnd().split('\n');
    for (const line of lines) expect(violations('progress', JSON.parse(line))).toEqual([]);
    expect(new Set(lines.map((line) => (JSON.parse(line) as { service: string }).service))).toEqual(
      new Set([one, two]),
    );
  });

  test('with one service, too: every line and every object names it, the report included', async () => {
    const { name } = await create('alone', ['--detach', ...BRISK, '--restart-condition', 'none', crash]);
    const ended = await swarmroll(['wait', '--progress', 'json', name]);
    expect(ended).toMatchObject({ code: 5, stdout: `${name}  failed\n` });
    const objects = ended.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    for (const object of objects) expect(object).toMatchObject({ service: name });
    expect(objects.at(-1)).toMatchObject({ type: 'report' });
    const plain = await swarmroll(['wait', name]);
    for (const line of plain.stderr.split('\n').filter((one) => /^\d{4}-/.test(one))) {
      expect(line).toContain(`Z ${name}: `);
    }
  });

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
