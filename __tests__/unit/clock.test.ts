import { setTimeout as timer } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { realSleep } from '../../src/clock.ts';

test.each([2 ** 31, 999 * 3_600_000])('a sleep of %d ms ends with the signal, not at once', async (ms) => {
  const ending = new AbortController();
  let isOver = false;
  const sleep = realSleep(ms, ending.signal).then(() => (isOver = true));
  // A timer that is too long ends after 1 ms.
  await timer(20);
  expect(isOver).toBe(false);
  ending.abort();
  await sleep;
});

test.each([-5, 0, 1])('a sleep of %d ms ends', (ms) => realSleep(ms));

test('a sleep with a signal that has aborted ends', () => realSleep(60_000, AbortSignal.abort()));
