import { describe, expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import type { GoType } from '../../../src/go-template/values.ts';
import { serviceType } from '../../../src/go-template/docker-fields.ts';
import { SPEC_FLAGS, UPDATE_FLAGS } from '../../../src/service-spec/build.ts';
import { differences } from '../../../src/service-spec/differences.ts';
import { created, running, updated } from './support/build.ts';

/** A difference as "field: before → after". */
const lines = (before: ServiceSpec | undefined, after: ServiceSpec): string[] =>
  differences(before, after).map(
    ({ field, before: was = '-', after: is = '-' }) => `${field}: ${was} → ${is}`,
  );

/** Each flag of `update`, with the flags that made the stored spec, and the difference that it makes. */
const TABLE: readonly (readonly [change: string, expected: string, stored?: string])[] = [
  ['--image ping:1.1', 'image: nginx:latest → ping:1.1'],
  ['--args=a', 'args: - → a'],
  [`--args='a b'`, `args: - → 'a b'`],
  ['--entrypoint=sh', 'entrypoint: - → sh'],
  ['--env-add A=2', 'env A: 1 → 2', '-e A=1'],
  ['--env-rm A', 'env A: 1 → -', '-e A=1 -e B=1'],
  ['--label-add x=2', 'label x: 1 → 2', '-l x=1'],
  ['--label-rm x', 'label x: 1 → -', '-l x=1'],
  ['--container-label-add x=2', 'container-label x: - → 2'],
  ['--container-label-rm x', 'container-label x: 1 → -', '--container-label x=1'],
  ['--workdir /a', 'workdir: - → /a'],
  ['--user u', 'user: - → u'],
  ['--group-add g', 'group: - → g'],
  ['--group-rm g', 'group: g → -', '--group g'],
  ['--hostname h', 'hostname: - → h'],
  ['--init', 'init: false → true'],
  ['--isolation process', 'isolation: - → process'],
  ['--tty', 'tty: - → true'],
  ['--read-only', 'read-only: - → true'],
  ['--stop-signal SIGINT', 'stop-signal: - → SIGINT'],
  ['--stop-grace-period 1m', 'stop-grace-period: - → 1m0s'],
  ['--sysctl-add a=1', 'sysctl a: - → 1'],
  ['--sysctl-rm a', 'sysctl a: 1 → -', '--sysctl a=1'],
  ['--cap-add NET_ADMIN', 'cap-add: - → CAP_NET_ADMIN'],
  ['--cap-drop NET_ADMIN', 'cap-drop: - → CAP_NET_ADMIN'],
  ['--ulimit-add nofile=1:2', 'ulimit nofile: - → 1:2'],
  ['--ulimit-rm nofile', 'ulimit nofile: 1:2 → -', '--ulimit nofile=1:2'],
  ['--oom-score-adj 5', 'oom-score-adj: - → 5'],
  ['--mount-add type=tmpfs,target=/t', 'mount /t: - → type=tmpfs'],
  ['--mount-rm /t', 'mount /t: type=volume,source=v,readonly → -', '--mount source=v,target=/t,readonly'],
  ['--host-add a:1.2.3.4', 'host: - → 1.2.3.4 a'],
  ['--host-rm a', 'host: 1.2.3.4 a → -', '--host a:1.2.3.4'],
  ['--dns-add 1.1.1.1', 'dns: - → 1.1.1.1'],
  ['--dns-rm 1.1.1.1', 'dns: 1.1.1.1 → -', '--dns 1.1.1.1'],
  ['--dns-search-add a.b', 'dns-search: - → a.b'],
  ['--dns-search-rm a.b', 'dns-search: a.b → -', '--dns-search a.b'],
  ['--dns-option-add x', 'dns-option: - → x'],
  ['--dns-option-rm x', 'dns-option: x → -', '--dns-option x'],
  ['--secret-add s', 'secret s: - → target=s'],
  ['--secret-rm s', 'secret s: target=f,uid=5,mode=0400 → -', '--secret source=s,target=f,uid=5,mode=0400'],
  ['--config-add c', 'config c: - → target=c'],
  ['--config-rm c', 'config c: target=c → -', '--config c'],
  ['--credential-spec file://f', 'credential-spec: - → file://f'],
  ['--health-cmd true', 'health-cmd: - → true'],
  ['--health-interval 1s', 'health-interval: - → 1s'],
  ['--health-timeout 1s', 'health-timeout: - → 1s'],
  ['--health-retries 3', 'health-retries: - → 3'],
  ['--health-start-period 1s', 'health-start-period: - → 1s'],
  ['--no-healthcheck', 'no-healthcheck: - → true'],
  ['--log-driver local', 'log-driver: - → local'],
  ['--log-driver local --log-opt a=1', 'log-opt a: - → 1', '--log-driver local'],
  ['--replicas 3', 'replicas: 1 → 3'],
  ['--replicas-max-per-node 2', 'replicas-max-per-node: - → 2'],
  ['--constraint-add node.role==worker', 'constraint: - → node.role==worker'],
  ['--constraint-rm a==b', 'constraint: a==b → -', '--constraint a==b'],
  ['--placement-pref-add spread=x', 'placement-pref: - → spread=x'],
  ['--placement-pref-rm spread=x', 'placement-pref: spread=x → -', '--placement-pref spread=x'],
  ['--network-add n', 'network: - → id-of-n'],
  ['--network-rm n', 'network: name=id-of-n,alias=b → -', '--network name=n,alias=b'],
  ['--endpoint-mode dnsrr', 'endpoint-mode: vip → dnsrr'],
  ['--publish-add 8080:80', 'publish 8080:80: - → ingress'],
  ['--publish-rm 80', 'publish 8080:80: ingress → -', '-p 8080:80'],
  ['--publish-rm 80/udp', 'publish 80/udp: ingress → -', '-p 80/udp'],
  ['--limit-cpu 0.5', 'limit-cpu: - → 0.5'],
  ['--limit-memory 64m', 'limit-memory: - → 64MiB'],
  ['--limit-pids 9', 'limit-pids: - → 9'],
  ['--reserve-cpu 0.5', 'reserve-cpu: - → 0.5'],
  ['--reserve-memory 64m', 'reserve-memory: - → 64MiB'],
  ['--memory-swap -1', 'memory-swap: - → -1'],
  ['--memory-swappiness 5', 'memory-swappiness: - → 5'],
  ['--generic-resource-add gpu=2', 'generic-resource gpu: 1 → 2', '--generic-resource gpu=1'],
  ['--generic-resource-rm gpu', 'generic-resource gpu: 1 → -', '--generic-resource gpu=1'],
  ['--restart-condition none', 'restart-condition: any → none', '--restart-condition any'],
  ['--restart-delay 1s', 'restart-delay: 5s → 1s', '--restart-condition any'],
  ['--restart-max-attempts 2', 'restart-max-attempts: 0 → 2', '--restart-condition any'],
  ['--restart-window 2s', 'restart-window: - → 2s', '--restart-condition any'],
  ...['update', 'rollback'].flatMap((kind): [string, string, string][] => [
    [`--${kind}-parallelism 2`, `${kind}-parallelism: 1 → 2`, `--${kind}-order stop-first`],
    [`--${kind}-delay 2s`, `${kind}-delay: 0s → 2s`, `--${kind}-order stop-first`],
    [`--${kind}-monitor 2s`, `${kind}-monitor: 5s → 2s`, `--${kind}-order stop-first`],
    [
      `--${kind}-failure-action continue`,
      `${kind}-failure-action: pause → continue`,
      `--${kind}-order stop-first`,
    ],
    [`--${kind}-max-failure-ratio 0.5`, `${kind}-max-failure-ratio: 0 → 0.5`, `--${kind}-order stop-first`],
    [`--${kind}-order start-first`, `${kind}-order: stop-first → start-first`, `--${kind}-order stop-first`],
  ]),
  ['--force', 'force: - → 1'],
];

const wordsOf = (text: string): string[] =>
  text === '' ? [] : text.split(/ (?=-)|(?<=^--?[a-z-]+) |(?<= --?[a-z-]+) /);

/** Flags of `update` that never change the spec by themselves, as in docker. */
const WITHOUT_EFFECT = ['max-concurrent', 'health-start-interval', 'log-opt'];

describe('each flag makes one difference, in its own terms', () => {
  test.each(TABLE)('update %s: %s', async (change, expected, stored = '') => {
    const before = await created(...wordsOf(stored));
    expect(lines(before, await updated(before, ...wordsOf(change)))).toEqual([expected]);
  });

  test('the table has every flag of update', () => {
    const tested = TABLE.map(([change]) => /^--([a-z-]+)/.exec(change)?.[1]);
    const missing = UPDATE_FLAGS.map(({ name }) => name).filter((name) => !tested.includes(name));
    expect(missing).toEqual(WITHOUT_EFFECT);
  });
});

test('the same spec has no differences; null and empty lists are absent', async () => {
  const before = await created('-e', 'A=1', '-p', '8080:80');
  expect(differences(before, structuredClone(before))).toEqual([]);
  expect(lines(running({ Env: [], Hosts: null }), running({ Hosts: [] }))).toEqual([]);
});

test.each<[string, Partial<ServiceSpec>]>([
  ['TaskTemplate.RestartPolicy', { TaskTemplate: { RestartPolicy: { Condition: 'any', MaxAttempts: 0 } } }],
  ['RollbackConfig', { RollbackConfig: { Parallelism: 0, FailureAction: 'pause', MaxFailureRatio: 0 } }],
])('%s that has only defaults is a difference to none, as it is to the engine', (path, spec) => {
  const without: ServiceSpec = { TaskTemplate: {} };
  const having: ServiceSpec = { ...without, ...spec };
  expect(lines(having, without)).toEqual([`${path}: {} → -`]);
  expect(lines(without, having)).toEqual([`${path}: - → {}`]);
  expect(lines(undefined, having)).toEqual(lines(undefined, without));
});

test('a new service has all its fields, and none of its empty parts', async () => {
  expect(lines(undefined, await created('--name', 'web', '--replicas', '2'))).toEqual([
    'image: - → nginx:latest',
    'init: - → false',
    'mode: - → replicated',
    'replicas: - → 2',
    'name: - → web',
  ]);
});

test('another order alone is a difference: the engine replaces tasks for it', () => {
  expect(lines(running({ Env: ['A=1', 'B=1'] }), running({ Env: ['B=1', 'A=1'] }))).toEqual([
    'env order: A, B → B, A',
  ]);
  expect(
    lines(running({ Hosts: ['1.1.1.1 a', '1.1.1.1 b'] }), running({ Hosts: ['1.1.1.1 b', '1.1.1.1 a'] })),
  ).toEqual(['host order: 1.1.1.1 a, 1.1.1.1 b → 1.1.1.1 b, 1.1.1.1 a']);
});

/** Fields of docker's types for which it has no flag. A difference names them by their path in the API. */
const WITHOUT_FLAG = [
  'TaskTemplate.PluginSpec',
  'TaskTemplate.NetworkAttachmentSpec',
  'TaskTemplate.Runtime',
  'TaskTemplate.Placement.Platforms',
  'TaskTemplate.ContainerSpec.OpenStdin',
  'TaskTemplate.ContainerSpec.Privileges.SELinuxContext',
  'TaskTemplate.ContainerSpec.Privileges.Seccomp',
  'TaskTemplate.ContainerSpec.Privileges.AppArmor',
  'TaskTemplate.ContainerSpec.Privileges.NoNewPrivileges',
];

test('every field that the engine stores has a flag that shows it, or docker has no flag for it', () => {
  const shown = SPEC_FLAGS.flatMap(({ shows = [] }) => shows.map(({ path }) => path));
  expect(new Set(shown).size).toBe(shown.length);
  const known = [...shown, ...WITHOUT_FLAG];
  const inner = (type: GoType): GoType => (type.kind === 'pointer' ? inner(type.elem) : type);
  const missing = (type: GoType, path: string): string[] => {
    if (known.includes(path)) return [];
    const one = inner(type);
    if (one.kind !== 'struct') return [path];
    return one.fields.flatMap(({ name, type: own, embedded }) =>
      missing(own, embedded ? path : [path, name].filter((part) => part !== '').join('.')),
    );
  };
  const service = serviceType();
  const spec = service.kind === 'struct' ? service.fields.find(({ name }) => name === 'Spec') : undefined;
  expect(spec === undefined ? undefined : missing(spec.type, '')).toEqual([]);
});

test('a secret of the same name with another ID is a difference', () => {
  const secret = (SecretID: string) => running({ Secrets: [{ SecretID, SecretName: 's' }] });
  expect(lines(secret('a'), secret('b'))).toHaveLength(1);
});

test('fields without a flag have their path in the API', () => {
  expect(lines(running({ Image: 'a', X: { Y: 1 } }), running({ Image: 'a', X: { Y: 2, Z: [1] } }))).toEqual([
    'TaskTemplate.ContainerSpec.X.Y: 1 → 2',
    'TaskTemplate.ContainerSpec.X.Z: - → [1]',
  ]);
  expect(lines(running({}), { ...running({}), EndpointSpec: {} })).toEqual(['EndpointSpec: - → {}']);
});

test('of several values of one flag, only the different ones are told', () => {
  const hosts = (...Hosts: string[]) => running({ Hosts });
  expect(lines(hosts('1.1.1.1 a', '2.2.2.2 b'), hosts('1.1.1.1 a', '3.3.3.3 b'))).toEqual([
    'host: 2.2.2.2 b → 3.3.3.3 b',
  ]);
});

test('networks have their names where these are known', () => {
  const on = (Target: string): ServiceSpec => ({ TaskTemplate: { Networks: [{ Target }] } });
  expect(differences(on('n1'), on('n2'), new Map([['n1', 'front']]))).toEqual([
    { field: 'network', before: 'front', after: 'n2' },
  ]);
});

test.each([
  ['a b', 'a\nb', 'a b → a\\nb'],
  ['a\n\nb', 'a\nb', 'a\\n\\nb → a\\nb'],
  ['a\tb', 'a b', 'a\\tb → a b'],
  ['a\r\nb', 'a\nb', 'a\\r\\nb → a\\nb'],
  ['a\u001b', 'a\\x1b', 'a\\x1b → a\\\\x1b'],
  ['a\nb', 'a\\nb', 'a\\nb → a\\\\nb'],
  ['a\\nb', 'c', 'a\\nb → c'],
  ['a', ' a ', 'a → \\x20a\\x20'],
])('%j and %j do not look the same', (was, is, expected) => {
  const spec = (text: string): ServiceSpec => ({
    Name: 'web',
    TaskTemplate: { ContainerSpec: { Env: [`A=${text}`] } },
  });
  expect(lines(spec(was), spec(is))).toEqual([`env A: ${expected}`]);
  expect(differences(spec(was), { ...spec(was), Labels: { x: is } }).at(-1)?.after).toBe(
    is.replace('\n', '\\n'),
  );
});
