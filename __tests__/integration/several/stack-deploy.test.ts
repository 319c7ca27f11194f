/** `stack deploy`: the real docker deploys, and every service of the stack gets a verdict. */
import { describe, expect, test } from '@jest/globals';
import { pullError, said } from '../support/swarm.ts';
import {
  CRASH,
  MISSING,
  NEXT,
  ONESHOT,
  PING,
  deploy,
  servicesOf,
  stackName,
  startDeploy,
  verdicts,
} from './support.ts';

const ONCE = { restart_policy: { condition: 'none' } };

describe('a new stack', () => {
  test('all good: services, a one-shot, a job and a service of zero tasks; 0', async () => {
    const stack = stackName('good');
    const ended = await deploy(stack, {
      web: [PING, { replicas: 2 }],
      once: [ONESHOT, ONCE],
      job: [ONESHOT, { mode: 'replicated-job' }],
      none: [PING, { replicas: 0 }],
    });
    expect(ended.code).toBe(0);
    expect(verdicts(ended, stack)).toEqual({
      web: 'converged',
      once: 'converged',
      job: 'converged',
      none: 'converged',
    });
    for (const service of ['web', 'once', 'job', 'none'])
      expect(ended.stderr).toContain(`${stack}_${service}: created\n`);
    // Every line of progress names its service.
    for (const line of ended.stderr.split('\n').filter((one) => /^\d{4}-/.test(one))) {
      expect(line).toMatch(new RegExp(`^\\S+Z ${stack}_(web|once|job|none): `));
    }
  });

  test('one crash-loops, one image is missing: 5, and only their reports', async () => {
    const stack = stackName('bad');
    const ended = await deploy(stack, { web: [PING], crash: [CRASH], missing: [MISSING] });
    expect(ended.code).toBe(5);
    expect(verdicts(ended, stack)).toEqual({ web: 'converged', crash: 'failed', missing: 'failed' });
    expect(ended.stderr).toMatch(new RegExp(`^swarmroll: ${stack}_crash: the new service failed: `, 'm'));
    expect(ended.stderr).toContain('    | crash: cannot open /etc/crash.conf\n');
    expect(ended.stderr).toMatch(new RegExp(pullError(MISSING)));
    expect(ended.stderr).not.toMatch(new RegExp(`^swarmroll: ${stack}_web`, 'm'));
  });
});

describe('a stack that is there', () => {
  test('deployed again while the last deployment still rolls: both end, the second with 0', async () => {
    const stack = stackName('twice');
    const slow = { replicas: 3, update_config: { delay: '2s', monitor: '1s' } };
    expect((await deploy(stack, { web: [PING, slow] })).code).toBe(0);
    const first = startDeploy(stack, { web: [NEXT, slow] });
    await said(first, /: 1 out of 3 tasks/);
    const second = await deploy(stack, { web: [NEXT, slow] });
    expect(second.code).toBe(0);
    expect(verdicts(second, stack)).toEqual({ web: 'converged' });
    expect((await first.ended).code).toBe(0);
  });

  test('two different deployments at the same time: the first is superseded, 7', async () => {
    const stack = stackName('race');
    const slow = { replicas: 3, update_config: { delay: '60s', monitor: '1s' } };
    expect((await deploy(stack, { web: [PING, slow] })).code).toBe(0);
    const first = startDeploy(stack, { web: [NEXT, slow] });
    await said(first, /: 1 out of 3 tasks/);
    const second = await deploy(stack, { web: [PING, { replicas: 3 }] });
    expect((await first.ended).code).toBe(7);
    expect(second.code).toBe(0);
  });
});

describe('what docker refuses', () => {
  test('ends with 1 and its own words', async () => {
    const stack = stackName('refused');
    const ended = await deploy(stack, { web: [PING, { mode: 'nonsense' }] });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(/^swarmroll: .*nonsense.*\n$/);
    expect(await servicesOf(stack)).toEqual([]);
  });
});
