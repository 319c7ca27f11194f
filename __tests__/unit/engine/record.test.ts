/** What is recorded of an engine's replies: enough to observe the same again, and no secrets. A list plays the engine. */
import { beforeEach, expect, test } from '@jest/globals';
import type { Node } from '../../../src/api/cluster.ts';
import type { Service, ServiceSpec, Task } from '../../../src/api/service.ts';
import type { Engine } from '../../../src/engine/client.ts';
import { digestOf, nodeSeen, serviceSeen, taskSeen } from '../../../src/engine/convert.ts';
import type { Poll } from '../../../src/engine/observe.ts';
import { recorder } from '../../../src/engine/record.ts';
import { redaction } from '../../../src/engine/redact.ts';
import { EngineError } from '../../../src/errors.ts';
import type { Observation } from '../../../src/rollout/observation.ts';
import { ownedDigest } from '../../../src/service-spec/owned-fields.ts';
import { UPDATE } from '../rollout/support/made.ts';
import { observationsOf, parseTrace } from '../rollout/support/trace.ts';

const SECRET = 'hunter2';

const spec = (image: string, value = SECRET): ServiceSpec => ({
  Name: 'web',
  Labels: { token: value, Image: value, 'TaskTemplate.Runtime': value },
  TaskTemplate: {
    Runtime: 'container',
    ContainerSpec: {
      Image: image,
      Args: ['--password', value],
      Command: [value],
      Env: [`PASSWORD=${value}`],
      Labels: { password: value },
      Healthcheck: { Test: ['CMD-SHELL', `curl -u me:${value} localhost`] },
      Mounts: [{ Source: value, VolumeOptions: { DriverConfig: { Options: { password: value } } } }],
      Secrets: [{ SecretName: value, File: { Name: value, UID: '0', GID: '0', Mode: 292 } }],
      Hosts: [value],
    },
    LogDriver: { Name: 'splunk', Options: { 'splunk-token': value } },
    RestartPolicy: { Condition: 'on-failure', Delay: 5e9, Window: (2n ** 60n) as unknown as number },
    Placement: { Constraints: ['node.role==worker'] },
  },
  UpdateConfig: { Parallelism: 1, MaxFailureRatio: 0, FailureAction: 'rollback', Monitor: 1e9 },
  Mode: { Replicated: { Replicas: 2 } },
});

const serviceOf = (Spec: ServiceSpec, index: number, more: Partial<Service> = {}): Service => ({
  ID: 'service',
  Version: { Index: index },
  CreatedAt: '2026-01-01T00:00:00Z',
  UpdatedAt: '2026-01-01T00:00:00Z',
  Spec,
  ...more,
});

const taskOf = (ID: string, Slot: number, more: Partial<Task> = {}): Task => ({
  ID,
  ServiceID: 'service',
  Slot,
  NodeID: 'node',
  CreatedAt: '2026-01-01T00:00:00Z',
  DesiredState: 'running',
  Status: {
    State: 'running',
    Timestamp: '2026-01-01T00:00:01Z',
    Message: 'started',
    ContainerStatus: { ContainerID: SECRET, ExitCode: 0 },
  },
  Spec: { ContainerSpec: spec('ping:1.1').TaskTemplate.ContainerSpec ?? {} },
  ...more,
});

const node: Node = {
  ID: 'node',
  Spec: { Name: '', Role: 'worker', Availability: 'active', Labels: { zone: 'b' } },
  Description: {
    Hostname: 'worker1',
    Platform: { Architecture: 'x86_64', OS: 'linux' },
    Engine: { EngineVersion: '28.5.2', Labels: { disk: 'ssd' } },
    TLSInfo: { TrustRoot: SECRET },
  },
  Status: { State: 'ready', Addr: '10.0.0.2' },
};

let service: Service;
let tasks: Task[];
/** What the next list of tasks does in place of an answer. */
let fails: EngineError | 'never' | undefined;
let lines: string[];
let interrupt: AbortController;
let now: number;
let poll: Poll;

/** An answer, or none until the signal aborts. */
function answer<T>(value: T, signal?: AbortSignal): Promise<T> {
  if (fails instanceof EngineError) return Promise.reject(fails);
  if (fails === undefined) return Promise.resolve(value);
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

const ownedOf = (one: ServiceSpec): string => ownedDigest(one, [['Mode']]);

beforeEach(() => {
  service = serviceOf(spec('ping:1.1'), 10, { PreviousSpec: spec('ping:1.0') });
  tasks = [taskOf('a', 1), taskOf('b', 2)];
  fails = undefined;
  lines = [];
  interrupt = new AbortController();
  now = 0;
  const engine: Pick<Engine, 'service' | 'tasks' | 'nodes' | 'systemTime'> = {
    service: () => Promise.resolve(service),
    tasks: (filters, signal) =>
      answer(
        tasks.filter(
          ({ ID }) => (filters['id']?.includes(ID) ?? true) && (!('_up-to-date' in filters) || ID !== 'b'),
        ),
        signal,
      ),
    nodes: () => Promise.resolve([node]),
    systemTime: () => Promise.resolve(1_767_225_600_000),
  };
  const observe = recorder({
    header: () => ({ engine: '28.5.2', host: 'tcp://manager', intent: UPDATE, named: [['Mode']] }),
    write: (line) => lines.push(line),
    interrupted: interrupt.signal,
  });
  poll = observe(engine as Engine, { serviceId: 'service', ownedOf, asksTime: true }, () => now);
});

async function polled(signal = new AbortController().signal): Promise<Observation> {
  now += 100;
  return poll({ tasks: now === 400 ? 'fresh' : 'all', nodes: now === 200 }, signal);
}

/** Without what is a digest of a spec: it is another one where the secrets are removed. */
const withoutDigests = (observation: Observation): unknown =>
  observation.kind === 'seen'
    ? { ...observation, service: { ...observation.service, spec: '', owned: '', previousSpec: '' } }
    : observation;

const replayed = (): Promise<Observation[]> => observationsOf(parseTrace(`${lines.join('\n')}\n`));

test('a trace gives the observations again, and leaves out what is as before', async () => {
  const observations = [await polled(), await polled()];
  service = { ...service, UpdateStatus: { State: 'updating', Message: 'update in progress' } };
  const [a = taskOf('a', 1), b = taskOf('b', 2)] = tasks;
  tasks = [{ ...a, DesiredState: 'shutdown' }, b, taskOf('c', 1)];
  observations.push(await polled(), await polled());
  const { UpdateStatus, ...rest } = service;
  service = rest;
  tasks = [b, taskOf('c', 1, { NodeID: undefined })];
  observations.push(await polled(), await polled(), await polled());

  expect((await replayed()).map(withoutDigests)).toEqual(observations.map(withoutDigests));
  expect(observations[0]).toHaveProperty('managerTime', 1_767_225_600_000);
  const [third, last] = [lines[3] ?? '', lines.at(-1) ?? ''];
  expect(JSON.parse(third)).toMatchObject({
    replies: [
      { reply: { ID: 'service', UpdateStatus: { State: 'updating', Message: 'update in progress' } } },
      { reply: [{ ID: 'a', DesiredState: 'shutdown' }, 'b', { ID: 'c', Slot: 1 }] },
      { reply: ['c'] },
    ],
  });
  expect(last).toBe('{"at":700}');
});

test('errors and polls that were cut off are replayed', async () => {
  const observations = [await polled()];
  fails = new EngineError('unreachable', 'cannot reach the engine at tcp://manager: refused', {
    fault: 'transient',
  });
  observations.push(await polled());
  fails = new EngineError('refused', 'forbidden', { fault: 'final', status: 403 });
  observations.push(await polled());
  fails = new EngineError('notFound', 'service web not found', { fault: 'gone', status: 404 });
  observations.push(await polled());
  fails = 'never';
  const limit = new AbortController();
  const cutOff = polled(limit.signal);
  limit.abort();
  await expect(cutOff).rejects.toThrow('aborted');
  fails = undefined;
  const last = await polled();

  expect((await replayed()).map(withoutDigests)).toEqual([
    ...observations.map(withoutDigests),
    { kind: 'unreachable', at: 500, reason: 'no answer from tcp://manager' },
    withoutDigests(last),
  ]);
  expect(lines[3]).toContain('"error":{"kind":"refused","fault":"final","status":403,"message":"forbidden"}');
});

test.each([
  ['between polls', false],
  ['in the middle of a poll', true],
])('a signal %s is recorded once', async (_, isPolling) => {
  await polled();
  if (isPolling) {
    fails = 'never';
    const limit = new AbortController();
    const cutOff = polled(limit.signal);
    interrupt.abort('SIGTERM');
    limit.abort();
    await expect(cutOff).rejects.toThrow('aborted');
  } else {
    now += 100;
    interrupt.abort('SIGTERM');
  }
  expect(lines.slice(2)).toEqual(['{"at":200,"signal":"SIGTERM"}']);
  expect((await replayed()).at(-1)).toEqual({ kind: 'interrupted', at: 200, signal: 'SIGTERM' });
});

test('no secret gets into a trace', async () => {
  await polled();
  service = serviceOf(spec('ping:1.2', `${SECRET}-2`), 11, { PreviousSpec: service.Spec });
  await polled();
  expect(lines.join('\n')).not.toContain(SECRET);
  expect(lines.join('\n')).toContain('"Window":1152921504606846976');
});

test('what the observer reads of a reply stays as it came, but for the digests of specs', () => {
  const redact = redaction();
  const updated = serviceOf(spec('ping:1.1'), 10, {
    PreviousSpec: spec('ping:1.0'),
    UpdateStatus: { State: 'paused', StartedAt: '2026-01-01T00:00:00Z', Message: 'failure of task x1' },
    JobStatus: { JobIteration: { Index: 3 } },
  });
  const digests = { spec: '', owned: '', previousSpec: '' };
  expect({ ...serviceSeen(redact.service(updated), ownedOf), ...digests }).toEqual({
    ...serviceSeen(updated, ownedOf),
    ...digests,
  });
  const [task = taskOf('a', 1)] = tasks;
  expect(taskSeen(redact.task(task), true)).toEqual(taskSeen(task, true));
  expect(nodeSeen(redact.node(node))).toEqual(nodeSeen(node));
});

test('specs without their secrets are equal where they were, and different where they were', () => {
  const [redact, another] = [redaction(), redaction()];
  const digest = (one: ServiceSpec): string => digestOf(redact.spec(one));
  expect(digest(spec('ping:1.1'))).toBe(digest(spec('ping:1.1')));
  expect(digest(spec('ping:1.1', 'hunter3'))).not.toBe(digest(spec('ping:1.1')));
  expect(ownedOf(redact.spec({ ...spec('ping:1.1'), Labels: { token: 'new' } }))).toBe(
    ownedOf(redact.spec(spec('ping:1.1'))),
  );
  // Otherwise a guessed secret could be recognized by its hash.
  expect(digestOf(another.spec(spec('ping:1.1')))).not.toBe(digest(spec('ping:1.1')));
});
