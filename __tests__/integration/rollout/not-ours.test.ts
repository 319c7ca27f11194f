/** Others come in between (7), the user goes (130, 143): nothing is changed by stopping. */
import { describe, expect, test } from '@jest/globals';
import { proxy } from '../support/proxy.ts';
import { docker, image, said, startSwarmroll, storedService, until } from '../support/swarm.ts';
import { BRISK, PATIENT, QUICK, expectReport, given, halfWay, serviceName } from './support.ts';

const ping = image('ping', '1.0');

/** An update of three tasks under way, of which one has been replaced. The next one is after the delay. */
async function underWay(stem: string, delay = '60s') {
  const name = await given(stem, ...QUICK, '--replicas', '3', '--update-delay', delay, ping);
  return { name, ...(await halfWay(name)) };
}

describe('not ours any more: exit 7', () => {
  test('a rollback of someone else', async () => {
    const { name, ended } = await underWay('taken-back');
    await docker(['service', 'rollback', '--detach', name]);
    const last = await ended;
    expect(last.code).toBe(7);
    expectReport(last, `${name}: someone stored the spec from before this update again while it rolled out`);
  });
});

describe('signals', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 143],
  ] as const)('%s ends the watching, the rollout goes on: exit %i', async (signal, code) => {
    const { name, child, ended } = await underWay('signal');
    const { Spec: before } = await storedService(name);
    child.kill(signal);
    const last = await ended;
    expect(last.code).toBe(code);
    expectReport(last, /: stopped watching \(\d out of 3 tasks\); the rollout goes on in the engine$/);
    expect(last.stderr).toContain(`  swarmroll ps ${name}   # `);
    const { Spec, UpdateStatus } = await storedService(name);
    expect(Spec).toEqual(before);
    expect(Spec.TaskTemplate.ContainerSpec?.Image).toContain('ping:1.1');
    expect(UpdateStatus?.State).toBe('updating');
  });

  test('a second signal ends the process, whatever it waits for', async () => {
    // After the first one it waits half a second more for the log of what failed, which never comes here.
    const between = await proxy(({ url }) =>
      url?.includes('/logs?') === true ? new Promise(() => undefined) : undefined,
    );
    try {
      const words = ['--name', serviceName('twice'), ...BRISK, ...PATIENT, image('crash', '1.0')];
      const rollout = startSwarmroll(['-H', between.host, 'create', ...words]);
      await said(rollout, /: failed on /);
      const { child, ended } = rollout;
      await until('the log to be asked for', () =>
        Promise.resolve(between.requests.some((line) => line.includes('/logs?')) || undefined),
      );
      // Both come before it can end by itself. They are two signals: of two that are the same, the system may drop one.
      child.kill('SIGINT');
      child.kill('SIGTERM');
      const last = await ended;
      expect([130, 143]).toContain(last.code);
      expect(last.stderr).not.toContain('swarmroll ps');
    } finally {
      between.close();
    }
  });

  test('a reader of stderr that goes away ends nothing: the result and the exit code still come', async () => {
    const { name, child, ended } = await underWay('closed', '2s');
    child.stderr.destroy();
    const { code, stdout } = await ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${name}\n` });
    expect((await storedService(name)).UpdateStatus?.State).toBe('completed');
  });
});
