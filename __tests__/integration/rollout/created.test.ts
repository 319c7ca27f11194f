/** Services created, in every mode: exit 0, and what the engine then has is what was asked for. */
import { describe, expect, test } from '@jest/globals';
import { image } from '../support/swarm.ts';
import { BRISK, NOWHERE, QUICK, create, states } from './support.ts';

const ping = image('ping', '1.0');
const oneshot = image('oneshot', '1.0');

describe('create', () => {
  test.each([
    ['replicated', [...QUICK, '--replicas', '3', ping], { 'ping:1.0 running': 3 }],
    ['global', [...QUICK, '--mode', 'global', ping], { 'ping:1.0 running': 3 }],
    ['zero', [...QUICK, '--replicas', '0', ping], {}],
    ['global-nowhere', [...QUICK, '--mode', 'global', '--constraint', NOWHERE, ping], {}],
    [
      'one-shot',
      [...QUICK, '--replicas', '2', '--restart-condition', 'none', oneshot],
      { 'oneshot:1.0 complete': 2 },
    ],
    ['health', [...QUICK, '--replicas', '2', image('healthy', '1.0')], { 'healthy:1.0 running': 2 }],
  ])('%s', async (stem, words, expected) => {
    const ended = await create(stem, words);
    expect(ended.stderr.trimEnd()).toMatch(
      new RegExp(`verify: Service ${ended.name} converged(; no node is eligible, so nothing runs)?$`),
    );
    expect(ended.code).toBe(0);
    expect(await states(ended.name)).toEqual(expected);
  });

  test.each([
    ['replicated-job', ['--replicas', '4', '--max-concurrent', '2'], 4],
    ['global-job', [], 3],
  ])('%s', async (mode, words, completions) => {
    const ended = await create(mode, [...BRISK, '--mode', mode, ...words, oneshot]);
    expect(ended.stderr).toContain(`job progress: ${completions} out of ${completions} complete`);
    // On a slow machine, a poll may miss that a task runs.
    expect(ended.stderr.trimEnd()).toMatch(
      /job complete(; \d tasks? ha(s|ve) completed without being seen running)?$/,
    );
    expect(ended.code).toBe(0);
    expect(await states(ended.name)).toEqual({ 'oneshot:1.0 complete': completions });
  });
});
