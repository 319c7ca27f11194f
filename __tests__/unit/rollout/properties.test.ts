/** Rules that hold for every possible history of a swarm (support/swarm/), however it is polled. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SEEDED, runs } from '../../support/random.ts';
import { whyDifferent } from './support/swarm/compare.ts';
import { histories } from './support/swarm/history.ts';
import { begin, watch } from './support/swarm/play.ts';
import { broken } from './support/swarm/rules.ts';

test(`every verdict is true of the swarm ${SEEDED}`, () => {
  fc.assert(
    fc.property(histories, (history) => {
      const rollout = begin(history);
      watch(history, rollout, 10, (step) => {
        const why = broken(step, rollout);
        if (why !== undefined) throw new Error(why);
      });
    }),
    runs(1_000),
  );
});

test(`rare polls bring the verdict of close ones, or that later ${SEEDED}`, () => {
  fc.assert(
    fc.property(histories, (history) => expect(whyDifferent(history)).toBeUndefined()),
    runs(20),
  );
});
