/** --rollback-on-failure: whatever the bad end, it is told first, and then what was there before runs again. */
import { describe, expect, test } from '@jest/globals';
import { image, storedService, swarmroll } from '../support/swarm.ts';
import { PATIENT, QUICK, expectCode, given, opened, posts, states } from './support.ts';

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
  // The second one waits for a minute.
  test.concurrent.each<[what: string, update: string[], said: RegExp]>([
    ['paused', [...PATIENT, '--image', crash], /the engine paused the update: .*/],
    [
      'a timeout, pending for want of memory, of which the engine waits a minute for the end',
      ['--timeout', '10s', '--reserve-memory', '100g'],
      /not converged after 10s \(0 out of 1 tasks\)/,
    ],
  ])('%s: 3, by the rollback of the engine', async (_, update, said) => {
    const name = await given('undone', ...QUICK, ping);
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
});
