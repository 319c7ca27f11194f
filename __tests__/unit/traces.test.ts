/** What is recorded of the requests of a command: enough to observe the same again, and no secrets. */
import { expect, test } from '@jest/globals';
import type { Node } from '../../src/api/cluster.ts';
import type { Service, ServiceSpec, Task, UpdateState } from '../../src/api/service.ts';
import { digestOf, nodeSeen, serviceSeen, taskSeen } from '../../src/engine/convert.ts';
import { stringifyExact } from '../../src/values/exact-json.ts';
import type { Observation } from '../../src/rollout/observation.ts';
import { ownedDigest } from '../../src/service-spec/owned-fields.ts';
import type { Exchange } from '../integration/support/proxy.ts';
import { parseTrace, traceText } from '../support/trace/format.ts';
import { traceOf } from '../support/trace/record.ts';
import { redact } from '../support/trace/redact.ts';
import { observationsOf } from '../support/trace/replay.ts';

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

const ownedOf = (one: ServiceSpec): string => ownedDigest(one, [['Mode']]);

/** A request at a time (ms), answered a millisecond later. */
const exchange = (at: number, path: string, reply: unknown, more: Partial<Exchange> = {}): Exchange => ({
  method: 'GET',
  path,
  headers: {},
  body: '',
  at,
  endedAt: at + 1,
  status: 200,
  contentType: 'application/json',
  reply: stringifyExact(reply),
  ...more,
});

const filtered = (path: string, filters: object): string =>
  `${path}?filters=${encodeURIComponent(JSON.stringify(filters))}`;

/** The requests of a poll. They overtake each other on the way. */
const pollAt = (at: number, service: Service, tasks: readonly Task[], nodes?: readonly Node[]) => [
  exchange(at, filtered('/tasks', { service: ['service'] }), tasks),
  exchange(at + 1, '/services/service', service),
  ...(nodes === undefined ? [] : [exchange(at + 2, '/nodes', nodes)]),
];

const running = [taskOf('a', 1), taskOf('b', 2)];

/** A poll that also asks which tasks have the current spec: only such a poll brings a verdict. */
const fullPollAt = (at: number, service: Service) => [
  ...pollAt(at, service, running),
  exchange(at + 1, filtered('/tasks', { service: ['service'], '_up-to-date': ['true'] }), running),
];

const before = serviceOf(spec('ping:1.0'), 9);
const updated = (index: number, State: UpdateState): Service =>
  serviceOf(spec('ping:1.1'), index, {
    PreviousSpec: before.Spec,
    UpdateStatus: { State, Message: 'update', CompletedAt: '2026-01-01T00:00:05Z' },
  });
const up = (at: number, ids: readonly string[]): Exchange =>
  exchange(
    at,
    filtered('/tasks', { id: ids, '_up-to-date': ['true'] }),
    ids.map((id, index) => taskOf(id, index + 1)),
  );

/** `swarmroll update --image ping:1.1 web` until the update is sent. */
const SENT: readonly Exchange[] = [
  exchange(40, '/services/web', before),
  exchange(
    50,
    '/services/service/update?version=9',
    { Warnings: null },
    {
      method: 'POST',
      body: stringifyExact(spec('ping:1.1')),
      headers: { 'x-registry-auth': SECRET },
    },
  ),
];
const FIRST: readonly Exchange[] = [
  ...pollAt(60, updated(10, 'updating'), running, [node]),
  up(64, ['a', 'b']),
];
const LAST: readonly Exchange[] = fullPollAt(900, updated(11, 'completed'));

const recorded = (
  exchanges: readonly Exchange[],
  { argv = ['update', '--image', 'ping:1.1', 'web'], ...more }: Partial<Parameters<typeof traceOf>[0]> = {},
) =>
  traceOf({
    argv,
    engine: '28.5.2',
    endpoint: {
      address: { kind: 'tcp', host: 'manager', port: 2375, prefix: '', secure: false },
      shown: 'tcp://manager:2375',
    },
    exchanges,
    startedAt: 0,
    exitCode: 0,
    ...more,
  });

async function replayed(text: string): Promise<Observation[]> {
  const observations: Observation[] = [];
  for await (const one of observationsOf(parseTrace(text))) observations.push(one);
  return observations;
}

test('an update is recorded from the request that it sends to its verdict, without what is as before', async () => {
  const text = traceText(
    await recorded([
      ...SENT,
      exchange(55, '/events', {}, { endedAt: Infinity }),
      ...FIRST,
      ...pollAt(200, updated(10, 'updating'), running),
      ...pollAt(300, updated(10, 'updating'), running),
      ...LAST,
      // The search for a way back.
      ...pollAt(950, updated(11, 'completed'), []),
    ]),
  );
  const [header = '', ...lines] = text.trimEnd().split('\n');
  expect(JSON.parse(header)).toMatchObject({
    engine: '28.5.2',
    host: 'tcp://manager:2375',
    intent: {
      action: 'update',
      name: 'web',
      startedAt: 50,
      versionBefore: 9,
      authSent: true,
      imageBefore: 'ping:1.0',
      owned: ownedDigest(redact.spec(spec('ping:1.1')), []),
    },
    named: [],
    observed: { serviceId: 'service', asksTime: false, follows: false },
  });
  expect(lines).toHaveLength(4);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ at: 65, request: { tasks: 'all', nodes: true } });
  expect(lines[2]).toBe('{"at":302}');
  const [first, ...others] = await replayed(text);
  expect(first).toMatchObject({ service: { update: { state: 'updating' } }, nodes: [{ name: 'worker1' }] });
  expect(others.at(-1)).toMatchObject({ at: 902, service: { update: { state: 'completed' } } });
  expect(text).not.toContain(SECRET);
  expect(text).toContain('"Window":1152921504606846976');
});

test('a create, a rollback and a wait are recorded as what they are', async () => {
  const created = serviceOf(spec('ping:1.1'), 10);
  const intentOf = async (...[exchanges, more]: Parameters<typeof recorded>) =>
    (await recorded(exchanges, more)).header.intent;
  const post = exchange(
    50,
    '/services/create',
    { ID: 'service' },
    {
      method: 'POST',
      status: 201,
      body: stringifyExact(spec('ping:1.1')),
    },
  );
  const runs = (at: number, service: Service) => pollAt(at, service, running, [node]);
  expect(
    await intentOf([post, ...runs(60, created), ...fullPollAt(7_000, created)], {
      argv: ['create', 'ping:1.1'],
    }),
  ).toMatchObject({ action: 'create', serviceId: 'service', name: 'web', startedAt: 51 });
  const back = serviceOf(before.Spec, 12, {
    PreviousSpec: spec('ping:1.1'),
    UpdateStatus: { State: 'rollback_completed', CompletedAt: '2026-01-01T00:00:05Z' },
  });
  expect(
    await intentOf(
      [
        exchange(40, '/services/web', updated(11, 'completed')),
        exchange(50, '/services/service/update?version=11&rollback=previous', {}, { method: 'POST' }),
        ...runs(60, back),
        up(64, ['a', 'b']),
        ...fullPollAt(7_000, back),
      ],
      { argv: ['rollback', 'web'] },
    ),
  ).toMatchObject({ action: 'rollback', owned: ownedDigest(redact.spec(before.Spec), []) });
  expect(
    await intentOf(
      [
        exchange(40, '/services', [serviceOf(spec('other'), 1, { ID: 'other' }), created]),
        exchange(60, '/info', { SystemTime: '2026-01-01T01:00:00Z' }),
        ...runs(60, created),
      ],
      { argv: ['wait', 'service'] },
    ),
  ).toMatchObject({ action: 'wait', serviceId: 'service', posted: false });
});

test('errors and polls that were cut off are recorded', async () => {
  const failed = (at: number, { status, ...how }: Partial<Exchange>): Exchange[] => {
    const { status: _, ...list } = exchange(at, filtered('/tasks', { service: ['service'] }), running, how);
    return [
      exchange(at, '/services/service', updated(10, 'updating')),
      status === undefined ? list : { ...list, status },
    ];
  };
  const trace = await recorded([
    ...SENT,
    ...FIRST,
    ...failed(200, { failed: 'ECONNREFUSED' }),
    ...failed(400, { status: 503, reply: '{"message":"no leader"}', endedAt: 420 }),
    ...failed(500, { endedAt: 5_500 }),
    ...pollAt(6_000, updated(11, 'completed'), running),
    ...fullPollAt(7_500, updated(11, 'completed')),
  ]);
  const text = traceText(trace);
  expect(text).toContain('"error":{"kind":"refused","fault":"transient","status":503,"message":"no leader"}');
  expect(await replayed(text)).toMatchObject([
    { kind: 'seen' },
    { kind: 'unreachable', at: 201, reason: expect.stringContaining('at tcp://manager:2375: ') as unknown },
    { kind: 'unreachable', at: 420, reason: 'no leader' },
    { kind: 'unreachable', at: 5_500, reason: 'no answer from tcp://manager:2375' },
    { kind: 'seen' },
    { kind: 'seen' },
  ]);
});

test.each([
  ['between polls', 150],
  ['in the middle of a poll', 201],
])('a signal %s ends the trace', async (_, at) => {
  const seen = [...SENT, ...FIRST, ...pollAt(200, updated(10, 'updating'), running)];
  const trace = await recorded(seen, { signal: { at, name: 'SIGTERM' }, exitCode: 143 });
  expect((await replayed(traceText(trace))).slice(1)).toEqual([
    { kind: 'interrupted', at, signal: 'SIGTERM' },
  ]);
});

test('what was seen must bring the verdict of the command', async () => {
  await expect(recorded([...SENT, ...FIRST, ...LAST], { exitCode: 5 })).rejects.toThrow(
    'the replay ends with converged, the command with exit code 5',
  );
  await expect(recorded([...SENT, ...FIRST])).rejects.toThrow('no verdict after 1 polls');
});

test('what the observer reads of a reply stays as it came, but for the digests of specs', () => {
  const service = serviceOf(spec('ping:1.1'), 10, {
    PreviousSpec: spec('ping:1.0'),
    UpdateStatus: { State: 'paused', StartedAt: '2026-01-01T00:00:00Z', Message: 'failure of task x1' },
    JobStatus: { JobIteration: { Index: 3 } },
  });
  const digests = { spec: '', owned: '', previousSpec: '' };
  expect({ ...serviceSeen(redact.service(service), ownedOf), ...digests }).toEqual({
    ...serviceSeen(service, ownedOf),
    ...digests,
  });
  const task = taskOf('a', 1);
  expect(taskSeen(redact.task(task), true)).toEqual(taskSeen(task, true));
  expect(nodeSeen(redact.node(node))).toEqual(nodeSeen(node));
});

test('specs without their secrets are equal where they were, and different where they were', () => {
  const digest = (one: ServiceSpec): string => digestOf(redact.spec(one));
  expect(digest(spec('ping:1.1'))).toBe(digest(spec('ping:1.1')));
  expect(digest(spec('ping:1.1', 'hunter3'))).not.toBe(digest(spec('ping:1.1')));
  expect(ownedOf(redact.spec({ ...spec('ping:1.1'), Labels: { token: 'new' } }))).toBe(
    ownedOf(redact.spec(spec('ping:1.1'))),
  );
  // So that two recordings can be compared.
  expect(redact.spec({ ...spec('ping:1.1'), Labels: { tier: 'web' } }).Labels).toEqual({ tier: 'nbWTpy72' });
});
