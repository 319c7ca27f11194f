/** `scale` and `restart`: several services are changed, and watched at the same time. */
import { describe, expect, test } from '@jest/globals';
import { image, storedService, storedTasks, swarmroll } from '../support/swarm.ts';
import { QUICK, given, states } from '../rollout/support.ts';

const ping = image('ping', '1.0');

describe('scale', () => {
  test('up and down: docker’s lines on stdout, 0 when the surplus tasks are gone', async () => {
    const [web, api] = [
      await given('web', ...QUICK, ping),
      await given('api', ...QUICK, '--replicas', '3', ping),
    ];
    const ended = await swarmroll(['scale', `${web}=3`, `${api}=1`]);
    expect(ended).toMatchObject({ code: 0, stdout: `${web} scaled to 3\n${api} scaled to 1\n` });
    expect(await states(web)).toEqual({ 'ping:1.0 running': 3 });
    const left = await storedTasks(api);
    expect(left.filter(({ Status }) => Status.State === 'running')).toHaveLength(1);
  });
});

describe('restart', () => {
  test('replaces every task of each service, and nothing else changes', async () => {
    const names = [await given('web', ...QUICK, '--replicas', '2', ping), await given('api', ...QUICK, ping)];
    const running = async () => {
      const tasks = await Promise.all(names.map((name) => storedTasks(name)));
      return tasks
        .flat()
        .filter(({ DesiredState }) => DesiredState === 'running')
        .map(({ ID }) => ID);
    };
    const before = await running();
    const ended = await swarmroll(['restart', ...names]);
    expect(ended.code).toBe(0);
    expect(
      ended.stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/ +/)[1]),
    ).toEqual(['converged', 'converged']);
    const after = await running();
    expect(after).toHaveLength(3);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect((await storedService(names[0] ?? '')).Spec.TaskTemplate.ForceUpdate).toBe(1);
  });
});
