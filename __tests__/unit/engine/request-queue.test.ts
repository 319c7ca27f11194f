import { getEventListeners } from 'node:events';
import { expect, jest, test } from '@jest/globals';
import { inTurn } from '../../../src/engine/request-queue.ts';

const never = new AbortController().signal;

/** A task that ends when it is told to. */
function task() {
  let end: (text: string) => void = () => undefined;
  const promise = new Promise<string>((resolve) => (end = resolve));
  const begun: AbortSignal[] = [];
  const run = (signal: AbortSignal): Promise<string> => {
    begun.push(signal);
    return promise;
  };
  return { run, end: (text: string) => end(text), begun };
}

test('one after the other, in order, whether or not the one before fails', async () => {
  const turn = inTurn();
  const [a, b] = [task(), task()];
  const first = turn(never, a.run);
  const failed = turn(never, () => Promise.reject(new Error('no')));
  const last = turn(never, b.run);
  await Promise.resolve();
  expect([a.begun.length, b.begun.length]).toEqual([1, 0]);
  a.end('a');
  b.end('b');
  expect(await first).toBe('a');
  await expect(failed).rejects.toThrow('no');
  expect(await last).toBe('b');
});

test('who aborts is answered at once, and the request ends by itself', async () => {
  const turn = inTurn();
  const [a, b] = [task(), task()];
  const interrupt = new AbortController();
  const given = turn(interrupt.signal, a.run);
  const waiting = turn(interrupt.signal, b.run);
  const next = turn(never, () => Promise.resolve('next'));
  await Promise.resolve();
  interrupt.abort(new Error('interrupted'));
  await expect(given).rejects.toThrow('interrupted');
  await expect(waiting).rejects.toThrow('interrupted');
  a.end('late');
  expect(await next).toBe('next');
  expect(a.begun[0]?.aborted).toBe(false);
  expect(b.begun).toEqual([]);
});

test('one that does not end is broken off after the grace', async () => {
  const turn = inTurn(1);
  const hung = turn(AbortSignal.abort(new Error('gone')), () => Promise.reject(new Error('never begun')));
  await expect(hung).rejects.toThrow('gone');
  const interrupt = new AbortController();
  const broken = new Promise((resolve) => {
    void turn(interrupt.signal, (signal) => {
      signal.addEventListener('abort', resolve);
      interrupt.abort(new Error('enough'));
      return new Promise<never>(() => undefined);
    }).catch(() => undefined);
  });
  await broken;
});

test('nothing is left of one that has settled, given up or not', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  try {
    const turn = inTurn();
    const [alive, interrupt] = [new AbortController(), new AbortController()];
    await turn(alive.signal, () => Promise.resolve());
    await expect(turn(alive.signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const given = task();
    const answered = turn(interrupt.signal, given.run);
    const waiting = turn(interrupt.signal, given.run);
    await Promise.resolve();
    interrupt.abort(new Error('interrupted'));
    await expect(answered).rejects.toThrow('interrupted');
    await expect(waiting).rejects.toThrow('interrupted');
    given.end('late');
    await new Promise(setImmediate);
    expect(jest.getTimerCount()).toBe(0);
    for (const { signal } of [alive, interrupt]) expect(getEventListeners(signal, 'abort')).toEqual([]);
  } finally {
    jest.useRealTimers();
  }
});
