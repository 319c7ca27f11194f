/** Somebody else changes the service while our update rolls: 7 only where it is what we changed, else told and followed. */
import { describe, expect, test } from '@jest/globals';
import { docker, image, orThrow, said, startSwarmroll, storedService } from '../support/swarm.ts';
import { PATIENT, QUICK, expectCode, expectReport, given, states } from './support.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');
const theirs = orThrow(docker);

/** An update of two tasks of which one is replaced, and the other will be after 2 s. */
async function underWay(stem: string, ...flags: readonly string[]) {
  const name = await given(
    stem,
    ...QUICK,
    '--replicas',
    '2',
    '--update-delay',
    '2s',
    '--label',
    'team=a',
    ping,
  );
  const rollout = startSwarmroll(['update', ...flags, '--image', next, name]);
  await said(rollout, /: running on /);
  return { name, ended: rollout.ended };
}

const TOLD = /another change of the service/;

describe("somebody else's change of a field that our change does not own is told, and the service is judged with it", () => {
  test('a scale up: 0 once all of them run', async () => {
    const { name, ended } = await underWay('scaled-up');
    await theirs('service', 'scale', '--detach', `${name}=4`);
    const last = await ended;
    expectCode(last, 0);
    expect(last.stderr).toMatch(TOLD);
    expect(last.stderr).toMatch(/\b4\b.*following|following.*\b4\b/);
    expect(last.stderr).toContain('overall progress: 4 out of 4 tasks');
    expect(await states(name)).toEqual({ 'ping:1.1 running': 4 });
  });

  test('a scale down', async () => {
    const { name, ended } = await underWay('scaled-down');
    await theirs('service', 'scale', '--detach', `${name}=1`);
    const last = await ended;
    expectCode(last, 0);
    expect(last.stderr).toMatch(TOLD);
    expect(await states(name)).toEqual({ 'ping:1.1 running': 1 });
  });

  test('to more than there is room for: not 0, for want of nodes', async () => {
    const { name, ended } = await underWay(
      'no-room',
      '--progress-deadline',
      '6s',
      '--replicas-max-per-node',
      '1',
    );
    await theirs('service', 'scale', '--detach', `${name}=4`);
    const last = await ended;
    expectCode(last, 5);
    expect(last.stderr).toMatch(TOLD);
    expect(last.stderr).toContain('no suitable node (max replicas per node limit exceed');
  });

  test('a label', async () => {
    const { name, ended } = await underWay('labelled');
    await theirs('service', 'update', '--detach', '--label-add', 'theirs=1', name);
    const last = await ended;
    expectCode(last, 0);
    expect(last.stderr).toMatch(TOLD);
    expect(await states(name)).toEqual({ 'ping:1.1 running': 2 });
    expect((await storedService(name)).Spec.Labels).toEqual({ team: 'a', theirs: '1' });
  });

  test('another label than the one that we named', async () => {
    const { name, ended } = await underWay('other-label', '--label-add', 'ours=1');
    await theirs('service', 'update', '--detach', '--label-add', 'team=b', name);
    const last = await ended;
    expectCode(last, 0);
    expect(last.stderr).toMatch(TOLD);
    expect((await storedService(name)).Spec.Labels).toEqual({ team: 'b', ours: '1' });
  });

  test('the update configuration, and two changes one after the other', async () => {
    const { name, ended } = await underWay('config');
    await theirs('service', 'update', '--detach', '--update-order', 'start-first', name);
    await theirs('service', 'scale', '--detach', `${name}=3`);
    expectCode(await ended, 0);
    expect(await states(name)).toEqual({ 'ping:1.1 running': 3 });
  });

  test('a scale that takes away what the engine would roll back to: never 0 and never 3', async () => {
    // The engine rolls "back" to the very template that fails: the spec before is that of the scale.
    const late = image('latecrash', '1.0');
    const name = await given(
      'disarmed',
      ...QUICK,
      '--replicas',
      '2',
      '--update-failure-action',
      'rollback',
      ping,
    );
    const rollout = startSwarmroll(['update', ...PATIENT, '--max-failures', '2', '--image', late, name]);
    await said(rollout, /: running on /);
    await theirs('service', 'scale', '--detach', `${name}=3`);
    const last = await rollout.ended;
    expect([4, 5]).toContain(last.code);
    expect(last.stderr).toMatch(TOLD);
    expect(last.stderr).toContain('task: non-zero exit (1)');
    expect((await storedService(name)).Spec.TaskTemplate.ContainerSpec?.Image).toContain('latecrash:1.0');
  });
});

describe("somebody else's change of a field that our change owns ends the watch with 7", () => {
  const REPLACED = /: another change replaced this update while it rolled out$/;

  test.each<[string, readonly string[], readonly string[]]>([
    ['the image', [], ['--no-resolve-image', '--image', image('ping', '1.2')]],
    ['another part of the task template', [], ['--env-add', 'A=b']],
    ['a forced update', [], ['--force']],
    ['the replicas that we asked for', ['--replicas', '3'], ['--replicas', '4']],
    ['the label that we set', ['--label-add', 'ours=1'], ['--label-add', 'ours=2']],
    ['the label that we took away', ['--label-rm', 'team'], ['--label-add', 'team=c']],
    ['a field of the update configuration', ['--update-parallelism', '1'], ['--update-parallelism', '2']],
  ])('%s', async (_, ours, others) => {
    const { name, ended } = await underWay('replaced', ...ours);
    await theirs('service', 'update', '--detach', ...others, name);
    const last = await ended;
    expectCode(last, 7);
    expectReport(last, REPLACED);
  });
});
