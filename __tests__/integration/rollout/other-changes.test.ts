/** Somebody else changes the service while our update rolls: 7 only where it is what we changed, else told and followed. */
import { describe, expect, test } from '@jest/globals';
import { docker, image, orThrow, said, startSwarmroll, storedService } from '../support/swarm.ts';
import {
  FAILS_WHEN_OPEN,
  PATIENT,
  QUICK,
  expectCode,
  expectReport,
  given,
  meanwhile,
  opened,
  remembered,
  states,
} from './support.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');
const byDocker = orThrow(docker);

/** An update of two tasks of which one is replaced. Its watch sees nothing more before somebody else's changes are stored. */
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
  const between = await opened();
  const rollout = startSwarmroll(['-H', between.host, 'update', ...flags, '--image', next, name]);
  await said(rollout, /: running on /);
  const changed = async (...changes: readonly (readonly string[])[]) => {
    await meanwhile(between, async () => {
      for (const words of changes) await byDocker('service', ...words);
    });
    return rollout.ended;
  };
  return { name, changed };
}

const TOLD = /another change of the service/;

describe("somebody else's change of a field that our change does not own is told, and the service is judged with it", () => {
  test('a scale up: 0 once all of them run', async () => {
    const { name, changed } = await underWay('scaled-up');
    const last = await changed(['scale', '--detach', `${name}=4`]);
    expectCode(last, 0);
    expect(last.stderr).toMatch(TOLD);
    expect(last.stderr).toMatch(/\b4\b.*following|following.*\b4\b/);
    expect(last.stderr).toContain('overall progress: 4 out of 4 tasks');
    expect(await states(name)).toEqual({ 'ping:1.1 running': 4 });
  });

  test('a scale that takes away what the engine would roll back to: never 0 and never 3', async () => {
    // The engine rolls "back" to the very template that fails: the spec before is that of the scale.
    const { flags, make } = remembered('disarmed');
    const two = ['--replicas', '2', '--update-failure-action', 'rollback'];
    const name = await given('disarmed', ...QUICK, ...flags, ...two, ping);
    const update = [...PATIENT, '--max-failures', '2', ...FAILS_WHEN_OPEN, '--image', next];
    const rollout = startSwarmroll(['update', ...update, name]);
    await said(rollout, /: running on /);
    await byDocker('service', 'scale', '--detach', `${name}=3`);
    await make('open');
    const last = await rollout.ended;
    expect([4, 5]).toContain(last.code);
    expect(last.stderr).toMatch(TOLD);
    expect(last.stderr).toContain('task: non-zero exit (1)');
    expect((await storedService(name)).Spec.TaskTemplate.ContainerSpec?.Image).toContain('ping:1.1');
  });
});

describe("somebody else's change of a field that our change owns ends the watch with 7", () => {
  test('the image', async () => {
    const { name, changed } = await underWay('replaced');
    const others = ['--no-resolve-image', '--image', image('ping', '1.2')];
    const last = await changed(['update', '--detach', ...others, name]);
    expectCode(last, 7);
    expectReport(last, /: another change replaced this update while it rolled out$/);
  });
});
