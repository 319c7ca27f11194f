/** --rollback-on-failure with several services: if one ends badly, all of them are undone. */
import { describe, expect, test } from '@jest/globals';
import { expectCode, states } from '../rollout/support.ts';
import { CRASH, NEXT, PING, deploy, servicesOf, stackName, verdicts } from './support.ts';

const BACK = '--rollback-on-failure';

describe('stack deploy', () => {
  const PAUSES = { update_config: { monitor: '30s' }, rollback_config: { monitor: '1s' } };

  test('changed services are undone, the new one is removed, the one to prune stays', async () => {
    const stack = stackName('undone');
    const rollback = { rollback_config: { monitor: '1s' } };
    const first = { a: [PING, rollback], b: [PING, rollback], c: [PING], old: [PING] } as const;
    expectCode(await deploy(stack, first), 0);
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
});
