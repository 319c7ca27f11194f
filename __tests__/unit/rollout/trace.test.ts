/** A trace read back is what was seen. */
import { expect, test } from '@jest/globals';
import type { Observation, Seen } from '../../../src/rollout/observation.ts';
import { header, line, parseTrace } from '../../../src/rollout/trace.ts';
import { T0, UPDATE, seen, task } from './support/made.ts';

test('what is written is read again, without what has not changed', () => {
  const one = task();
  const observations: readonly Observation[] = [
    seen(0, []),
    seen(1, [one]),
    seen(2, [one]),
    { ...seen(2.5, [one]), partial: true },
    seen(2.6, [one]),
    { kind: 'unreachable', at: T0 + 3_000, reason: 'refused' },
    seen(4, [one], { version: 11 }),
    { kind: 'interrupted', at: T0 + 5_000, signal: 'SIGINT' },
  ];
  const lines = [header({ engine: '28.5.2', intent: UPDATE })];
  let last: Seen | undefined;
  for (const observation of observations) {
    lines.push(line(observation, last));
    if (observation.kind === 'seen') last = observation;
  }
  expect(lines[3]).toBe(`{"kind":"seen","at":${T0 + 2_000}}`);
  expect(JSON.parse(lines[7] ?? '')).not.toHaveProperty('tasks');
  expect(parseTrace(`${lines.join('\n')}\n`)).toEqual({ engine: '28.5.2', intent: UPDATE, observations });
});
