/** What the report keeps of each recorded rollout. */
import { describe, expect, test } from '@jest/globals';
import { changes } from '../../../src/rollout/changes.ts';
import type { RolloutTimeline } from '../../../src/rollout/timeline.ts';
import { recorder } from '../../../src/watch/recorder.ts';
import type { ChangeToWatch } from '../../../src/watch/targets.ts';
import { readTrace, replay, traceNames } from '../rollout/support/replay.ts';
import type { Step } from '../rollout/support/replay.ts';

/** What was recorded, and the last state. */
async function recorded(name: string) {
  const steps = await replay(readTrace(name));
  const { see, history } = recorder(0);
  for (const { before, after } of steps) see(before, after, changes(before, after));
  const last = (steps.at(-1) as Step).after;
  const change = { action: 'wait' } as ChangeToWatch;
  return { last, timeline: history(change).timeline as RolloutTimeline };
}

describe.each(traceNames())('%s', (name) => {
  test('tasks and waits are within the time of the watch, in their order', async () => {
    const { last, timeline } = await recorded(name);
    const { from, to, slots, waits } = timeline;
    expect([Date.parse(from), Date.parse(to)]).toEqual([last.intent.startedAt, last.at]);
    for (const task of slots.flatMap((slot) => slot.tasks)) {
      const times = [from, task.from, task.running ?? task.from, task.to ?? to, to];
      expect([task.task, times]).toEqual([task.task, [...times].sort()]);
      expect(task.end === undefined).toBe(task.to === undefined);
    }
    for (const wait of waits)
      expect([from, wait.from, wait.to, to]).toEqual([from, wait.from, wait.to, to].sort());
  });

  test('every failure of the watch is a failed task of its slot, and no other task is', async () => {
    const { last, timeline } = await recorded(name);
    const tasks = timeline.slots.flatMap((slot) => slot.tasks);
    const failed = tasks.filter((task) => task.failed === true).map(({ task }) => task);
    const left = timeline.slots.reduce((sum, { earlier = 0 }) => sum + earlier, 0);
    if (left > 0) return;
    expect(failed.sort()).toEqual(last.failures.map(({ task }) => task.id).sort());
  });

  test('every wanted slot has a lane, whose last task is the one that stands for it', async () => {
    const { last, timeline } = await recorded(name);
    const lanes = new Map(timeline.slots.map(({ slot, tasks }) => [slot, tasks]));
    for (const { label, task } of last.slots) {
      const ids = (lanes.get(label) ?? []).map((one) => one.task);
      if (task !== undefined && !last.oldTasks.has(task.id))
        expect([label, ids]).toEqual([label, expect.arrayContaining([task.id])]);
    }
  });
});

test('an update tells of the spec before and of the new one, and of how long was waited', async () => {
  const { timeline } = await recorded('update-stop-first.28.5');
  const tasks = timeline.slots.flatMap((slot) => slot.tasks);
  expect(new Set(tasks.map(({ spec }) => spec))).toEqual(new Set(['before', 'new']));
  expect(tasks.filter(({ spec, running }) => spec === 'new' && running === undefined)).toEqual([]);
  const stop = timeline.waits.find(({ reason }) => reason === 'stop');
  expect(Date.parse(stop?.to ?? '')).toBeGreaterThan(Date.parse(stop?.from ?? ''));
});
