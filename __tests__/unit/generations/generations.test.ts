/** The generations of a service, and the ids of task templates. */
import { describe, expect, test } from '@jest/globals';
import { generationsOf, templateId, withPrefix } from '../../../src/generations/generations.ts';
import type { Service, Task, TaskSpec } from '../../../src/api/service.ts';
import { previously, service, task, template } from './support.ts';

const [A, B, C] = [template('1.0'), template('1.1'), template('1.2')];

/** The generations in short: "1.0 running,shutdown current". */
function shown(of: Service, tasks: readonly Task[]): string[] {
  return generationsOf(of, tasks).map((one) => {
    const tag = /ping:([^@]*)/.exec(one.template.ContainerSpec?.Image ?? '')?.[1] ?? '';
    const marks = [one.isCurrent ? 'current' : '', one.isPrevious ? 'previous' : ''];
    return [tag, one.tasks.map(({ Status }) => Status.State).join(), ...marks].filter(Boolean).join(' ');
  });
}

describe('the id of a template', () => {
  const id = (more: Partial<TaskSpec>): string => templateId(template('1.0', more));

  test('is 12 digits of a hash, and stays the same for ever', () => {
    expect(templateId(A)).toMatch(/^[0-9a-f]{12}$/);
    expect(templateId({ ContainerSpec: { Image: 'ping' } })).toBe('d028208a7045');
  });

  test.each<[string, Partial<TaskSpec>]>([
    ['the counter of --force', { ForceUpdate: 3 }],
    ['the runtime, which only a service has', { Runtime: 'container' }],
    ['a list that is null', { Networks: null as never }],
  ])('does not depend on %s', (_what, more) => {
    expect(id(more)).toBe(templateId(A));
  });

  test('does not depend on the order of keys, but on that of a list', () => {
    const [env, other] = [
      { Env: ['A=1', 'B=2'], Dir: '/' },
      { Dir: '/', Env: ['A=1', 'B=2'] },
    ];
    expect(id({ ContainerSpec: env })).toBe(id({ ContainerSpec: other }));
    expect(id({ ContainerSpec: env })).not.toBe(id({ ContainerSpec: { Env: ['B=2', 'A=1'], Dir: '/' } }));
  });

  test.each<[string, Partial<TaskSpec>]>([
    ['another runtime', { Runtime: 'plugin' }],
    ['init that is off, which is not the default', { ContainerSpec: { ...A.ContainerSpec, Init: false } }],
    ['a digit of a large number', { Resources: { Limits: { MemoryBytes: 9007199254740993n as never } } }],
  ])('depends on %s', (_what, more) => {
    expect(id(more)).not.toBe(templateId(A));
  });
});

describe('the generations', () => {
  test('are the runs of equal templates; one that came back is a new one with the same id', () => {
    const tasks = [task(A, 9), task(A, 0, 'shutdown'), task(B, 5, 'failed')];
    expect(shown(service(A), tasks)).toEqual(['1.0 shutdown', '1.1 failed', '1.0 running current']);
    const [first, , last] = generationsOf(service(A), tasks);
    expect(first?.id).toBe(last?.id);
    expect([first?.createdAt, last?.createdAt]).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T00:00:09.000Z',
    ]);
  });

  test('a template that came back has the tasks that were never replaced', () => {
    const tasks = [task(A, 0), task(A, 1, 'shutdown'), task(B, 5, 'failed'), task(A, 9)];
    expect(shown(service(A), tasks)).toEqual(['1.0 shutdown', '1.1 failed', '1.0 running,running current']);
    // start-first: the engine went back before it had stopped a task.
    expect(shown(service(A), [task(A, 0), task(B, 5, 'failed')])).toEqual([
      '1.0',
      '1.1 failed',
      '1.0 running current',
    ]);
  });

  test('tasks that a change of the placement alone has left are those of the current template', () => {
    const placed = template('1.0', { Placement: { Constraints: ['node.role==worker'] } });
    expect(shown(service(placed, previously(A)), [task(A, 0), task(A, 0, 'shutdown')])).toEqual([
      '1.0 shutdown previous',
      '1.0 running current',
    ]);
  });

  test('a forced update is a generation of its own, with the same id', () => {
    const forced = template('1.0', { ForceUpdate: 1 });
    const found = generationsOf(service(forced, previously(A)), [task(A, 0, 'shutdown'), task(forced, 5)]);
    expect(found.map(({ id }) => id)).toEqual([templateId(A), templateId(A)]);
    expect(found.map(({ isPrevious }) => isPrevious)).toEqual([true, false]);
  });

  test('the current and the previous template are there although they have no task', () => {
    expect(shown(service(B, previously(A)), [])).toEqual(['1.0 previous', '1.1 current']);
    expect(shown(service(C, previously(B)), [task(A, 0, 'shutdown')])).toEqual([
      '1.0 shutdown',
      '1.1 previous',
      '1.2 current',
    ]);
    expect(shown(service(A), [])).toEqual(['1.0 current']);
  });

  test('a previous spec that differs only outside of the template is the current generation', () => {
    const tasks = [task(A, 0, 'shutdown'), task(B, 5, 'shutdown'), task(A, 9)];
    expect(shown(service(A, previously(A)), tasks)).toEqual([
      '1.0 shutdown',
      '1.1 shutdown',
      '1.0 running current previous',
    ]);
  });

  test('after a rollback on request, the previous spec is what failed', () => {
    const tasks = [task(A, 0, 'shutdown'), task(B, 5, 'failed'), task(A, 9)];
    expect(shown(service(A, previously(B)), tasks)[1]).toBe('1.1 failed previous');
  });

  test('each run of a job is a generation', () => {
    const job = { JobStatus: { JobIteration: { Index: 1 } } };
    const tasks = [
      task(A, 0, 'complete', { JobIteration: {} }),
      task(A, 5, 'complete', { JobIteration: { Index: 1 } }),
    ];
    expect(shown(service(A, { ...job, ...previously(A) }), tasks)).toEqual([
      '1.0 complete',
      '1.0 complete current previous',
    ]);
  });
});

test('a prefix finds the newest generation of each id', () => {
  const tasks = [task(A, 0, 'shutdown'), task(B, 5, 'failed'), task(A, 9)];
  const found = generationsOf(service(A), tasks);
  expect(withPrefix(found, templateId(A).slice(0, 6).toUpperCase())).toEqual([found[2]]);
  expect(withPrefix(found, '').map(({ id }) => id)).toEqual([templateId(A), templateId(B)]);
  expect(withPrefix(found, 'x')).toEqual([]);
});

test('the id of the previous generation does not find the current one, which has kept its tasks', () => {
  const placed = { ...A, Placement: { Constraints: ['node.role==worker'] } };
  const found = generationsOf(service(placed, previously(A)), [
    task(A, 0),
    task(A, 1, 'running', { Slot: 2 }),
  ]);
  expect(found.map(({ id }) => id)).toEqual([templateId(A), templateId(placed)]);
  expect(withPrefix(found, templateId(A))).toEqual([found[0]]);
});

describe('a node drain that is over', () => {
  const NODE = 'fizyfff3s38bkq2v0d1u4x9ab';
  const D = template('1.0', { Placement: {} });
  const against = (base: TaskSpec): TaskSpec => ({
    ...base,
    Placement: { ...base.Placement, Constraints: [`node.id!=${NODE}`] },
  });

  test('its constraint makes no generation: going back to what it moved does not keep tasks off the node', () => {
    const tasks = [
      task(D, 0, 'shutdown'),
      task(against(D), 5, 'running', { Slot: 2 }),
      task(against(D), 6, 'shutdown'),
      task(B, 9, 'failed'),
    ];
    expect(shown(service(B), tasks)).toEqual(['1.0 shutdown,running,shutdown', '1.1 failed current']);
    const [first] = generationsOf(service(B), tasks);
    expect(first).toMatchObject({ id: templateId(D), template: { ContainerSpec: D.ContainerSpec } });
    expect(first?.template.Placement?.Constraints).toBeUndefined();
  });

  test('it is found by the id that it had during the drain, too', () => {
    const found = generationsOf(service(B), [task(against(D), 0, 'shutdown')]);
    expect(withPrefix(found, templateId(against(D))).map(({ id }) => id)).toEqual([templateId(D)]);
  });

  test('the tasks that it moved are of the current generation, which is as old as they are', () => {
    const tasks = [task(against(D), 5, 'running')];
    const [only, ...others] = generationsOf(service(D, previously(against(D))), tasks);
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      isCurrent: true,
      isPrevious: true,
      createdAt: '2026-01-01T00:00:05.000Z',
      tasks,
    });
  });

  test('a constraint that the service still has is its own, and so is one that names no id', () => {
    const own = (constraint: string): TaskSpec => ({ ...D, Placement: { Constraints: [constraint] } });
    const ids = (now: TaskSpec, before: TaskSpec): readonly string[] =>
      generationsOf(service(now), [task(before, 0, 'shutdown')]).map(({ id }) => id);
    const still = { ...B, Placement: against(D).Placement };
    expect(ids(still as TaskSpec, against(D))).toEqual([
      templateId(against(D)),
      templateId(still as TaskSpec),
    ]);
    expect(ids(B, own('node.role!=manager'))).toEqual([templateId(own('node.role!=manager')), templateId(B)]);
  });
});

test('a change of the placement alone: the generation is as old as its oldest task', () => {
  const placed = { ...A, Placement: { Constraints: ['node.role==worker'] } };
  const [, current] = generationsOf(service(placed), [
    task(A, 0, 'running', { Slot: 1 }),
    task(A, 1, 'running', { Slot: 2 }),
  ]);
  expect(current).toMatchObject({ isCurrent: true, createdAt: '2026-01-01T00:00:00.000Z' });
});
