/** Logs of failed tasks: read when a failure is seen, a bounded number of them, and never waited for by a poll. */
import { describe, expect, test } from '@jest/globals';
import type { Clock } from '../../../src/clock.ts';
import { collector } from '../../../src/watch/evidence.ts';
import type { Engine } from '../../../src/engine/client.ts';
import { EngineError } from '../../../src/errors.ts';
import { reportOf } from '../../../src/rollout/report.ts';
import { after, failedTask, seen } from '../rollout/support/made.ts';

const clock: Clock = {
  now: () => 0,
  date: () => new Date(0),
  sleep: (_, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
};
const world = { clock, interrupted: new AbortController().signal };

/** An engine that has the logs of some tasks, and notes which were asked for. */
function engineWith(has: (task: string) => boolean, parallel = true) {
  const asked: string[] = [];
  const taskLogs = (id: string): Promise<Buffer> => {
    asked.push(id);
    return has(id)
      ? Promise.resolve(Buffer.from(`2026-01-01T00:00:00.000000000Z log of ${id}\n`))
      : Promise.reject(new EngineError('notFound', `task ${id} not found`, { fault: 'gone' }));
  };
  return { asked, engine: { taskLogs, parallel } as unknown as Engine };
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const crash = (id: string, error = 'task: non-zero exit (3)') => failedTask({ id, error });
/** States before and after a poll with these failed tasks. */
const before = after({}, seen(0, []));
const stateOf = (tasks: readonly ReturnType<typeof crash>[]) =>
  after({ maxFailures: 0 }, seen(0, []), seen(1, tasks));

describe('the logs of failed tasks', () => {
  test('are asked for when the failure is seen', () => {
    const { asked, engine } = engineWith(() => true);
    collector(engine, world).see(before, stateOf([crash('a')]));
    expect(asked).toEqual(['a']);
  });

  test('a task that is deleted afterwards still has its log in the report', async () => {
    let kept = true;
    const { engine } = engineWith((id) => id === 'a' && kept);
    const { see, collect } = collector(engine, world);
    const first = stateOf([crash('a')]);
    see(before, first);
    await settle();
    kept = false;
    const last = stateOf([crash('a'), crash('b')]);
    see(first, last);
    const evidence = await collect(last);
    expect(reportOf(last, evidence).failures).toMatchObject([{ task: 'a', count: 2 }]);
    expect(evidence.logs.get('a')).toEqual({ lines: ['log of a'] });
  });

  test('the newest task of a failure is told where its log is kept', async () => {
    const { engine } = engineWith(() => true);
    const { see, collect } = collector(engine, world);
    const last = stateOf([crash('a'), crash('b')]);
    see(before, last);
    expect(reportOf(last, await collect(last)).failures).toMatchObject([{ task: 'b', count: 2 }]);
  });

  test('a crash loop of one error: once a log is read, no other is asked for', async () => {
    const { asked, engine } = engineWith(() => true);
    const { see } = collector(engine, world);
    const tasks = Array.from({ length: 100 }, (_, index) => crash(`t${index}`));
    let last = before;
    for (let count = 1; count <= tasks.length; count += 1) {
      const next = stateOf(tasks.slice(0, count));
      see(last, next);
      await settle();
      last = next;
    }
    expect(asked).toEqual(['t0']);
  });

  test('at most ten distinct failures, and at most five logs of each that has none', async () => {
    const { asked, engine } = engineWith(() => false);
    const { see, collect } = collector(engine, world);
    const words = 'abcdefghijklmno'.split('');
    const tasks = words.flatMap((word) =>
      Array.from({ length: 20 }, (_, index) => crash(`${word}${index}`, `error ${word}`)),
    );
    const last = stateOf(tasks);
    see(before, last);
    expect(asked).toHaveLength(50);
    await collect(last);
    // The newest of each as well.
    expect(asked).toHaveLength(60);
  });

  test('over ssh, a log that does not come in time is the last one until the end', async () => {
    const { asked, engine } = engineWith(() => true, false);
    const hanging = {
      ...engine,
      taskLogs: (id: string, _: number, signal: AbortSignal) => {
        asked.push(id);
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted'))),
        );
      },
    } as unknown as Engine;
    const impatient: Clock = { ...clock, sleep: () => Promise.resolve() };
    const { see } = collector(hanging, { ...world, clock: impatient });
    const first = stateOf([crash('a')]);
    see(before, first);
    await settle();
    see(first, stateOf([crash('a'), crash('b')]));
    expect(asked).toEqual(['a']);
  });
});
