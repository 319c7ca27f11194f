/** --rollback-on-failure with several services: if one ends badly, all of them are undone. */
import { describe, expect, test } from '@jest/globals';
import { violations } from '../../support/schema.ts';
import { storedService, swarmroll } from '../support/swarm.ts';
import { QUICK, expectCode, given, remembered, states } from '../rollout/support.ts';
import { CRASH, NEXT, PING, deploy, servicesOf, stackName, verdicts } from './support.ts';

const BACK = '--rollback-on-failure';

describe('restart', () => {
  test('one fails the first time: it is undone, and the other one is not restarted again', async () => {
    // Runs, fails at the second start, and runs again.
    const script =
      'echo x >> /data/starts; [ $(wc -l < /data/starts) = 2 ] && exit 3; trap "exit 0" TERM; sleep 3600 & wait';
    const flags = [...QUICK, '--restart-delay', '60s', ...remembered('starts').flags];
    const web = await given('web', ...flags, PING, 'sh', '-c', script);
    // An engine that is short of processor time tells of a failure late. The failure ends this monitor period.
    expectCode(await swarmroll(['update', '--detach', '--update-monitor', '30s', web]), 0);
    const api = await given('api', ...QUICK, PING);
    const { Spec } = await storedService(web);
    const ended = await swarmroll(['restart', BACK, '-o', 'json', web, api]);
    expectCode(ended, 3);
    const result = JSON.parse(ended.stdout) as object;
    expect(violations('result', result)).toEqual([]);
    expect(result).toMatchObject({
      action: 'restart',
      verdict: 'rolledBack',
      exitCode: 3,
      services: [
        {
          verdict: 'rolledBack',
          exitCode: 3,
          change: { verdict: 'paused' },
          rollback: { verdict: 'converged' },
        },
        { verdict: 'converged', exitCode: 0 },
      ],
    });
    expect((await storedService(web)).Spec).toEqual(Spec);
    expect((await storedService(api)).Spec.TaskTemplate.ForceUpdate).toBe(1);
  });
});

describe('stack deploy', () => {
  const PAUSES = { update_config: { monitor: '30s' }, rollback_config: { monitor: '1s' } };

  test('changed services are undone, the new one is removed, the one to prune stays', async () => {
    const stack = stackName('undone');
    const rollback = { rollback_config: { monitor: '1s' } };
    expectCode(await deploy(stack, { a: [PING, PAUSES], b: [PING, rollback], c: [PING], old: [PING] }), 0);
    const specs = async () =>
      Object.fromEntries((await servicesOf(stack)).map(({ Spec }) => [Spec.Name ?? '', Spec]));
    const before = await specs();
    const next = { a: [CRASH, PAUSES], b: [NEXT, rollback], c: [PING], fresh: [PING] } as const;
    const ended = await deploy(stack, next, [BACK, '--prune', '--max-failures', '0']);
    expectCode(ended, 3);
    expect(verdicts(ended, stack)).toEqual({
      a: 'rolledBack',
      b: 'rolledBack',
      c: 'converged',
      fresh: 'rolledBack',
    });
    expect(await specs()).toEqual(before);
    expect(await states(`${stack}_a`)).toEqual({ 'ping:1.0 running': 1 });
    expect(await states(`${stack}_b`)).toEqual({ 'ping:1.0 running': 1 });
    expect(await states(`${stack}_old`)).toEqual({ 'ping:1.0 running': 1 });
  });

  test('the engine has rolled one back by itself: the others follow, and that one is left alone', async () => {
    const stack = stackName('itself');
    const itself = { ...PAUSES, update_config: { monitor: '30s', failure_action: 'rollback' } };
    expectCode(await deploy(stack, { a: [PING], b: [PING, itself] }), 0);
    const ended = await deploy(stack, { a: [NEXT], b: [CRASH, itself] }, [BACK]);
    expectCode(ended, 3);
    expect(ended.stderr).not.toContain(`${stack}_b: undoing`);
    expect(await states(`${stack}_a`)).toEqual({ 'ping:1.0 running': 1 });
    expect(await states(`${stack}_b`)).toEqual({ 'ping:1.0 running': 1 });
  });
});
