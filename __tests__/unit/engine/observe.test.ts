/** What a poll asks for, and what it makes of the answers and of what is known. The engine's part is played by a list. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Engine, Filters } from '../../../src/engine/client.ts';
import { observer } from '../../../src/engine/observe.ts';
import type { Poll } from '../../../src/engine/observe.ts';
import type { Node } from '../../../src/api/cluster.ts';
import { EngineError } from '../../../src/errors.ts';
import type { Service, Task } from '../../../src/api/service.ts';
import type { Seen } from '../../../src/rollout/observation.ts';
import type { Scope } from '../../../src/rollout/next-poll.ts';

const task = (ID: string, Slot: number, image = 'new'): Task => ({
  ID,
  ServiceID: 'id',
  Slot,
  CreatedAt: '2026-01-01T00:00:00Z',
  DesiredState: 'running',
  Status: { State: 'running', Timestamp: '' },
  Spec: { ContainerSpec: { Image: image } },
});

let service: Service;
let tasks: Task[];
/** The filters of each list of tasks that was asked for, but for the service. */
let asked: Filters[];
let poll: Poll;
/** What the engine replies to a request for the nodes. */
let nodes: () => Promise<Node[]>;

/** As the engine would: by name (which begins so), by id, and those of the current spec. */
const listed = async (filters: Filters): Promise<Task[]> => {
  const { service: _, ...others } = filters;
  asked.push(others);
  const { name, id } = filters;
  return Promise.resolve(
    tasks
      .filter(({ ID, Slot }) => name?.some((start) => `web.${Slot}.${ID}`.startsWith(start)) ?? true)
      .filter(({ ID }) => id?.includes(ID) ?? true)
      .filter(({ Spec }) => filters['_up-to-date'] === undefined || Spec.ContainerSpec?.Image === 'new'),
  );
};

beforeEach(() => {
  service = {
    ID: 'id',
    Version: { Index: 1 },
    CreatedAt: '',
    UpdatedAt: '',
    Spec: { Name: 'web', TaskTemplate: {} },
    PreviousSpec: { Name: 'web', TaskTemplate: {} },
  };
  tasks = [task('a', 1), task('b', 2, 'old'), task('c', 3)];
  asked = [];
  nodes = () => Promise.resolve([]);
  let [stored, version] = ['', 0];
  const engine: Pick<Engine, 'service' | 'tasks' | 'nodes'> = {
    // As in an engine, every change of a service is another version.
    service: () => {
      const text = JSON.stringify(service);
      if (text !== stored) version += 1;
      stored = text;
      return Promise.resolve({ ...service, Version: { Index: version } });
    },
    tasks: listed,
    nodes: () => nodes(),
  };
  poll = observer(engine as Engine, { serviceId: 'id', ownedOf: (spec) => JSON.stringify(spec) }, () => 0);
});

async function seen(scope: Scope): Promise<Seen> {
  asked = [];
  const observation = await poll({ tasks: scope, nodes: false }, new AbortController().signal);
  if (observation.kind !== 'seen') throw new Error(observation.kind);
  return observation;
}

const current = ({ tasks: all }: Seen): string[] =>
  all.filter(({ upToDate }) => upToDate).map(({ id }) => id);
const BY_SPEC = { '_up-to-date': ['true'] };

describe('another’s change', () => {
  test('is seen by the service alone: no list of thousands of tasks keeps the verdict waiting', async () => {
    const before = await seen('fresh');
    service = { ...service, Spec: { Name: 'web', TaskTemplate: {}, Labels: { by: 'another' } } };
    const after = await seen([]);
    expect(asked).toEqual([]);
    expect(after.service.spec).not.toBe(before.service.spec);
    expect(after.tasks).toBe(before.tasks);
  });

  test('unlike the engine’s own, which leaves no previous spec and is followed through all tasks', async () => {
    await seen('fresh');
    const { PreviousSpec: _, ...rolledBack } = service;
    service = { ...rolledBack, Spec: { Name: 'web', TaskTemplate: {}, Labels: { by: 'the engine' } } };
    await seen([]);
    expect(asked[0]).toEqual({});
  });
});

describe('the engine’s word on which spec a task is of', () => {
  test('is asked for once', async () => {
    expect(current(await seen('fresh'))).toEqual(['a', 'c']);
    expect(asked).toEqual([{}, { id: ['a', 'b', 'c'], ...BY_SPEC }]);
    expect(current(await seen('all'))).toEqual(['a', 'c']);
    expect(asked).toEqual([{}]);
  });

  test('is asked for of a new task alone', async () => {
    await seen('fresh');
    tasks.push(task('d', 4));
    expect(current(await seen('all'))).toEqual(['a', 'c', 'd']);
    expect(asked).toEqual([{}, { id: ['d'], ...BY_SPEC }]);
  });

  test('is asked for anew at a fresh poll, and when the spec is another', async () => {
    await seen('fresh');
    expect((await seen('fresh')).partial).toBeUndefined();
    expect(asked).toEqual([{}, BY_SPEC]);
    const { PreviousSpec: _, ...rolledBack } = service;
    service = {
      ...rolledBack,
      Spec: { Name: 'web', TaskTemplate: { ForceUpdate: 1 } },
      UpdateStatus: { State: 'rollback_started' },
    };
    await seen('all');
    expect(asked).toEqual([{}, { id: ['a', 'b', 'c'], ...BY_SPEC }]);
  });

  test('need not be asked for while a service has had one spec only', async () => {
    const { PreviousSpec, ...first } = service;
    service = first;
    await seen('fresh');
    expect(asked).toEqual([{}]);
  });
});

describe('a poll of some slots', () => {
  test('leaves the others as they were, and is partial', async () => {
    await seen('fresh');
    tasks = [task('a', 1), task('b', 2, 'old'), task('e', 2), task('f', 3)];
    const part = await seen(['2']);
    expect(part.tasks.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c', 'e']);
    expect(part.partial).toBe(true);
    expect(asked[0]).toEqual({ name: ['web.2.'] });
    tasks = [];
    expect((await seen(['1', '2'])).tasks.map(({ id }) => id)).toEqual(['c']);
  });

  test('that shows nothing new gives the very same parts', async () => {
    const first = await seen('fresh');
    for (const scope of [['1', '2'], [], 'all', 'fresh'] as const) {
      const again = await seen(scope);
      expect(
        [again.service, again.tasks, again.nodes].map((part, index) => part === parts(first)[index]),
      ).toEqual([true, true, true]);
    }
    expect(asked).toHaveLength(2);
  });

  test('becomes one at all when the engine has changed its update status', async () => {
    await seen('fresh');
    tasks = [];
    service = { ...service, UpdateStatus: { State: 'paused', Message: '' } };
    const whole = await seen(['1']);
    expect([whole.tasks, whole.partial]).toEqual([[], undefined]);
  });
});

const parts = ({ service, tasks, nodes }: Seen): unknown[] => [service, tasks, nodes];

describe('nodes that are refused', () => {
  const refusal = new EngineError('refused', 'GET /nodes: no', { fault: 'final' });
  const ready: Node = { ID: 'n1', Spec: {}, Description: { Hostname: 'one' }, Status: { State: 'ready' } };

  test('a replicated service is watched without them, and the tasks have the ids of their nodes', async () => {
    nodes = () => Promise.reject(refusal);
    tasks = [
      { ...task('a', 1), NodeID: 'n1' },
      { ...task('b', 2), NodeID: 'n2' },
    ];
    const { nodes: known, noNodes } = await seen('fresh');
    expect(noNodes).toBe('GET /nodes: no');
    expect(known.map(({ id, name, down }) => ({ id, name, down }))).toEqual([
      { id: 'n1', name: 'n1', down: false },
      { id: 'n2', name: 'n2', down: false },
    ]);
    expect((await seen('all')).nodes).toBe(known);
  });

  test('what was known before stays known', async () => {
    nodes = () => Promise.resolve([ready]);
    tasks = [{ ...task('a', 1), NodeID: 'n1' }];
    expect((await seen('fresh')).noNodes).toBeUndefined();
    nodes = () => Promise.reject(refusal);
    const again = await poll({ tasks: 'fresh', nodes: true }, new AbortController().signal);
    expect(again).toMatchObject({ noNodes: 'GET /nodes: no', nodes: [{ id: 'n1', name: 'one' }] });
  });

  test.each([{ Global: {} }, { GlobalJob: {} }])(
    '%j: its slots are nodes, so it is a refusal',
    async (Mode) => {
      nodes = () => Promise.reject(refusal);
      service = { ...service, Spec: { ...service.Spec, Mode } };
      expect(await poll({ tasks: 'fresh', nodes: true }, new AbortController().signal)).toEqual({
        kind: 'refused',
        at: 0,
        reason: 'GET /nodes: no',
      });
    },
  );

  test('a failure that may pass is one of the poll', async () => {
    nodes = () => Promise.reject(new EngineError('refused', 'HTTP status 502', { fault: 'transient' }));
    expect(await poll({ tasks: 'fresh', nodes: true }, new AbortController().signal)).toMatchObject({
      kind: 'unreachable',
    });
  });
});

test('a locked manager, and one that is none any more, say so', async () => {
  const at = 0;
  const signal = new AbortController().signal;
  nodes = () =>
    Promise.reject(new EngineError('refused', 'unlock it', { fault: 'transient', reason: 'locked' }));
  expect(await poll({ tasks: 'fresh', nodes: true }, signal)).toEqual({
    kind: 'unreachable',
    at,
    reason: 'unlock it',
    locked: true,
  });
  nodes = () =>
    Promise.reject(new EngineError('notManager', 'a worker', { fault: 'transient', managers: ['10.0.0.2'] }));
  expect(await poll({ tasks: 'fresh', nodes: true }, signal)).toEqual({
    kind: 'unreachable',
    at,
    reason: 'a worker',
    managers: ['10.0.0.2'],
  });
});
