import { getEventListeners } from 'node:events';
import { expect, jest, test } from '@jest/globals';
import { serialQueue } from '../../../src/engine/request-queue.ts';

const never = new AbortController().signal;

/** A request that ends when the test calls `end`. `started` holds the signal of each run. */
function request() {
  let end: (text: string) => void = () => undefined;
  const promise = new Promise<string>((resolve) => (end = resolve));
  const started: AbortSignal[] = [];
  const run = (signal: AbortSignal): Promise<string> => {
    started.push(signal);
    return promise;
  };
  return { run, end: (text: string) => end(text), started };
}

test('requests run one at a time, in order, also after one that fails', async () => {
  const queue = serialQueue();
  const [a, b] = [request(), request()];
  const first = queue(never, a.run);
  const failed = queue(never, () => Promise.reject(new Error('no')));
  const last = queue(never, b.run);
  await Promise.resolve();
  expect([a.started.length, b.started.length]).toEqual([1, 0]);
  a.end('a');
  b.end('b');
  expect(await first).toBe('a');
  await expect(failed).rejects.toThrow('no');
  expect(await last).toBe('b');
});

test('aborting rejects the caller now, and the running request goes on', async () => {
  const queue = serialQueue();
  const [a, b] = [request(), request()];
  const interrupt = new AbortController();
  const running = queue(interrupt.signal, a.run);
  const waiting = queue(interrupt.signal, b.run);
  const next = queue(never, () => Promise.resolve('next'));
  await Promise.resolve();
  interrupt.abort(new Error('interrupted'));
  await expect(running).rejects.toThrow('interrupted');
  await expect(waiting).rejects.toThrow('interrupted');
  a.end('late');
  expect(await next).toBe('next');
  expect(a.started[0]?.aborted).toBe(false);
  expect(b.started).toEqual([]);
});

test('an aborted request that does not end is aborted after the grace period', async () => {
  const queue = serialQueue(1);
  const hung = queue(AbortSignal.abort(new Error('gone')), () => Promise.reject(new Error('never started')));
  await expect(hung).rejects.toThrow('gone');
  const interrupt = new AbortController();
  const broken = new Promise((resolve) => {
    void queue(interrupt.signal, (signal) => {
      signal.addEventListener('abort', resolve);
      interrupt.abort(new Error('enough'));
      return new Promise<never>(() => undefined);
    }).catch(() => undefined);
  });
  await broken;
});

test('a settled request leaves no timer and no listener, aborted or not', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  try {
    const queue = serialQueue();
    const [alive, interrupt] = [new AbortController(), new AbortController()];
    await queue(alive.signal, () => Promise.resolve());
    await expect(queue(alive.signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const running = request();
    const aborted = queue(interrupt.signal, running.run);
    const waiting = queue(interrupt.signal, running.run);
    await Promise.resolve();
    interrupt.abort(new Error('interrupted'));
    await expect(aborted).rejects.toThrow('interrupted');
    await expect(waiting).rejects.toThrow('interrupted');
    running.end('late');
    await new Promise(setImmediate);
    expect(jest.getTimerCount()).toBe(0);
    for (const { signal } of [alive, interrupt]) expect(getEventListeners(signal, 'abort')).toEqual([]);
  } finally {
    jest.useRealTimers();
  }
});
