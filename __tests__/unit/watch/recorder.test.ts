/** What the report keeps of each recorded rollout. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { RolloutState, Wait } from '../../../src/rollout/state.ts';
import type { RolloutTimeline } from '../../../src/rollout/timeline.ts';
import { recorder } from '../../../src/watch/recorder.ts';
import { readTrace, replay, traceNames } from '../rollout/support/replay.ts';
import type { Step } from '../rollout/support/replay.ts';

interface Recorded {
  readonly last: RolloutState;
  readonly timeline: RolloutTimeline;
}

/** What was recorded, and the last state. */
async function recorded(name: string): Promise<Recorded> {
  const steps = await replay(readTrace(name));
  const { see, timeline } = recorder(0);
  for (const { before, after, events } of steps) see(before, after, events);
  const last = (steps.at(-1) as Step).after;
  return { last, timeline: timeline() };
}

describe.each(traceNames())('%s', (name) => {
  let last: RolloutState;
  let timeline: RolloutTimeline;
  beforeAll(async () => {
    ({ last, timeline } = await recorded(name));
  });

  test('tasks and waits are within the time of the watch, in their order', () => {
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

  test('every failure of the watch is a failed task of its slot, and no other task is', () => {
    const tasks = timeline.slots.flatMap((slot) => slot.tasks);
    const failed = tasks.filter((task) => task.failed === true).map(({ task }) => task);
    const left = timeline.slots.reduce((sum, { earlier = 0 }) => sum + earlier, 0);
    if (left > 0) return;
    expect(failed.sort()).toEqual(last.failures.map(({ task }) => task.id).sort());
  });

  test('every wanted slot has a lane, whose last task is the one that stands for it', () => {
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

/** The timeline of many polls, a second apart. @param stateOf what is different from the end of a recorded update */
async function polled(
  count: number,
  stateOf: (index: number, last: RolloutState) => Partial<RolloutState>,
): Promise<RolloutTimeline> {
  const { last } = await recorded('update-stop-first.28.5');
  const { see, timeline } = recorder(0);
  let before: RolloutState = { ...last, waits: [], failures: [] };
  for (let index = 0; index < count; index += 1) {
    const after = { ...before, at: last.at + 2_000 * (index + 1), ...stateOf(index, last) };
    see(before, after, []);
    before = after;
  }
  return timeline();
}

test.each([
  ['the engine keeps the last 5 tasks of a slot', 5],
  ['the engine keeps the last 30 tasks of a slot', 30],
])('a slot that crashes 100 times: %s, and the report shows the newest 20', async (_, kept) => {
  const { slots } = await polled(100, (index, { seen }) => {
    if (seen === undefined) throw new Error('nothing was seen');
    const tasks = Array.from({ length: Math.min(kept, index + 1) }, (__, back) => ({
      ...(seen.tasks[0] as (typeof seen.tasks)[number]),
      id: `crash-${index - back}`,
      slot: 1,
      createdAt: new Date(1_000 * (index - back)).toISOString(),
      state: back === 0 ? 'running' : 'failed',
    }));
    return { seen: { ...seen, tasks } };
  });
  const crashes = slots.filter(({ tasks }) => tasks.length > 0);
  expect(crashes).toMatchObject([{ earlier: 80 }]);
  expect(crashes[0]?.tasks.map(({ task }) => task)).toEqual(
    Array.from({ length: 20 }, (__, index) => `crash-${80 + index}`),
  );
});

test('of many waits, the first and the last half are kept, also if two begin with each poll', async () => {
  const reasons: readonly Wait['reason'][] = ['health', 'restart', 'place', 'address'];
  const { waits } = await polled(300, (index) => ({
    waits: (index % 2 === 0 ? reasons.slice(0, 2) : reasons.slice(2)).map((reason) => ({
      reason,
      tasks: [],
      count: index,
    })),
  }));
  expect(waits).toHaveLength(200);
  expect([waits[0]?.count, waits.at(-1)?.count]).toEqual([0, 299]);
});
