/** --rollback-on-failure: whatever the bad end, it is told first, and then what was there before runs again. */
import { describe, expect, test } from '@jest/globals';
import { violations } from '../../support/schema.ts';
import { image, storedService, swarmroll } from '../support/swarm.ts';
import { ONE_FAILS, PATIENT, QUICK, expectCode, given, opened, posts, states } from './support.ts';

const ping = image('ping', '1.0');
const crash = image('crash', '1.0');
const BACK = '--rollback-on-failure';
const AGAIN = 'what was there before runs again: ';

/** Runs a command through a proxy; gives also the changes that the engine was asked for, without the service's id. */
async function watched(...words: readonly string[]) {
  const between = await opened();
  const ended = await swarmroll(['-H', between.host, ...words]);
  const posted = posts(between).map((line) => line.replace(/.*\/update\?version=\d+/, ''));
  return { ...ended, posted };
}

const SENT = '&registryAuthFrom=spec';
const ROLLED_BACK = '&rollback=previous';

describe('an update', () => {
  test.each<[what: string, before: string[], update: string[], said: RegExp]>([
    ['paused', [], [...PATIENT, '--image', crash], /the engine paused the update: .*/],
    [
      'a timeout, pending for want of memory, of which the engine waits a minute for the end',
      [],
      ['--timeout', '10s', '--reserve-memory', '100g'],
      /not converged after 10s \(0 out of 1 tasks\)/,
    ],
  ])('%s: 3, by the rollback of the engine', async (_, before, update, said) => {
    const name = await given('undone', ...QUICK, ...before, ping);
    const { Spec } = await storedService(name);
    const ended = await watched('update', BACK, ...update, name);
    expectCode(ended, 3);
    expect(ended.stdout).toBe(`${name}\n`);
    const last = new RegExp(`^swarmroll: ${name}: ${said.source}: .+; ${AGAIN}.*/ping:1\\.0@`, 'm');
    expect(ended.stderr).toMatch(last);
    // The report comes first, whole.
    const [report = '', after = ''] = ended.stderr.split(`swarmroll: ${name}: undoing the change: `);
    expect(report).toMatch(new RegExp(`^swarmroll: ${name}: ${said.source}\n {2}1/1 `, 'm'));
    expect(report).not.toMatch(/goes on in the engine|swarmroll rollback/);
    expect(after).toContain('rolling back update: 1 out of 1 tasks');
    expect(ended.posted).toEqual([SENT, ROLLED_BACK]);
    expect((await storedService(name)).Spec).toEqual(Spec);
    expect(await states(name)).toEqual({ 'ping:1.0 running': 1 });
  });

  test('-o json and --progress json: both phases', async () => {
    const name = await given('json', ...QUICK, ping);
    const ended = await swarmroll([
      ...['update', BACK, '-o', 'json', '--progress', 'json'],
      ...[...PATIENT, '--image', crash, name],
    ]);
    expectCode(ended, 3);
    const result = JSON.parse(ended.stdout) as object;
    expect(violations('result', result)).toEqual([]);
    const failure = { log: ['crash: cannot open /etc/crash.conf'] };
    expect(result).toMatchObject({
      action: 'update',
      verdict: 'rolledBack',
      exitCode: 3,
      message: expect.stringMatching(
        `: task: non-zero exit \\(3\\), log: "crash: cannot open /etc/crash.conf"; ${AGAIN}`,
      ) as unknown,
      failures: [failure],
      change: { verdict: 'paused', exitCode: 4 },
      rollback: { action: 'rollback', verdict: 'converged', exitCode: 0, tasks: { wanted: 1, done: 1 } },
    });
    const lines = ended.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    for (const line of lines) expect(violations('progress', line)).toEqual([]);
    const order = lines.filter(({ type = '' }) => ['verdict', 'report', 'note'].includes(type));
    expect(order.map(({ type, verdict }) => verdict ?? type)).toEqual([
      ...['paused', 'report', 'note', 'converged', 'rolledBack'],
    ]);
  });

  test('the engine has rolled back by itself: 3, and nothing more is sent', async () => {
    const name = await given(
      'itself',
      ...QUICK,
      '--update-failure-action',
      'rollback',
      '--replicas',
      '2',
      ping,
    );
    const ended = await watched('update', BACK, ...PATIENT, '--image', crash, name);
    expectCode(ended, 3);
    expect(ended.posted).toEqual([SENT]);
    expect(ended.stderr).not.toContain('undoing');
    expect(ended.stderr).toMatch(/the engine rolled it back/);
  });

  test('the engine still rolls back by itself at the timeout: that is watched to its end', async () => {
    const slowly = ['--update-parallelism', '0', '--rollback-parallelism', '1', '--rollback-delay', '15s'];
    const rollback = ['--update-failure-action', 'rollback', '--replicas', '3'];
    const name = await given('goes-on', ...QUICK, ...slowly, ...rollback, ping);
    const ended = await watched('update', BACK, '--timeout', '25s', ...PATIENT, ...ONE_FAILS, name);
    expectCode(ended, 3);
    expect(ended.stderr).toContain(`${name}: not converged after 25s`);
    expect(ended.stderr).toContain('the engine is already rolling out this spec; watching it');
    expect(ended.posted).toEqual([SENT]);
    expect(await states(name)).toMatchObject({ 'ping:1.0 running': 3 });
  });

  test('that converges: 0, and nothing more is sent', async () => {
    const name = await given('good', ...QUICK, ping);
    const ended = await watched('update', BACK, '--image', image('ping', '1.1'), name);
    expectCode(ended, 0);
    expect(ended.posted).toEqual([SENT]);
  });
});

describe('a retry of what has failed', () => {
  test('leads back to the spec from before the first try, posted: the rollback of the engine leads nowhere', async () => {
    const name = await given('retry', ...QUICK, '--replicas', '3', '--restart-delay', '5s', ping);
    const { Spec } = await storedService(name);
    // Where all tasks have the new spec already, a retry has nothing to replace, and the engine does not pause again.
    const update = [...PATIENT, '--max-failures', '2', '--image', crash, name];
    expectCode(await swarmroll(['update', ...update]), 4);
    const ended = await watched('update', BACK, ...update);
    expectCode(ended, 3);
    expect(ended.posted).toEqual([SENT, SENT]);
    expect((await storedService(name)).Spec).toEqual(Spec);
    expect(await states(name)).toEqual({ 'ping:1.0 running': 3 });
  });
});
