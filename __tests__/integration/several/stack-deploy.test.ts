/** `stack deploy`: the real docker deploys, and every service of the stack gets a verdict. */
import { describe, expect, test } from '@jest/globals';
import { ONESHOT, PING, deploy, servicesOf, stackName, verdicts } from './support.ts';

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
