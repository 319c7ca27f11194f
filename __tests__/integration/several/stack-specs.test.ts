/**
 * What `stack deploy` stores is what docker stores: a wide file, deployed by plain docker and by swarmroll with the same docker,
 * created, and then updated. SWARMROLL_TEST_DOCKER names another docker than that of the test swarm.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { docker, httpOf, run, swarm, swarmroll } from '../support/swarm.ts';
import { expectCode } from '../rollout/support.ts';
import {
  DOCKER,
  NEXT,
  ONESHOT,
  PING,
  deployment,
  objectsOf,
  removeStack,
  servicesOf,
  stackName,
} from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-specs-'));
for (const name of ['one', 'two']) writeFileSync(join(folder, name), `content ${name}\n`);
writeFileSync(join(folder, 'variables'), 'FROM_FILE=1\nEMPTY=\n');
afterAll(() => rmSync(folder, { recursive: true }));

/** @param next whether it is the file of the update */
const wide = (external: string, next: boolean) => ({
  services: {
    web: {
      image: next ? NEXT : PING,
      command: ['sh', '-c', 'trap "exit 0" TERM; sleep 3600 & wait'],
      entrypoint: ['/bin/busybox'],
      environment: { A: '1', B: next ? 'changed' : '', HOST: '$${HOSTNAME}' },
      env_file: ['./variables'],
      labels: { 'container.label': 'x' },
      hostname: '{{.Node.Hostname}}-{{.Task.Slot}}',
      user: '1000:1000',
      working_dir: '/tmp',
      stop_grace_period: '2500000h1ns',
      stop_signal: 'SIGINT',
      init: true,
      read_only: true,
      tty: true,
      stdin_open: true,
      cap_add: ['NET_ADMIN'],
      cap_drop: ['MKNOD'],
      dns: ['10.0.0.2'],
      dns_search: ['example.org'],
      extra_hosts: ['other:10.0.0.3', 'third:10.0.0.4'],
      sysctls: { 'net.core.somaxconn': '1024' },
      ulimits: { nproc: 65_535, nofile: { soft: 20_000, hard: 40_000 } },
      healthcheck: { test: ['CMD', 'true'], interval: '10s', timeout: '3s', retries: 3, start_period: '1s' },
      logging: { driver: 'json-file', options: { 'max-size': '10m' } },
      ports: [
        { target: 80, published: next ? 28_461 : 28_460, protocol: 'tcp', mode: 'ingress' },
        { target: 81, published: 28_462, protocol: 'udp', mode: 'host' },
      ],
      volumes: [
        { type: 'volume', source: 'data', target: '/data', volume: { nocopy: true } },
        { type: 'tmpfs', target: '/scratch', tmpfs: { size: 1_048_576 } },
        '/etc:/host-etc:ro',
      ],
      networks: { front: { aliases: ['www', 'web.local'] }, back: {}, outside: {} },
      secrets: [{ source: 'key', target: 'a-key', uid: '1', gid: '2', mode: 0o440 }, 'other'],
      configs: [{ source: 'conf', target: '/etc/conf', mode: 0o444 }, ...(next ? ['more'] : [])],
      deploy: {
        replicas: 0,
        labels: { 'service.label': next ? 'new' : 'old' },
        endpoint_mode: 'vip',
        resources: {
          limits: { cpus: '0.50', memory: '64M', pids: 100 },
          reservations: { cpus: '0.10', memory: '16M' },
        },
        restart_policy: { condition: 'on-failure', delay: '500ms', max_attempts: 3, window: '2m' },
        update_config: {
          parallelism: 2,
          delay: '1s',
          order: 'start-first',
          monitor: '1s',
          max_failure_ratio: 0.3,
        },
        rollback_config: { parallelism: 0, failure_action: 'continue', monitor: '1s' },
        placement: {
          constraints: ['node.role==worker', 'node.labels.none!=x'],
          preferences: [{ spread: 'node.labels.zone' }],
          max_replicas_per_node: 2,
        },
      },
    },
    agent: {
      image: PING,
      networks: ['outside'],
      isolation: 'default',
      deploy: { mode: 'global', endpoint_mode: 'dnsrr', placement: { constraints: ['node.labels.none==x'] } },
    },
    job: {
      image: ONESHOT,
      networks: ['back'],
      deploy: { mode: 'replicated-job', replicas: 0, restart_policy: { condition: 'none' } },
    },
    plain: { image: PING, deploy: { replicas: 0 } },
    ...(next ? { late: { image: PING, deploy: { replicas: 0 }, networks: ['front'] } } : {}),
  },
  networks: {
    front: { driver_opts: { a: 'b' }, attachable: true, labels: { net: 'front' } },
    back: { ipam: { config: [{ subnet: '10.77.5.0/24' }] } },
    outside: { external: true, name: external },
  },
  volumes: { data: { driver: 'local', labels: { v: '1' } } },
  secrets: { key: { file: './one', labels: { s: next ? '2' : '1' } }, other: { file: './two' } },
  configs: { conf: { file: './one', template_driver: 'golang' }, more: { file: './two' } },
});

/** Everything that is stored of the stack, with names instead of ids, and without what the engine allocates. */
async function stored(stack: string, external: string): Promise<unknown> {
  const kinds = ['networks', 'secrets', 'configs'] as const;
  const objects = await Promise.all(kinds.map((kind) => objectsOf(kind, stack)));
  const { stdout } = await docker(['network', 'inspect', '--format', '{{.ID}}', external]);
  const names = new Map(
    objects.flat().map(({ ID, Id, Name, Spec }) => [ID ?? Id ?? '', Spec?.Name ?? Name ?? '']),
  );
  names.set(stdout.trim(), external);
  const [all, secrets, configs] = objects;
  const networks = (all ?? []).map(({ Name, Driver, Options, Labels, IPAM, Attachable, Internal }) => ({
    Name,
    Driver,
    Options: { ...(Options as object), 'com.docker.network.driver.overlay.vxlanid_list': '' },
    Labels,
    // The engine gives the network that names none a subnet of its own.
    IPAM: Name === `${stack}_back` ? IPAM : undefined,
    Attachable,
    Internal,
  }));
  const found = {
    services: await exactSpecs(stack),
    networks,
    secrets: secrets?.map(({ Spec }) => Spec),
    configs: configs?.map(({ Spec }) => Spec),
  };
  const named = JSON.stringify(found, (_, one: unknown) =>
    typeof one === 'string' ? (names.get(one) ?? one) : one,
  );
  return withoutOrder(JSON.parse(named));
}

/** The specs of the services, with long integers as texts: JSON.parse would round them. */
async function exactSpecs(stack: string): Promise<unknown[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`com.docker.stack.namespace=${stack}`] }));
  const text = await (await fetch(`${httpOf(swarm.host)}/services?filters=${filters}`)).text();
  const services = JSON.parse(text.replace(/:(\d{16,})/g, ':"$1"')) as { readonly Spec: unknown }[];
  return services.map(({ Spec }) => Spec);
}

const versionsOf = async (stack: string): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await servicesOf(stack)).map(({ Spec, Version }) => [Spec.Name ?? '', Version.Index] as const),
  );

/** The order of docker's maps is another one each time. */
function withoutOrder(value: unknown): unknown {
  if (Array.isArray(value))
    return value
      .map(withoutOrder)
      .map((one) => [JSON.stringify(one), one] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, one]) => one);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([key, one]) => [key, withoutOrder(one)]));
}

test('plain docker and swarmroll store the same, created and updated', async () => {
  const stack = stackName('specs');
  const external = `${stack}-outside`;
  expectCode(await docker(['network', 'create', '-d', 'overlay', '--attachable', external]), 0);
  const files = [false, true].map((next) => {
    const path = join(folder, `compose-${String(next)}.json`);
    writeFileSync(path, JSON.stringify(wide(external, next)));
    return path;
  });
  const words = (path: string) => ['stack', 'deploy', '--detach=true', '-c', path, stack];
  const theirs = (path: string) => run(DOCKER, ['-H', swarm.host, ...words(path)]);
  const ours = (path: string) => swarmroll(words(path), deployment('', {}));
  const results: unknown[][] = [];
  try {
    for (const client of [theirs, ours]) {
      const result: unknown[] = [];
      for (const path of files) {
        expectCode(await client(path), 0);
        result.push(await stored(stack, external));
      }
      results.push(result);
      // Whoever has deployed it: only the job is sent again.
      const services = await versionsOf(stack);
      expectCode(await ours(files[1] ?? ''), 0);
      const { [`${stack}_job`]: job, ...others } = services;
      const { [`${stack}_job`]: jobNow, ...othersNow } = await versionsOf(stack);
      expect(othersNow).toEqual(others);
      expect(jobNow).not.toBe(job);
      await removeStack(stack);
    }
  } finally {
    await removeStack(stack);
    await docker(['network', 'rm', external]);
  }
  const [plain = [], held = []] = results;
  expect(JSON.stringify(plain).includes('9000000000000000001')).toBe(true);
  expect(held[0]).toEqual(plain[0]);
  expect(held[1]).toEqual(plain[1]);
});

test('networks that are stored: the same say nothing, other ones bring a warning, and nothing is sent', async () => {
  const stack = stackName('nets');
  const fileOf = (networks: object): string =>
    JSON.stringify({
      services: { web: { image: PING, deploy: { replicas: 0 }, networks: Object.keys(networks) } },
      networks,
    });
  const own = { labels: { a: 'b' }, attachable: true, ipam: { config: [{ subnet: '10.231.7.0/24' }] } };
  const file = fileOf({ plain: {}, own: { ...own, driver_opts: { encrypted: '' } } });
  const run = (verb: string, text: string) =>
    swarmroll(['stack', verb, '-c', '-', stack], deployment(text, {}));
  expectCode(await run('deploy', file), 0);
  expect(await run('diff', file)).toMatchObject({ code: 0, stderr: '' });
  const ids = async () => (await objectsOf('networks', stack)).map(({ Id }) => Id).sort();
  const before = await ids();
  const other = await run('deploy', fileOf({ plain: { internal: true }, own }));
  expectCode(other, 0);
  const warned = (name: string, what: string): string =>
    `swarmroll: warning: network ${stack}_${name} is not as the file says (${what}): a network cannot be changed; `;
  expect(other.stderr).toContain(warned('plain', 'internal'));
  expect(other.stderr).toContain(warned('own', 'driver_opts encrypted'));
  expect(await ids()).toEqual(before);
});
