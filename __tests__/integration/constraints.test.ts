/**
 * Placement constraints of global services: compares the eligible nodes of swarmroll with the nodes on which the engine
 * creates tasks.
 *
 * The services require a platform that no node has. Only the scheduler checks that, not the orchestrator: it creates the
 * tasks on the nodes that match, and they stay pending there. So a hundred services need no resources.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { nodeSeen } from '../../src/engine/convert.ts';
import { isEligible } from '../../src/rollout/constraints.ts';
import { engineLabel, hostname, label } from './support/nodes.ts';
import { api, httpOf, image, removeServices, swarm, uniqueName, until } from './support/swarm.ts';
import type { Node } from '../../src/api/cluster.ts';
import type { Task } from '../../src/api/service.ts';

const ALL = ['manager', 'worker1', 'worker2'];
const MODES = { global: { Global: {} }, 'global-job': { GlobalJob: {} } };

/** The names of labels that no other test uses: {zone} and {disk} in the table. */
const zone = uniqueName('Zone');
const disk = uniqueName('disk');
const LABELS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  worker1: { [zone]: 'A', [`${zone}.words`]: 'two words', [`${zone}.pattern`]: 'a.b|c$' },
  worker2: { [zone]: 'ſ', [`${zone}.pattern`]: 'axb|c$', [`${zone}.empty`]: '' },
};

const TABLE: readonly (readonly [constraints: readonly string[], nodes: readonly string[]])[] = [
  [[], ALL],
  [['node.id=={worker1.id}'], ['worker1']],
  [['node.id!={worker1.id}'], ['manager', 'worker2']],
  [['node.id=={worker1.ID}'], ['worker1']],
  [['node.id=={worker1.prefix}'], []],
  [['node.hostname==worker1'], ['worker1']],
  [['node.hostname!=worker1'], ['manager', 'worker2']],
  [['Node.HostName==WORKER1'], ['worker1']],
  [['node.hostname==worker*'], []],
  [['node.hostname!=worker.'], ALL],
  [['node.role==manager'], ['manager']],
  [['node.role==worker'], ['worker1', 'worker2']],
  [['node.role!=Worker'], ['manager']],
  [['node.role==leader'], []],
  [['node.platform.os==linux'], ALL],
  [['node.platform.os!=Linux'], []],
  [['node.platform.os!=windows'], ALL],
  [['node.platform.arch=={arch}'], ALL],
  [['node.platform.arch=={ARCH}'], ALL],
  [['node.platform.arch!={arch}'], []],
  [['node.platform.arch=={go-arch}'], []],
  [['node.platform.arch!={go-arch}'], ALL],
  [['node.ip=={worker1.ip}'], ['worker1']],
  [['node.ip!={worker1.ip}'], ['manager', 'worker2']],
  [['node.ip==::ffff:{worker1.ip}'], ['worker1']],
  [['node.ip=={worker1.ip}/32'], ['worker1']],
  [['node.ip=={worker1.ip}/24'], ALL],
  [['node.ip!={worker1.ip}/24'], []],
  [['node.ip==::ffff:{worker1.ip}/120'], ALL],
  [['node.ip==0.0.0.0/0'], ALL],
  [['node.ip!=127.0.0.0/8'], ALL],
  [['node.ip==fd00::/8'], []],
  [['node.ip!=fd00::/8'], ALL],
  [['node.ip==::/0'], []],
  [['node.ip!=::/0'], ALL],
  [['node.ip==worker1'], []],
  [['node.ip!=worker1'], []],
  [['node.ip!=10.0.0.0/33'], []],
  [['node.labels.{zone}==A'], ['worker1']],
  [['node.labels.{zone}==a'], ['worker1']],
  [['node.labels.{zone}!=a'], ['manager', 'worker2']],
  [['NODE.LABELS.{zone}==a'], ['worker1']],
  [['node.labels.{ZONE}==a'], []],
  [['node.labels.{ZONE}!=a'], ALL],
  [['node.labels.{zone}==s'], ['worker2']],
  [['node.labels.{zone}.words==two words'], ['worker1']],
  [['node.labels.{zone}.pattern==A.B|C$'], ['worker1']],
  [['node.labels.{zone}.pattern!=a.b|c$'], ['manager', 'worker2']],
  [['node.labels.{zone}.empty!=x'], ALL],
  [['node.labels.{zone}.none==x'], []],
  [['node.labels.{zone}.none!=x'], ALL],
  [['engine.labels.{disk}==SSD'], ['worker2']],
  [['Engine.Labels.{disk}==ssd'], ['worker2']],
  [['engine.labels.{disk}!=ssd'], ['manager', 'worker1']],
  [['engine.labels.{zone}==a'], []],
  [['engine.labels.{zone}!=a'], ALL],
  [[' node.role \t== worker '], ['worker1', 'worker2']],
  [['node.labels==a'], []],
  [['node.labels!=a'], []],
  [['node.labels.!=a'], []],
  [['engine.labels.!=a'], []],
  [['node.name!=a'], []],
  [['constructor!=a'], []],
  [['node.role==worker', 'node.hostname!=worker2'], ['worker1']],
  [['node.labels.{zone}!=a', 'node.labels.{zone}!=s'], ['manager']],
  [['node.role==worker', 'node.role==manager'], []],
];

let nodes: readonly Node[];
const created: string[] = [];

beforeAll(async () => {
  await Promise.all([
    ...Object.entries(LABELS).map(([name, labels]) => label(name, labels)),
    // The engine sends its labels to the managers within 20 seconds.
    engineLabel(swarm.worker2, disk, 'ssd'),
  ]);
  nodes = await until('the label of an engine', async () => {
    const found = await api<Node[]>('/nodes');
    return found.some(({ Description }) => Description?.Engine?.Labels?.[disk] !== undefined)
      ? found
      : undefined;
  });
  expect(nodes.map(hostname).sort()).toEqual(ALL);
});
afterAll(async () => {
  await removeServices(...created);
  const none = (labels: object) => Object.fromEntries(Object.keys(labels).map((name) => [name, undefined]));
  await Promise.all(Object.entries(LABELS).map(([name, labels]) => label(name, none(labels))));
  await engineLabel(swarm.worker2, disk, undefined);
});

describe.each(Object.keys(MODES) as (keyof typeof MODES)[])('%s', (mode) => {
  /** For the constraints of each row: the names of the nodes with a task whose desired state is running. */
  const engines: string[][] = [];
  beforeAll(async () => {
    const ids: string[] = [];
    for (const [constraints] of TABLE) ids.push(await create(mode, constraints.map(filledIn)));
    // An orchestrator handles services in the order of their creation (swarmkit manager/orchestrator/global/global.go, Run;
    // manager/orchestrator/jobs/orchestrator.go, run). Once this service has a task on every node, all earlier services
    // have their tasks.
    const control = await create(mode, []);
    await until('the engine to decide', async () =>
      (await withTasks(control)).length === ALL.length ? true : undefined,
    );
    for (const id of ids) engines.push(await withTasks(id));
  });

  test.each(TABLE.map((row, index) => [...row, index] as const))('%j: %j', (constraints, wanted, index) => {
    const ours = eligible(constraints.map(filledIn));
    expect({ ours, engine: engines[index] }).toEqual({ ours: wanted, engine: wanted });
  });
});

test('a label that is removed and added again', async () => {
  const name = `${zone}.moving`;
  const constraints = [`node.labels.${name}!=b`, 'node.role==worker'];
  const id = await create('global', constraints);
  for (const [value, wanted] of [
    [undefined, ['worker1', 'worker2']],
    ['B', ['worker2']],
    [undefined, ['worker1', 'worker2']],
  ] as const) {
    await label('worker1', { [name]: value });
    await until(`tasks on ${wanted.join()}`, async () =>
      (await withTasks(id)).join() === wanted.join() ? true : undefined,
    );
    nodes = await api<Node[]>('/nodes');
    expect(eligible(constraints)).toEqual(wanted);
  }
});

test.each([
  'node.role',
  'node.role=manager',
  '==manager',
  'node.role==',
  'node.role!=  ',
  'n==manager',
  'node.labels.a/b==x',
  'node.labels.x==a,b',
  'node.labels.x===a',
  'node.labels.x!=a==b',
  'node.labels.x==a!=b',
  '\ufeffnode.role==manager',
])('%j is refused by the engine, so we need not match it', async (constraint) => {
  await expect(create('global', [constraint])).rejects.toThrow(/invalid|expected one operator/);
});

/** The names of the nodes that are eligible for swarmroll, for a service with these constraints. */
const eligible = (constraints: readonly string[]): string[] =>
  nodes
    .filter((node) => isEligible(nodeSeen(node), constraints, false))
    .map(hostname)
    .sort();

/** The names of the nodes that have a task of the service whose desired state is running. */
async function withTasks(id: string): Promise<string[]> {
  const tasks = await api<Task[]>(`/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [id] }))}`);
  return tasks
    .filter(({ DesiredState }) => DesiredState !== 'shutdown' && DesiredState !== 'remove')
    .map(({ NodeID }) => nodes.find(({ ID }) => ID === NodeID))
    .map((node) => (node === undefined ? 'no node' : hostname(node)))
    .sort();
}

/** Creates a service whose tasks stay pending. @returns its id @throws the engine's message if it refuses */
async function create(mode: keyof typeof MODES, constraints: readonly string[]): Promise<string> {
  const Name = uniqueName('constraints');
  const Placement = { Constraints: constraints, Platforms: [{ OS: 'none', Architecture: 'none' }] };
  const reply = await fetch(`${httpOf(swarm.host)}/services/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      Name,
      Mode: MODES[mode],
      TaskTemplate: { ContainerSpec: { Image: image('ping', '1.0') }, Placement },
    }),
  });
  const { ID, message } = (await reply.json()) as { ID?: string; message?: string };
  if (ID === undefined) throw new Error(message);
  created.push(Name);
  return ID;
}

/** The values of the {...} placeholders of the table on this swarm. */
function filledIn(constraint: string): string {
  const worker1 = nodes.find((node) => hostname(node) === 'worker1');
  const id = worker1?.ID ?? '';
  const arch = worker1?.Description?.Platform?.Architecture ?? '';
  const words: Readonly<Record<string, string>> = {
    zone,
    ZONE: zone.toUpperCase(),
    disk,
    arch,
    ARCH: arch.toUpperCase(),
    'go-arch': arch === 'aarch64' ? 'arm64' : 'amd64',
    'worker1.id': id,
    'worker1.ID': id.toUpperCase(),
    'worker1.prefix': id.slice(0, 12),
    'worker1.ip': worker1?.Status.Addr ?? '',
  };
  return constraint.replaceAll(/\{([^}]+)\}/g, (_, word: string) => words[word] ?? `{${word}}`);
}
