/** `scale` and `restart`: several services are changed, and watched at the same time. */
import { describe, expect, test } from '@jest/globals';
import { docker, image, storedService, storedTasks, swarmroll } from '../support/swarm.ts';
import { QUICK, create, given, states } from '../rollout/support.ts';

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

  test('the same number: nothing is sent', async () => {
    const web = await given('same', ...QUICK, ping);
    const before = await storedService(web);
    expect((await swarmroll(['scale', `${web}=1`])).code).toBe(0);
    expect((await storedService(web)).Version).toEqual(before.Version);
  });

  test('a global service among others is refused before the first is changed, as docker refuses it', async () => {
    const web = await given('first', ...QUICK, ping);
    const { name: everywhere } = await create('global', ['--detach', '--mode', 'global', ping]);
    const before = await storedService(web);
    const ended = await swarmroll(['scale', `${web}=2`, `${everywhere}=2`]);
    const theirs = await docker(['service', 'scale', '--detach', `${everywhere}=2`]);
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(theirs.stderr.trim());
    expect((await storedService(web)).Version).toEqual(before.Version);
  });

  test.each([['web'], ['web='], ['=2'], ['web=x'], ['web=-1'], ['web=1', 'web=2']])(
    '%j %j: usage, 2',
    async (...words) => {
      expect(await swarmroll(['scale', ...words])).toMatchObject({ code: 2, stdout: '' });
    },
  );

  test('--detach: accepted', async () => {
    const web = await given('detached', ...QUICK, ping);
    const ended = await swarmroll(['scale', '--detach', '-o', 'json', `${web}=2`]);
    expect(JSON.parse(ended.stdout)).toMatchObject({ action: 'scale', verdict: 'accepted', exitCode: 0 });
    expect((await storedService(web)).Spec.Mode?.Replicated?.Replicas).toBe(2);
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

  test('by a label', async () => {
    const name = await given('label', ...QUICK, '--label', 'swarmroll.test=restart', ping);
    const ended = await swarmroll(['restart', '--filter', 'label=swarmroll.test=restart']);
    expect(ended).toMatchObject({ code: 0, stdout: `${name}  converged\n` });
  });
});
