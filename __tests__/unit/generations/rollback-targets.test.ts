/** What a service can be rolled back to: only to what has run. */
import { describe, expect, test } from '@jest/globals';
import type { Service, Task, TaskSpec } from '../../../src/api/service.ts';
import { generationsOf, templateId } from '../../../src/generations/generations.ts';
import { rollbackTargets } from '../../../src/generations/rollback-targets.ts';
import { START, previously, service, task, template } from './support.ts';

const [old, good, bad] = [template('1.0'), template('1.1'), template('crash')];
const now = START + 1_000_000;

const ways = (current: Service, tasks: readonly Task[]): readonly string[] =>
  rollbackTargets({ service: current, generations: generationsOf(current, tasks) }, now).map((way) =>
    'id' in way ? way.id : way.kind,
  );

/** A task that ran and was shut down so many seconds after it was made. */
const ran = (spec: TaskSpec, at: number, seconds = 60, more: Partial<Task> = {}): Task => {
  const one = task(spec, at, 'shutdown', more, seconds);
  return { ...one, Status: { ...one.Status, ContainerStatus: { ContainerID: 'c', ExitCode: 0 } } };
};
const failed = (spec: TaskSpec, at: number, more: Partial<Task> = {}): Task => task(spec, at, 'failed', more);

describe('an update to a bad image', () => {
  const current = service(bad, previously(good));

  test('the engine’s rollback leads to the previous spec, then to older ones', () => {
    const tasks = [ran(old, 0), ran(good, 100), failed(bad, 200)];
    expect(ways(current, tasks)).toEqual(['previous', templateId(good), templateId(old)]);
  });

  test('a previous spec that is still running in other slots', () => {
    expect(ways(current, [task(good, 100, 'running', { Slot: 2 }), failed(bad, 200)])[0]).toBe('previous');
  });

  test('a previous spec that has only failed is no way back', () => {
    expect(ways(current, [ran(old, 0), failed(good, 100), failed(bad, 200)])).toEqual([templateId(old)]);
  });

  describe('a previous spec of which no task is kept', () => {
    const waysIf = (ranBefore: boolean | undefined, tasks: readonly Task[], more: Partial<Service> = {}) => {
      const web = { ...current, ...more };
      return rollbackTargets({ service: web, generations: generationsOf(web, tasks) }, now, ranBefore);
    };
    const unknown = { kind: 'previous', isUnknown: true };

    test('whose tasks were seen to run, or not to run', () => {
      expect(waysIf(true, [failed(bad, 200)])).toEqual([{ kind: 'previous' }]);
      expect(waysIf(false, [failed(bad, 200)])).toEqual([]);
    });

    test('whose tasks nobody has seen comes last, and is not said to have run', () => {
      expect(waysIf(undefined, [failed(bad, 200)])).toEqual([unknown]);
      const tasks = [ran(old, 0), failed(bad, 200, { Slot: 2 })];
      expect(waysIf(undefined, tasks)).toMatchObject([{ kind: 'generation', id: templateId(old) }, unknown]);
    });

    test('is no way if it has the template that fails, or if a rollback has led away from it', () => {
      const { Spec } = current;
      const PreviousSpec = { ...Spec, Labels: { a: 'b' } };
      expect(waysIf(undefined, [failed(bad, 200)], { PreviousSpec })).toEqual([]);
      expect(waysIf(undefined, [failed(bad, 200)], { UpdateStatus: { State: 'rollback_paused' } })).toEqual(
        [],
      );
    });
  });

  test.each([
    ['ended before the monitor period', ran(good, 100, 3)],
    ['never had a container', task(good, 100, 'shutdown', {}, 60)],
    ['is only on its way', task(good, 100, 'preparing', {}, 60)],
    ['ended by itself', task(good, 100, 'complete', {}, 60)],
  ])('a previous spec whose task %s', (_, one) => {
    expect(ways(current, [one, failed(bad, 200)])).toEqual([]);
  });

  test('the successor of a failed task waits for the restart delay: that is no run', () => {
    const kept = (seconds: number) => [failed(good, 100), ran(good, 102, seconds), failed(bad, 200)];
    // The monitor period, the restart delay, the life of the failed task and the grace period.
    expect(ways(current, kept(5 + 5 + 1 + 10 - 1))).toEqual([]);
    expect(ways(current, kept(5 + 5 + 1 + 10))[0]).toBe('previous');
  });

  test('a task that was shut down before the others of its template failed is no run', () => {
    const slow = template('unhealthy');
    const kept = (seconds: number) => [
      task(slow, 100, 'failed', {}, 8),
      ran(slow, 100, seconds, { Slot: 2 }),
      failed(bad, 200),
    ];
    const web = service(bad, previously(slow));
    // The monitor period, the life of the other and the grace period.
    expect(ways(web, kept(5 + 8 + 10 - 1))).toEqual([]);
    expect(ways(web, kept(5 + 8 + 10))[0]).toBe('previous');
    // So it is where that template is none of the service's specs any more.
    expect(ways(service(bad), kept(22))).toEqual([]);
    expect(ways(service(bad), kept(23))).toEqual([templateId(slow)]);
  });

  test('a spec whose tasks were seen to run before the change, although one of them has failed since', () => {
    const kept = [task(good, 100, 'failed', {}, 8), ran(good, 100, 6, { Slot: 2 })];
    const before = (ranBefore: boolean) =>
      rollbackTargets({ service: current, generations: generationsOf(current, kept) }, now, ranBefore);
    expect(before(true)).toEqual([{ kind: 'previous' }]);
    expect(before(false)).toEqual([]);
  });

  test('a task that was shut down after one of its template had run, and failed late', () => {
    const tasks = [task(good, 0, 'failed', {}, 86_400), ran(good, 86_402, 100), failed(bad, 86_600)];
    expect(ways(current, tasks)[0]).toBe('previous');
  });
});

describe('the previous spec has the bad template too', () => {
  test('after a label or a scale: a generation that ran', () => {
    const relabelled = service(bad, previously(bad));
    expect(ways(relabelled, [ran(good, 100), failed(bad, 200)])).toEqual([templateId(good)]);
  });

  test('after the same spec again: a generation that ran', () => {
    const current = service(bad);
    const again = { ...current, PreviousSpec: current.Spec };
    expect(ways(again, [ran(old, 0), ran(good, 100), failed(bad, 200)])).toEqual([
      templateId(good),
      templateId(old),
    ]);
  });

  test('after a restart: not to the same template', () => {
    const restarted = service({ ...bad, ForceUpdate: 1 }, previously(bad));
    const tasks = [ran(good, 0), ran(bad, 100), failed({ ...bad, ForceUpdate: 1 }, 200)];
    expect(ways(restarted, tasks)).toEqual([templateId(good)]);
  });
});

test('a scale that finds no place is rolled back to the replicas before: the template runs', () => {
  const current = service(good, {
    PreviousSpec: { TaskTemplate: { ...good, Runtime: 'container' }, Mode: { Replicated: { Replicas: 9 } } },
  });
  const tasks = [ran(old, 0), task(good, 100), task(good, 200, 'pending', { Slot: 2 })];
  expect(ways(current, tasks)).toEqual(['previous', templateId(old)]);
});

test('a scale of a template that fails is rolled back only if a task of it runs now', () => {
  const scaled = service(bad, {
    PreviousSpec: { TaskTemplate: { ...bad, Runtime: 'container' }, Mode: { Replicated: { Replicas: 0 } } },
  });
  // A drain has shut down the first one, which was about to fail.
  expect(ways(scaled, [ran(bad, 0, 12), failed(bad, 100)])).toEqual([]);
  expect(ways(scaled, [task(bad, 0), failed(bad, 100, { Slot: 2 })])).toEqual(['previous']);
});

test('tasks of a job and of a one-shot are meant to complete', () => {
  const once = (tag: string): TaskSpec => template(tag, { RestartPolicy: { Condition: 'none' } });
  const tasks = [task(once('1.0'), 0, 'complete'), failed(once('2.0'), 100)];
  expect(ways(service(once('2.0'), previously(once('1.0'))), tasks)[0]).toBe('previous');
});

test.each([
  [1e9, 5e9, 2, ['previous', templateId(good)]],
  [60e9, 1e9, 2, ['previous', templateId(good)]],
  [4e9, 4e9, 2, []],
  [60e9, 60e9, 6, ['previous', templateId(good)]],
])('monitor periods of %i and before %i ns, a run of %i s: 5s at most count', (is, was, seconds, wanted) => {
  const update = (monitor: number) => ({
    UpdateConfig: { Parallelism: 1, MaxFailureRatio: 0, Monitor: monitor },
  });
  const { Spec } = service(bad);
  const { PreviousSpec } = previously(good);
  const current = service(bad, {
    Spec: { ...Spec, ...update(is) },
    ...(PreviousSpec === undefined ? {} : { PreviousSpec: { ...PreviousSpec, ...update(was) } }),
  });
  expect(ways(current, [ran(good, 100, seconds), failed(bad, 200)])).toEqual(wanted);
});

describe('a generation of which no task runs any more, while the current one fails', () => {
  const wayTo = (current: TaskSpec, tasks: readonly Task[], labels: Record<string, string> = {}) => {
    const { Spec, ...rest } = service(current);
    const web = { ...rest, Spec: { ...Spec, Labels: labels } };
    return rollbackTargets({ service: web, generations: generationsOf(web, tasks) }, now)[0];
  };
  const [id, image] = [templateId(good), good.ContainerSpec?.Image];

  /** So many failed tasks in the slot. */
  const failures = (spec: TaskSpec, count: number): readonly Task[] =>
    Array.from({ length: count }, (_, index) => failed(spec, 100 + 10 * index));

  test('the generation, as long as the engine keeps it for the restart delay of 5s', () => {
    const expected = { kind: 'generation', id, image, isFading: true };
    expect(wayTo(bad, [ran(good, 0), ...failures(bad, 1)])).toEqual(expected);
    expect(wayTo(bad, [ran(good, 0), ...failures(bad, 3)])).toEqual(expected);
  });

  test('its image alone, where the next failure deletes it, or where failures follow quickly', () => {
    expect(wayTo(bad, [ran(good, 0), ...failures(bad, 4)])).toEqual({ kind: 'image', id, image });
    const quick = template('crash', { RestartPolicy: { Delay: 5e8 } });
    const before = template('1.1', { RestartPolicy: { Delay: 5e8 } });
    expect(wayTo(quick, [ran(before, 0), failed(quick, 100)])).toMatchObject({ kind: 'image', image });
  });

  test('the generation, where more than the image has changed', () => {
    const other = { ...bad, Placement: { Constraints: ['node.role==worker'] } };
    const expected = { kind: 'generation', id, image, isFading: true };
    expect(wayTo(other, [ran(good, 0), ...failures(other, 4)])).toEqual(expected);
  });

  test('the generation, where a label has to be rolled back with the image', () => {
    const labels = { 'com.docker.stack.image': 'registry:5000/ping:crash' };
    const tasks = [ran(good, 0), ...failures(bad, 4)];
    expect(wayTo(bad, tasks, labels)).toMatchObject({ kind: 'generation', id });
  });

  test.each([
    ['one of its tasks runs', [task(good, 0, 'running', { Slot: 2 }), failed(bad, 100)]],
    ['nothing fails', [ran(good, 0), task(bad, 100, 'pending')]],
  ])('the generation, where %s', (_, tasks) => {
    expect(wayTo(bad, tasks)).toEqual({ kind: 'generation', id, image, isFading: false });
  });
});
