/** What the engine refuses in a spec. That it does is tested on a real swarm: integration/dry-run/refused.test.ts. */
import { describe, expect, test } from '@jest/globals';
import type { EndpointSpec, PortConfig, Service, ServiceSpec } from '../../../src/api/service.ts';
import { needsServices, refusedBySpec } from '../../../src/service-spec/refused.ts';

const port = (PublishedPort: number, PublishMode = 'ingress', Protocol = 'tcp'): PortConfig => ({
  Protocol,
  TargetPort: 80,
  PublishedPort,
  PublishMode,
});
const endpoint = (...Ports: PortConfig[]): EndpointSpec => ({ Mode: 'vip', Ports });
const spec = (parts: Partial<ServiceSpec> = {}): ServiceSpec => ({
  Name: 'web',
  TaskTemplate: { ContainerSpec: { Image: 'ping:1.0' } },
  ...parts,
});
const service = (Name: string, EndpointSpec: EndpointSpec, Endpoint: EndpointSpec = {}): Service =>
  ({ ID: `${Name}-id`, Spec: spec({ Name, EndpointSpec }), Endpoint }) as unknown as Service;
const refused = (wanted: ServiceSpec, services: readonly Service[] = [], before?: Service): string[] =>
  refusedBySpec(wanted, services, before).map(({ kind, message }) => `${kind}: ${message}`);

describe('ports of other services', () => {
  const ingress = service('a', endpoint(port(8080)));
  const host = service('b', endpoint(port(9090, 'host')));
  const chosen = service('c', endpoint(port(0)), endpoint(port(30000)));
  const all = [ingress, host, chosen];
  test.each([
    [port(8080), ['port: port 8080 is an ingress port of the service a']],
    [port(8080, 'host'), ['port: port 8080 is an ingress port of the service a']],
    [port(8080, 'ingress', 'udp'), []],
    [port(9090), ['port: port 9090 is a host-mode port of the service b']],
    [port(9090, 'host'), []],
    [port(30000), ['port: port 30000 is an ingress port of the service c']],
    [port(0), []],
    [port(7000), []],
  ])('%j', (own, messages) => expect(refused(spec({ EndpointSpec: endpoint(own) }), all)).toEqual(messages));

  test('its own port is no conflict, and the engine compares no ports that stay', () => {
    const twin = service('twin', endpoint(port(8080)));
    const wanted = (own: number) =>
      spec({ Name: 'a', EndpointSpec: endpoint(port(8080), port(own, 'host')) });
    expect(refused(wanted(1), [ingress], ingress)).toEqual([]);
    expect(refused(wanted(1), [ingress, twin], ingress)).toHaveLength(1);
    expect(needsServices(spec({ EndpointSpec: endpoint(port(8080)) }), ingress)).toBe(false);
    expect(needsServices(spec())).toBe(false);
    expect(needsServices(spec({ EndpointSpec: endpoint(port(0)) }))).toBe(false);
  });
});

test.each<[string, Partial<ServiceSpec>, string[]]>([
  [
    'dnsrr',
    { EndpointSpec: { Mode: 'dnsrr', Ports: [port(0)] } },
    ['port: endpoint-mode dnsrr cannot have a port in ingress mode: publish it with mode=host'],
  ],
  ['dnsrr in host mode', { EndpointSpec: { Mode: 'dnsrr', Ports: [port(1, 'host')] } }, []],
  [
    'a port twice',
    { EndpointSpec: endpoint(port(1), port(1, 'host'), port(2), port(2, 'ingress', 'udp')) },
    ['port: port 1 is published twice'],
  ],
  ['63 characters', { Name: 'a'.repeat(63) }, []],
  ['a name of underscores', { Name: 'a_-_b' }, []],
  ['no name', { Name: '' }, []],
  ['replicas', { Mode: { Replicated: { Replicas: 2 ** 53 } } }, []],
  [
    'too many replicas',
    { Mode: { Replicated: { Replicas: 2 ** 63 } } },
    ['invalid: replicas must be at most 9223372036854775807'],
  ],
])('%s', (_, parts, messages) => expect(refused(spec(parts))).toEqual(messages));

test.each<[Service['Spec']['Mode'], Service['Spec']['Mode'], string | undefined]>([
  [{ Replicated: { Replicas: 2 } }, { Global: {} }, 'replicated to global'],
  [{ Global: {} }, undefined, 'global to replicated'],
  [undefined, { ReplicatedJob: {} }, 'replicated to replicated-job'],
  [{ ReplicatedJob: {} }, { GlobalJob: {} }, 'replicated-job to global-job'],
  [undefined, { Replicated: { Replicas: 2 } }, undefined],
  [{ GlobalJob: {} }, { GlobalJob: {} }, undefined],
])('the mode from %j to %j', (Mode, wanted, change) => {
  const before = { ...service('web', {}), Spec: spec(Mode && { Mode }) };
  expect(refused(spec(wanted && { Mode: wanted }), [before], before)).toEqual(
    change === undefined
      ? []
      : [`invalid: the mode cannot change from ${change}: remove the service first, or give it another name`],
  );
});

test.each(['a'.repeat(64), 'a.b', '-x', 'x-', 'ä', 'a b', `${'a'.repeat(5000)}.`])('the name %s', (Name) =>
  expect(refused(spec({ Name }))).toEqual([expect.stringMatching(/^name: the name .* is not valid: /)]),
);

const container = (parts: NonNullable<ServiceSpec['TaskTemplate']['ContainerSpec']>): ServiceSpec =>
  spec({ TaskTemplate: { ContainerSpec: parts } });

describe('templates', () => {
  test.each([
    '{{.Foo}}',
    '{{.Node.Foo}}',
    '{{.Service.Labels.x}}',
    '{{',
    '{{lower "A"}}',
    '{{.Task.Slot.x}}',
    "{{print 'a}}",
    `{{${"'a' ".repeat(1000)}`,
    `{{1+${'1'.repeat(10000)}}}`,
    "{{print ''}}",
    "{{print 'ab'}}",
    String.raw`{{print '\"'}}`,
    '{{1x}}',
    '{{0x1p}}',
    '{{0x1.8}}',
    '{{1ii}}',
    '{{1+2}}',
    '{{1__0.5}}',
    "it's {{.Foo}}, isn't it",
  ])('%s is refused', (text) => {
    const found = refused(
      container({
        Env: [`A=${text}`, text],
        Hostname: text,
        Mounts: [
          { Source: text, Target: '/a' },
          { Target: `/${text}` },
          { Target: '/b', VolumeOptions: { Labels: { x: text }, DriverConfig: { Options: { y: text } } } },
        ],
      }),
    );
    // The key of a variable is no template. The engine finds "{{" without an end in no more than it reads.
    expect(found.map((line) => line.replace(/: template:.*/, ''))).toEqual([
      'invalid: env A',
      'invalid: hostname',
      'invalid: mount /a',
      `invalid: mount /${text}`,
      'invalid: mount /b',
    ]);
  });

  test.each([
    'no template }}',
    '{{.Service.ID}}{{.Service.Name}}{{.Service.Labels}}',
    '{{.Node.ID}}{{.Node.Hostname}}{{.Node.Platform.Architecture}}{{.Node.Platform.OS}}',
    '{{.Task.ID}}{{.Task.Name}}{{.Task.Slot}}',
    '{{join "-" .Task.Slot "x"}}{{index .Service.Labels "x"}}{{html "js"}}',
    '{{if .Task.ID}}{{.Foo}}{{end}}',
    // Go reads these, we do not.
    ...[
      "'a'",
      "'é'",
      "'😀'",
      `'"'`,
      "'`'",
      "'}'",
      ...['n', "'", '\\', 'x41', '101', 'u00e9'].map((one) => `'\\${one}'`),
    ].map((one) => `{{printf "%c" ${one}}}`),
    ...['0x1p4', '-0X_1.8P-1', '0x.8p0', '1i', '.5i', '0x1p4i', '1+2i', '-1.5e3-0x1p4i'].map(
      (one) => `{{${one}}}`,
    ),
    "it's {{printf `%c` 'a'}}, isn't it",
    '{{1_0.5_0e1_0}}',
  ])('%s is not', (text) => expect(refused(container({ Env: [`A=${text}`], Hostname: text }))).toEqual([]));
});

test('mounts', () => {
  const Mounts = [
    { Type: 'volume', Target: '/a' },
    { Type: 'foo', Target: '/a' },
    { Type: 'BIND', Target: '/a/', BindOptions: { Propagation: 'nonsense' } },
    { Type: 'image', Target: '/{{.Task.Slot}}' },
    { Type: 'tmpfs', Target: '/1' },
  ];
  expect(refused(container({ Mounts }))).toEqual([
    'invalid: mount /a: services have no mounts of the type foo',
    'invalid: mount /a/: there is no bind-propagation nonsense',
    'invalid: mount /{{.Task.Slot}}: services have no mounts of the type image',
    'invalid: two mounts have the target /a',
    'invalid: two mounts have the target /1',
  ]);
});

test('files with the same target', () => {
  const file = (Name: string) => ({ Name, UID: '0', GID: '0', Mode: 0o444 });
  const Secrets = [
    { SecretName: 'one', File: file('x') },
    { SecretName: 'two', File: file('x') },
    { SecretName: 'two', File: file('y') },
  ];
  const Configs = [
    { ConfigName: 'c', File: file('x') },
    { ConfigName: 'c', Runtime: {} },
    { ConfigName: 'd', Runtime: {} },
  ];
  expect(refused(container({ Secrets, Configs }))).toEqual([
    'invalid: the secrets one and two have the same target x',
  ]);
});

test('words that the engine does not know', () => {
  const wanted = (word: string) =>
    spec({
      TaskTemplate: { ContainerSpec: {}, RestartPolicy: { Condition: word } },
      UpdateConfig: { Parallelism: 1, MaxFailureRatio: 0, FailureAction: word },
      RollbackConfig: { Parallelism: 1, MaxFailureRatio: 0, FailureAction: word },
      EndpointSpec: { Mode: word },
    });
  expect(refused(wanted(''))).toEqual([]);
  expect(refused(wanted('Nonsense'))).toEqual([
    'invalid: restart-condition must be none, on-failure, any',
    'invalid: update-failure-action must be pause, continue, rollback',
    'invalid: rollback-failure-action must be pause, continue, rollback',
    'invalid: endpoint-mode must be vip, dnsrr',
  ]);
  expect(refused(spec({ EndpointSpec: { Mode: 'DNSRR' } }))).toEqual([]);
});

test('a job with an update config', () => {
  const UpdateConfig = { Parallelism: 1, MaxFailureRatio: 0 };
  expect(refused(spec({ Mode: { GlobalJob: {} }, UpdateConfig }))).toEqual([
    'invalid: a job cannot have an update config',
  ]);
  expect(refused(spec({ Mode: { GlobalJob: {} }, RollbackConfig: UpdateConfig }))).toEqual([]);
});

test('numbers that are too small or too large', () => {
  const Healthcheck = { Interval: 1000, Timeout: 0, StartPeriod: 1e6, StartInterval: -1, Retries: -1 };
  const wanted = spec({
    TaskTemplate: {
      ContainerSpec: { Healthcheck },
      Resources: {
        Limits: { NanoCPUs: 1e5, MemoryBytes: 0 },
        Reservations: { NanoCPUs: 1e6, MemoryBytes: 1024 * 1024 },
        SwapBytes: 1,
      },
      RestartPolicy: { Delay: -1, Window: -1 },
      Placement: { Constraints: ['node.role=worker', 'node.role==worker', 'node.id==a,b'] },
    },
    UpdateConfig: { Parallelism: 1, MaxFailureRatio: 2, Delay: -1, Monitor: -1 },
    RollbackConfig: { Parallelism: 1, MaxFailureRatio: 2, Delay: -1 },
  });
  const constraint = (text: string) =>
    `invalid: the constraint ${text} is not valid: it must be ATTRIBUTE==VALUE or ATTRIBUTE!=VALUE`;
  expect(refused(wanted)).toEqual([
    'invalid: health-interval 1\u00b5s is less than 1ms',
    'invalid: health-start-interval -1ns is less than 1ms',
    'invalid: health-retries must not be negative',
    'invalid: limit-cpu 0.0001 is less than 0.001',
    'invalid: reserve-memory 1MiB is less than 4MiB',
    'invalid: memory-swap needs limit-memory',
    'invalid: restart-delay must not be negative',
    'invalid: restart-window must not be negative',
    constraint('node.role=worker'),
    constraint('node.id==a,b'),
    'invalid: update-max-failure-ratio must be between 0 and 1',
    'invalid: update-delay must not be negative',
    'invalid: update-monitor must not be negative',
  ]);
});
