import { describe, expect, test } from '@jest/globals';
import type { Node } from '../../../src/api/cluster.ts';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { nodeSeen } from '../../../src/engine/convert.ts';
import { plannedLines, tasksSentence } from '../../../src/rollout/planned.ts';
import { risksOf } from '../../../src/rollout/risks.ts';

const NONE = { replaced: 0, kept: 0, started: 0, stopped: 0, atOnce: 0, atLeast: 0 };

test.each([
  [{ ...NONE, kept: 3 }, false, 'replaces no task'],
  [NONE, false, 'replaces no task'],
  [
    { ...NONE, replaced: 4, atOnce: 1, atLeast: 45_000 },
    false,
    'replaces 4 tasks, 1 at a time, in at least 45s',
  ],
  [
    { ...NONE, replaced: 4, atOnce: 4, atLeast: 5_000 },
    false,
    'replaces 4 tasks, all at once, in at least 5s',
  ],
  [{ ...NONE, replaced: 1, atOnce: 1, atLeast: 90_500 }, false, 'replaces 1 task, in at least 1m30.5s'],
  [{ ...NONE, kept: 2, started: 3 }, false, 'replaces no task; starts 3 tasks'],
  [{ ...NONE, started: 1 }, false, 'starts 1 task'],
  [
    { ...NONE, replaced: 2, atOnce: 1, atLeast: 5_000, stopped: 1 },
    false,
    'replaces 2 tasks, 1 at a time, in at least 5s; stops 1 task',
  ],
  [{ ...NONE, started: 5, atOnce: 2, stopped: 1 }, true, 'starts 5 tasks, 2 at a time; stops 1 task'],
])('%j: %s', (effect, isJob, sentence) => {
  expect(tasksSentence(effect, isJob)).toBe(sentence);
});

test('a line for each change, for the tasks, and for each note and risk', () => {
  const lines = plannedLines({
    verdict: 'planned',
    exitCode: 0,
    service: { id: 's', name: 'web' },
    message: 'replaces 1 task',
    changes: [
      { field: 'image', before: 'a', after: `b@sha256:${'0123456789abcdef'.repeat(4)}` },
      { field: 'env A', after: '1' },
      { field: 'constraint', before: 'x==y' },
      { field: 'args', after: '' },
    ],
    tasks: NONE,
    risks: [{ kind: 'image', message: 'r' }],
    notes: ['n'],
  });
  expect(lines).toEqual([
    '~ image       a → b@sha256:0123456789ab',
    '+ env A       1',
    '- constraint  x==y',
    '+ args',
    'replaces 1 task',
    'note: n',
    'risk: r',
  ]);
});

describe('risks', () => {
  const node = (ID: string, fields: Partial<Node> = {}): Node => ({
    ID,
    Spec: { Availability: 'active', Role: 'worker' },
    Status: { State: 'ready' },
    Description: {
      Hostname: ID,
      Platform: { Architecture: 'x86_64', OS: 'linux' },
      Resources: {
        NanoCPUs: 2e9,
        MemoryBytes: 2 ** 30,
        GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 1 } }],
      },
    },
    ...fields,
  });
  const NODES = [node('n1'), node('n2'), node('n3', { Status: { State: 'down' } })];
  const messages = (TaskTemplate: object, rest: object = {}, nodes = NODES) =>
    risksOf(
      { TaskTemplate, Mode: { Replicated: { Replicas: 3 } }, ...rest } as ServiceSpec,
      nodes.map((one) => ({ node: one, seen: nodeSeen(one) })),
    ).map(({ kind, message }) => `${kind}: ${message}`);
  const HOST = { EndpointSpec: { Ports: [{ TargetPort: 80, PublishMode: 'host' }] } };
  const startFirst = { UpdateConfig: { Parallelism: 1, MaxFailureRatio: 0, Order: 'start-first' } };
  const platforms = (Architecture: string) => ({ Placement: { Platforms: [{ Architecture, OS: 'linux' }] } });

  test.each<[string[], string[]]>([
    [messages({}), []],
    [messages({}, HOST), []],
    [
      messages({}, { ...HOST, ...startFirst }),
      [
        'hostPort: start-first with a host-mode port: a new task needs a node where no task of the service has the port',
      ],
    ],
    [
      messages({}, { ...HOST, ...startFirst, Mode: { Global: {} } }),
      [
        'hostPort: start-first with a host-mode port on a global service: a new task never gets the port of the old one',
      ],
    ],
    [
      messages({ Placement: { Constraints: ['node.id==n3', 'node.role==worker'] } }),
      ['placement: no node that satisfies the constraints is active: n3 is down'],
    ],
    [
      messages({ Placement: { Constraints: ['node.id==n3', 'node.role==manager'] } }),
      ['placement: no node satisfies the constraints: node.id==n3, node.role==manager'],
    ],
    [messages({ Placement: { Constraints: ['node.id==n2'] } }), []],
    [messages(platforms('amd64')), []],
    [messages(platforms('arm64')), ['placement: no node has a platform of the image: linux/arm64']],
    [
      messages({
        Resources: {
          Reservations: {
            NanoCPUs: 4e9,
            MemoryBytes: 2 ** 31,
            GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 2 } }],
          },
        },
      }),
      ['resources: no node has the reserved resources: 4 CPUs, 2GiB of memory, gpu=2'],
    ],
    [
      messages({
        Resources: {
          Reservations: {
            NanoCPUs: 2e9,
            MemoryBytes: 2 ** 30,
            GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 1 } }],
          },
        },
      }),
      [],
    ],
    [
      messages({ Placement: { MaxReplicas: 1 } }),
      ['placement: 3 replicas do not fit: at most 1 on each of 2 nodes'],
    ],
    [
      messages({}, {}, [node('n1', { Spec: { Availability: 'drain' } })]),
      ['placement: no node is ready and active'],
    ],
  ])('%j', (found, expected) => {
    expect(found).toEqual(expected);
  });
});
