/** The plan of a stack: what is sent, in which order, and what cannot go well. */
import { describe, expect, test } from '@jest/globals';
import type { StoredObject } from '../../../src/api/cluster.ts';
import type { PortConfig, Service, ServiceSpec } from '../../../src/api/service.ts';
import type { HeldWrite } from '../../../src/held-writes/held-writes.ts';
import { planStack } from '../../../src/stack-plan/plan.ts';
import type { Before, PlanOptions, StackPlan } from '../../../src/stack-plan/plan.ts';

const LABELS = { 'com.docker.stack.namespace': 'app' };
const IMAGE = 'ping:1.0';
const DIGEST = `${IMAGE}@sha256:${'a'.repeat(64)}`;

const port = (PublishedPort: number): PortConfig => ({
  Protocol: 'tcp',
  TargetPort: 80,
  PublishedPort,
  PublishMode: 'ingress',
});
const spec = (name: string, changes: Partial<ServiceSpec> = {}, image = IMAGE): ServiceSpec => ({
  Name: `app_${name}`,
  Labels: LABELS,
  TaskTemplate: { ContainerSpec: { Image: image } },
  Mode: { Replicated: { Replicas: 1 } },
  ...changes,
});
const stored = (name: string, changes: Partial<ServiceSpec> = {}, image = IMAGE): Service => {
  const Spec = spec(name, changes, image);
  return {
    ID: `id-${name}`,
    Version: { Index: 7 },
    CreatedAt: '',
    UpdatedAt: '',
    Spec,
    Endpoint: { Ports: Spec.EndpointSpec?.Ports ?? [] },
  };
};
const publishes = (...ports: readonly number[]): Partial<ServiceSpec> => ({
  EndpointSpec: { Ports: ports.map(port) },
});

const creates = (one: ServiceSpec): HeldWrite => ({
  kind: 'create',
  of: 'services',
  id: `held-${one.Name ?? ''}`,
  spec: one,
  auth: undefined,
});
const updates = (name: string, changes: Partial<ServiceSpec> = {}, image = IMAGE): HeldWrite => ({
  kind: 'update',
  of: 'services',
  id: `id-${name}`,
  spec: spec(name, changes, image),
  auth: undefined,
});
const removes = (name: string): HeldWrite => ({ kind: 'remove', of: 'services', id: `id-${name}` });

const config = (Data: string, more: object = {}): StoredObject => ({
  ID: 'c1',
  Version: { Index: 7 },
  Spec: { Name: 'app_conf', Labels: LABELS, Data, ...more },
});
const updatesConfig = (Data: string, more: object = {}): HeldWrite => ({
  kind: 'update',
  of: 'configs',
  id: 'c1',
  spec: { Name: 'app_conf', Labels: LABELS, Data, ...more },
});

function plan(
  writes: readonly HeldWrite[],
  before: Partial<Before> = {},
  options: Partial<PlanOptions> = {},
): StackPlan {
  return planStack(
    writes,
    { services: [], secrets: [], configs: [], networks: [], networkIds: new Map(), ...before },
    {
      stack: 'app',
      only: [],
      keepsReplicas: false,
      keepsDigests: false,
      rotates: 'own',
      randomSuffix: () => 'deadbeef',
      ...options,
    },
  );
}

/** The plan in short, by names. */
const short = ({ stages, unchanged, removedFirst, removedLast, objects, refusals }: StackPlan) => ({
  stages: stages.map((stage) => stage.map(({ name }) => name)),
  unchanged: unchanged.map(({ ID }) => ID),
  first: removedFirst.map(({ ID }) => ID),
  last: removedLast.map(({ ID }) => ID),
  objects: objects.map(({ name }) => name),
  refusals,
});
const EMPTY = { stages: [], unchanged: [], first: [], last: [], objects: [], refusals: [] };

describe('what is sent', () => {
  test.each<[string, HeldWrite, Service, object]>([
    ['what is equal is not', updates('web'), stored('web'), { unchanged: ['id-web'] }],
    [
      'an absent number of replicas is 1',
      updates('web', { Mode: { Replicated: {} } }),
      stored('web'),
      { unchanged: ['id-web'] },
    ],
    ['a change is', updates('web', {}, 'ping:1.1'), stored('web'), { stages: [['app_web']] }],
    [
      'a job always is',
      updates('web', { Mode: { ReplicatedJob: {} } }),
      stored('web', { Mode: { ReplicatedJob: {} } }),
      { stages: [['app_web']] },
    ],
    [
      'the same spec is, where its rollout is paused',
      updates('web'),
      { ...stored('web'), UpdateStatus: { State: 'paused' } },
      { stages: [['app_web']] },
    ],
  ])('%s', (_, write, before, expected) => {
    expect(short(plan([write], { services: [before] }))).toEqual({ ...EMPTY, ...expected });
  });

  test.each<[string, object, object]>([
    ['TCP', { Protocol: 'TCP' }, { Protocol: 'tcp' }],
    ['an unknown protocol', { Protocol: 'foo' }, { Protocol: 'tcp' }],
    ['Host', { PublishMode: 'Host' }, { PublishMode: 'host' }],
    ['an unknown mode', { PublishMode: 'foo' }, { PublishMode: 'ingress' }],
  ])('the words of a port in any form, as the engine takes them: %s', (_, file, now) => {
    const withPort = (words: object): Partial<ServiceSpec> => ({
      EndpointSpec: { Mode: 'VIP', Ports: [{ ...port(80), ...words }] },
    });
    expect(
      short(plan([updates('web', withPort(file))], { services: [stored('web', withPort(now))] })),
    ).toEqual({ ...EMPTY, unchanged: ['id-web'] });
  });

  test.each<[string, object, object]>([
    ['RSLAVE', { BindOptions: { Propagation: 'RSLAVE' } }, { BindOptions: { Propagation: 'rslave' } }],
    ['BIND', { Type: 'BIND' }, { Type: 'bind' }],
    ['a cluster volume', { Type: 'cluster', ClusterOptions: {} }, { Type: 'cluster' }],
  ])('the words of a mount: %s', (_, file, now) => {
    const withMount = (words: object): Partial<ServiceSpec> => ({
      TaskTemplate: { ContainerSpec: { Image: IMAGE, Mounts: [{ Source: '/tmp', Target: '/a', ...words }] } },
    });
    expect(
      short(plan([updates('web', withMount(file))], { services: [stored('web', withMount(now))] })),
    ).toEqual({ ...EMPTY, unchanged: ['id-web'] });
  });

  test('credentials are: nobody can see the stored ones', () => {
    const write = { ...updates('web'), auth: 'e30=' } as HeldWrite;
    expect(short(plan([write], { services: [stored('web')] })).stages).toEqual([['app_web']]);
  });

  test('with --service, only these', () => {
    const before = { services: [stored('web'), stored('api')] };
    const writes = [updates('web', {}, 'ping:1.1'), updates('api', {}, 'ping:1.1')];
    expect(short(plan(writes, before, { only: ['api'] })).stages).toEqual([['app_api']]);
    expect(short(plan(writes, before, { only: ['nope'] })).refusals).toEqual([
      'the Compose file has no service nope',
    ]);
  });

  test('with --keep-replicas, the stored number stays', () => {
    const before = { services: [stored('web', { Mode: { Replicated: { Replicas: 5 } } })] };
    expect(short(plan([updates('web')], before, { keepsReplicas: true })).unchanged).toEqual(['id-web']);
    expect(short(plan([updates('web')], before)).stages).toEqual([['app_web']]);
  });

  test('a digest that the registry did not give is kept, with a warning', () => {
    const kept = plan([updates('web')], { services: [stored('web', {}, DIGEST)] }, { keepsDigests: true });
    expect(short(kept).unchanged).toEqual(['id-web']);
    expect(kept.warnings).toEqual([expect.stringContaining('the stored one is kept')]);
  });
});

describe('the order', () => {
  test('a service that gives a port up goes before the one that takes it', () => {
    const before = { services: [stored('a'), stored('b', publishes(80))] };
    const writes = [updates('a', publishes(80)), updates('b', publishes(81))];
    expect(short(plan(writes, before))).toEqual({ ...EMPTY, stages: [['app_b'], ['app_a']] });
  });

  test('what takes a port from a service that has to wait, waits as long', () => {
    const before = { services: [stored('a'), stored('b', publishes(80)), stored('c')] };
    const writes = [updates('a', publishes(80)), updates('b', publishes(81)), updates('c', {}, 'ping:1.1')];
    const { stages, waitsFor } = plan(writes, before, { dependencies: new Map([['b', ['c']]]) });
    expect(stages.map((stage) => stage.map(({ name }) => name))).toEqual([['app_c'], ['app_b'], ['app_a']]);
    expect(Object.fromEntries(waitsFor)).toEqual({ app_a: ['app_b'], app_b: ['app_c'] });
  });

  test('ports that are passed on against depends_on are refused', () => {
    const before = { services: [stored('a'), stored('b', publishes(80))] };
    const writes = [updates('a', publishes(80)), updates('b', publishes(81))];
    expect(short(plan(writes, before, { dependencies: new Map([['b', ['a']]]) })).refusals).toEqual([
      'app_a and app_b pass published ports on against the order of depends_on: first deploy the file without these ports, then with them',
    ]);
  });

  test('two that swap their ports are refused', () => {
    const before = { services: [stored('a', publishes(80)), stored('b', publishes(81))] };
    const writes = [updates('a', publishes(81)), updates('b', publishes(80))];
    expect(short(plan(writes, before)).refusals).toEqual([
      'app_a and app_b swap published ports: first deploy the file without the ports of one, then with both',
    ]);
  });

  test('what is pruned is removed last, or first where it holds a port that is wanted', () => {
    const before = { services: [stored('old'), stored('holder', publishes(80))] };
    const writes = [removes('old'), removes('holder'), creates(spec('web', publishes(80)))];
    expect(short(plan(writes, before))).toEqual({
      ...EMPTY,
      stages: [['app_web']],
      first: ['id-holder'],
      last: ['id-old'],
    });
  });
});

describe('a network of the file that the stack has already', () => {
  const of = (spec: object): HeldWrite => ({
    kind: 'create',
    of: 'networks',
    id: 'held',
    spec: { Name: 'app_net', Labels: LABELS, Driver: 'overlay', ...spec },
  });
  const stored = {
    Id: 'n1',
    Name: 'app_net',
    Scope: 'swarm',
    Driver: 'overlay',
    Internal: false,
    Attachable: false,
    EnableIPv6: false,
    // The engine's own option.
    Options: { 'com.docker.network.driver.overlay.vxlanid_list': '4097' },
    IPAM: { Driver: 'default', Options: null, Config: [{ Subnet: '10.0.1.0/24', Gateway: '10.0.1.1' }] },
    Labels: LABELS,
  };
  const planned = (spec: object, now: object = {}) =>
    plan([of(spec)], {
      networks: [{ ...stored, ...now }],
      networkIds: new Map([['app_net', 'n1']]),
    });

  test.each([
    ['the same', {}],
    ['what it leaves to the engine', { IPAM: { Driver: '' }, Options: null }],
    ['its subnet', { IPAM: { Config: [{ Subnet: '10.0.1.0/24' }] } }],
  ])('%s: nothing is sent, nothing is said', (_, spec) => {
    expect(planned(spec)).toMatchObject({ objects: [], warnings: [], refusals: [] });
  });

  test('what the engine has not allocated yet is not compared', () => {
    const spec = { IPAM: { Config: [{ Subnet: '10.9.0.0/24' }] }, Options: { encrypted: '' } };
    const now = { Driver: '', IPAM: { Driver: '', Config: null }, Options: null };
    expect(planned(spec, now).warnings).toEqual([]);
    expect(planned({ ...spec, Internal: true }, now).warnings).toEqual([
      expect.stringContaining('(internal)'),
    ]);
  });

  test.each([
    [{ Internal: true }, {}, 'internal'],
    [{}, { Attachable: true }, 'attachable'],
    [{ Driver: 'macvlan' }, {}, 'driver'],
    [{ EnableIPv6: true }, {}, 'enable_ipv6'],
    [{ Options: { encrypted: '' } }, {}, 'driver_opts encrypted'],
    [{}, { Options: { encrypted: '' } }, 'driver_opts encrypted'],
    [{ Labels: { ...LABELS, a: '1' } }, { Labels: { ...LABELS, b: '1' } }, 'labels a, b'],
    [{ IPAM: { Config: [{ Subnet: '10.9.0.0/24' }] } }, {}, 'ipam 10.9.0.0/24'],
    [{ IPAM: { Driver: 'own' } }, {}, 'ipam driver'],
    [{ Internal: true, Attachable: true }, {}, 'internal, attachable'],
  ])('%j, and stored is %j: nothing is sent, and a warning names %s', (spec, now, what) => {
    expect(planned(spec, now)).toMatchObject({
      objects: [],
      refusals: [],
      warnings: [
        `network app_net is not as the file says (${what}): a network cannot be changed; give it another name in the file`,
      ],
    });
  });
});

describe('what cannot go well', () => {
  test('a service of that name outside of the stack', () => {
    const other = { ...stored('web'), Spec: { ...spec('web'), Labels: {} } };
    expect(short(plan([creates(spec('web'))], { services: [other] })).refusals).toEqual([
      'a service named app_web exists that does not belong to the stack',
    ]);
  });

  test('a network of that name outside of the stack', () => {
    const network: HeldWrite = {
      kind: 'create',
      of: 'networks',
      id: 'held',
      spec: { Name: 'app_net', Labels: LABELS },
    };
    expect(short(plan([network], { networkIds: new Map([['app_net', 'n1']]) })).refusals).toEqual([
      'a network named app_net exists that does not belong to the stack: declare it as external, or give it another name',
    ]);
  });

  test.each([
    ['networks', 'my.net', '63 characters, only a-z, A-Z, 0-9, "-" and "_",'],
    ['networks', `a${'b'.repeat(63)}`, '63 characters, only'],
    ['configs', 'a/b', '64 characters, only a-z, A-Z, 0-9, "-", "_" and ".",'],
    ['secrets', 'a-', '64 characters, only'],
  ] as const)('a name that the engine does not take: %s %s', (of, Name, rule) => {
    const created = (more: object): HeldWrite => ({
      ...{ kind: 'create', of, id: 'held' },
      spec: { Name, Labels: LABELS, ...more },
    });
    const { refusals } = plan([created({ Data: 'YQ==' })]);
    expect(refusals).toEqual(
      [`${of.slice(0, -1)} ${Name}: the name ${Name} is not valid: it must have at most ${rule}`].map(
        (text) => expect.stringContaining(text),
      ),
    );
    // A network of one node has other names.
    if (of === 'networks') expect(plan([created({ Driver: 'bridge' })]).refusals).toEqual([]);
  });

  test.each([
    ['configs', 'my.conf'],
    ['secrets', 'a'.repeat(64)],
    ['networks', 'a--b_c'],
  ] as const)('a name that it takes: %s %s', (of, Name) => {
    const spec = { Name, Labels: LABELS, Data: 'YQ==' };
    expect(plan([{ kind: 'create', of, id: 'held', spec }]).refusals).toEqual([]);
  });

  test('a port that another service has', () => {
    const other: Service = { ...stored('other', publishes(80)), ID: 'id-other' };
    const { refusals } = plan([creates(spec('web', publishes(80)))], { services: [other] });
    expect(refusals).toEqual([expect.stringMatching(/^app_web: .*port 80.*app_other/)]);
  });

  test('a host-mode port in any form is one', () => {
    const host: Partial<ServiceSpec> = { EndpointSpec: { Ports: [{ ...port(80), PublishMode: 'HOST' }] } };
    expect(plan([creates(spec('web', host)), creates(spec('api', host))]).refusals).toEqual([]);
  });

  test('the network of the routing mesh', () => {
    const Networks = [{ Target: 'n1' }];
    const web = creates(spec('web', { TaskTemplate: { ContainerSpec: { Image: IMAGE }, Networks } }));
    const networks = [{ Id: 'n1', Name: 'ingress', Ingress: true }];
    const before = { networkIds: new Map([['ingress', 'n1']]), networks };
    expect(plan([web], before).refusals).toEqual([
      'app_web: a service cannot join the ingress network ingress',
    ]);
  });

  test.each([
    ['other data', updatesConfig('bmV3')],
    ['another template driver', updatesConfig('b2xk', { Templating: { Name: 'golang' } })],
  ])('a config with %s, and --no-rotate', (_, write) => {
    expect(short(plan([write], { configs: [config('b2xk')] }, { rotates: 'none' })).refusals).toEqual([
      'config app_conf: its content differs from the stored one, which cannot be changed: give it another name in the Compose file, or leave out --no-rotate',
    ]);
  });

  test('other labels of a config can, and an equal config is not sent', () => {
    const labels = updatesConfig('b2xk', { Labels: { ...LABELS, a: 'b' } });
    expect(short(plan([labels], { configs: [config('b2xk')] }))).toEqual({ ...EMPTY, objects: ['app_conf'] });
    expect(short(plan([updatesConfig('b2xk')], { configs: [config('b2xk')] }))).toEqual(EMPTY);
  });

  test('a config of another stack', () => {
    const foreign = { ...config('b2xk'), Spec: { ...config('b2xk').Spec, Labels: {} } };
    expect(short(plan([updatesConfig('b2xk')], { configs: [foreign] })).refusals).toEqual([
      'config app_conf belongs to no stack: declare it as external, or give it another name',
    ]);
  });
});
