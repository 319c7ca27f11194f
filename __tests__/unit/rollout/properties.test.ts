/** Rules that hold for every possible history of a swarm. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { histories } from './support/swarm/history.ts';
import { begin, watch } from './support/swarm/play.ts';
import { broken } from './support/swarm/rules.ts';

test('every verdict is true of the swarm', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const rollout = begin(history);
      watch(history, rollout, 10, (step) => expect(broken(step, rollout)).toBeUndefined());
    }),
    { numRuns: 20_000 },
  );
});
