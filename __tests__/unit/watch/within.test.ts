/** A bound on how long something may take leaves nothing behind once it is over. */
import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Clock } from '../../../src/clock.ts';
import { within } from '../../../src/watch/within.ts';

/** Sleeps under way. */
let asleep = 0;

/** As cli.ts has it. */
const clock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: async (ms, signal) => {
    asleep += 1;
    await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    asleep -= 1;
  },
};
const LONG = 60_000;

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** What waits for the signal, and gives what it was aborted with. */
const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(signal.aborted), { once: true }));

test('what ends in time gives its value, and nothing is left of the bound', async () => {
  const other = new AbortController();
  let seen: AbortSignal | undefined;
  const value = await within(LONG, clock, other.signal, (signal) => {
    seen = signal;
    return Promise.resolve('value');
  });
  await new Promise(setImmediate);
  expect({ value, asleep, listeners: listeners(other.signal) }).toEqual({
    value: 'value',
    asleep: 0,
    listeners: 0,
  });
  // To abort a request that is over would cost its connection.
  other.abort();
  expect(seen?.aborted).toBe(false);
});

test('the sleep and the listener end also when the request fails, at once or later', async () => {
  const other = new AbortController();
  for (const fail of [
    () => Promise.reject(new Error('no')),
    () => {
      throw new Error('no');
    },
  ]) {
    await expect(within(LONG, clock, other.signal, fail)).rejects.toThrow('no');
  }
  await new Promise(setImmediate);
  expect([asleep, listeners(other.signal)]).toEqual([0, 0]);
});

test('what takes too long is aborted', async () => {
  const other = new AbortController();
  expect(await within(1, clock, other.signal, aborted)).toBe(true);
  expect(listeners(other.signal)).toBe(0);
});

test('together with the other signal', async () => {
  const other = new AbortController();
  const ended = within(LONG, clock, other.signal, aborted);
  other.abort();
  expect(await ended).toBe(true);
  expect(await within(LONG, clock, other.signal, (signal) => Promise.resolve(signal.aborted))).toBe(true);
  await new Promise(setImmediate);
  expect(asleep).toBe(0);
});

test('a thousand in a row leave no listener at a signal that lives on', async () => {
  const other = new AbortController();
  for (let count = 0; count < 1_000; count += 1) {
    await within(LONG, clock, other.signal, () => Promise.resolve());
  }
  await new Promise(setImmediate);
  expect([asleep, listeners(other.signal)]).toEqual([0, 0]);
});

test('after the other signal, the task still has its grace', async () => {
  const other = new AbortController();
  let isAborted = false;
  const ended = within(
    LONG,
    clock,
    other.signal,
    async (signal) => {
      const asked = aborted(signal);
      other.abort();
      await new Promise(setImmediate);
      isAborted = signal.aborted;
      return asked;
    },
    20,
  );
  expect(await ended).toBe(true);
  expect(isAborted).toBe(false);
  expect(await within(LONG, clock, other.signal, aborted, 20)).toBe(true);
  await new Promise(setImmediate);
  expect([asleep, listeners(other.signal)]).toEqual([0, 0]);
});
