/** Services and tasks as the engine gives them, in short. */
import type { Service, Task, TaskSpec } from '../../../src/api/service.ts';

/** When the first task of a test is made. */
export const START = Date.parse('2026-01-01T00:00:00Z');

export const template = (tag: string, more: Partial<TaskSpec> = {}): TaskSpec => ({
  ContainerSpec: { Image: `registry:5000/ping:${tag}@sha256:${'0'.repeat(64)}` },
  ForceUpdate: 0,
  ...more,
});

export const service = (spec: TaskSpec, more: Partial<Service> = {}): Service => ({
  ID: 's1',
  Version: { Index: 1 },
  CreatedAt: '2026-01-01T00:00:00Z',
  UpdatedAt: '2026-01-01T00:00:00Z',
  Spec: {
    Name: 'web',
    TaskTemplate: { ...spec, Runtime: 'container' },
    Mode: { Replicated: { Replicas: 1 } },
  },
  ...more,
});

/** The previous spec of a service. */
export const previously = (spec: TaskSpec): Pick<Service, 'PreviousSpec'> => ({
  PreviousSpec: { TaskTemplate: { ...spec, Runtime: 'container' } },
});

let count = 0;

/**
 * A task.
 * @param at seconds after START
 * @param state its state; an ended task is to be shut down
 * @param after seconds until it got its state
 */
export function task(
  spec: TaskSpec,
  at: number,
  state = 'running',
  more: Partial<Task> = {},
  after = 1,
): Task {
  const time = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
  return {
    ID: `t${(count += 1)}`,
    CreatedAt: time(at),
    ServiceID: 's1',
    Slot: 1,
    NodeID: 'n1',
    DesiredState: ['running', 'starting', 'pending'].includes(state) ? 'running' : 'shutdown',
    Spec: spec,
    Status: { State: state, Timestamp: time(at + after) },
    ...more,
  };
}
