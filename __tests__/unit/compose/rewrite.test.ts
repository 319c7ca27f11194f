/** What Compose prints, and the stack file that is made of it. */
import { describe, expect, test } from '@jest/globals';
import { leftOut, rewrite } from '../../../src/compose/rewrite.ts';

type Service = Readonly<Record<string, unknown>>;

const rewritten = (project: Readonly<Record<string, unknown>>) =>
  rewrite(project, 'app', (name) => `/private/${name}`);

/** The service `web`, as it is written; and what is said. */
function web(service: Service) {
  const { file, refusals, ignored } = rewritten({ services: { web: { image: 'ping', ...service } } });
  const { services } = file as { services: Record<string, Service> };
  const { image, ...rest } = services['web'] ?? {};
  expect(image).toBe('ping');
  return { rest, refusals, ignored };
}

test.each<readonly [string, Service, Service]>([
  ['what is null', { command: null, entrypoint: null }, {}],
  ['empty objects', { deploy: { resources: {}, placement: {} } }, {}],
  ['no command beside an entrypoint', { command: [], entrypoint: ['a'] }, { entrypoint: ['a'] }],
  ['no entrypoint beside a command', { command: ['a', 'b'], entrypoint: [] }, { entrypoint: ['a', 'b'] }],
  ['networks without settings', { networks: { default: null } }, { networks: { default: null } }],
  ['ports', { ports: [{ target: 80, published: '8080' }] }, { ports: [{ target: 80, published: 8080 }] }],
  ['any port', { ports: [{ target: 80, published: '0' }] }, { ports: [{ target: 80 }] }],
  ['any address', { ports: [{ target: 80, host_ip: '0.0.0.0' }] }, { ports: [{ target: 80 }] }],
  [
    'a mode of Compose 2.26',
    { configs: [{ source: 'a', mode: 288 }] },
    { configs: [{ source: 'a', mode: 288 }] },
  ],
  ['a mode', { configs: [{ source: 'a', mode: '0440' }] }, { configs: [{ source: 'a', mode: 288 }] }],
  [
    'the target of a secret',
    { secrets: [{ source: 'a', target: '/run/secrets/a' }] },
    { secrets: [{ source: 'a' }] },
  ],
  [
    'another target',
    {
      secrets: [
        { source: 'a', target: '/run/secrets/b' },
        { source: 'a', target: '/etc/a' },
      ],
    },
    {
      secrets: [
        { source: 'a', target: 'b' },
        { source: 'a', target: '/etc/a' },
      ],
    },
  ],
  [
    'CPUs',
    { deploy: { resources: { limits: { cpus: 0.5 } } } },
    { deploy: { resources: { limits: { cpus: '0.5' } } } },
  ],
  [
    'limits',
    { mem_limit: '67108864', mem_reservation: '33554432', cpus: 0.5, pids_limit: 100 },
    {
      deploy: {
        resources: {
          limits: { memory: '67108864', cpus: '0.5', pids: 100 },
          reservations: { memory: '33554432' },
        },
      },
    },
  ],
  [
    'limits that are given twice',
    { mem_limit: '67108864', deploy: { resources: { limits: { memory: '64M' } } } },
    { deploy: { resources: { limits: { memory: '64M' } } } },
  ],
  ['no limits', { mem_limit: '0', pids_limit: -1 }, {}],
  ['scale', { scale: 3 }, { deploy: { replicas: 3 } }],
  ['scale and replicas', { scale: 3, deploy: { replicas: 2 } }, { deploy: { replicas: 2 } }],
  ['restart', { restart: 'always' }, { deploy: { restart_policy: { condition: 'any' } } }],
  ['restart "no"', { restart: 'no' }, { deploy: { restart_policy: { condition: 'none' } } }],
  [
    'restart with a number',
    { restart: 'on-failure:3' },
    { deploy: { restart_policy: { condition: 'on-failure', max_attempts: 3 } } },
  ],
  [
    'restart and a policy',
    { restart: 'always', deploy: { restart_policy: { delay: '5s' } } },
    { deploy: { restart_policy: { delay: '5s' } } },
  ],
  ['hosts', { extra_hosts: ['six=::1', 'old:10.0.0.1'] }, { extra_hosts: ['six:::1', 'old:10.0.0.1'] }],
  [
    'a health check that is off',
    { healthcheck: { disable: true, test: ['NONE'] } },
    { healthcheck: { disable: true } },
  ],
  [
    'tmpfs',
    { tmpfs: ['/run:rw,noexec,size=64m', '/tmp'], volumes: [{ type: 'volume', target: '/a' }] },
    {
      volumes: [
        { type: 'volume', target: '/a' },
        { type: 'tmpfs', target: '/run', tmpfs: { size: 67_108_864 } },
        { type: 'tmpfs', target: '/tmp' },
      ],
    },
  ],
  [
    'a bind mount',
    {
      volumes: [
        { type: 'bind', source: '/a', target: '/b', bind: { create_host_path: true, recursive: 'enabled' } },
      ],
    },
    { volumes: [{ type: 'bind', source: '/a', target: '/b' }] },
  ],
  ['harmless values', { privileged: false, devices: [], oom_kill_disable: false, ipc: 'private' }, {}],
  [
    'extensions',
    { 'x-a': { b: 1 }, deploy: { 'x-c': 1, replicas: 1 } },
    { 'x-a': { b: 1 }, deploy: { replicas: 1 } },
  ],
  [
    'names that look like keys',
    { environment: { 'x-a': '1', build: '2' }, labels: { privileged: 'x' } },
    {
      environment: { 'x-a': '1', build: '2' },
      labels: { privileged: 'x' },
    },
  ],
])('%s', (_, service, wanted) => {
  expect(web(service)).toEqual({ rest: wanted, refusals: [], ignored: [] });
});

test.each<readonly [Service, string]>([
  [{ privileged: true }, 'service web: privileged: give the capabilities that it needs in cap_add'],
  [
    { ports: [{ target: 80 }, { target: 81, host_ip: '127.0.0.1' }] },
    'service web: ports[1].host_ip: a swarm publishes',
  ],
  [
    { ports: [{ target: 80, published: '8000-8010' }] },
    'service web: ports[0].published: a swarm publishes one port',
  ],
  [{ network_mode: 'container:x' }, 'service web: network_mode: put both services on one network'],
  [{ links: ['db:database'] }, 'service web: links: give the other name'],
  [{ tmpfs: ['/run:mode=755'] }, 'service web: tmpfs: a stack file has no options'],
  [{ restart: 'sometimes' }, 'service web: restart: write deploy.restart_policy'],
  [{ restart: 'constructor' }, 'service web: restart: write deploy.restart_policy'],
  [
    { command: [] },
    'service web: command: an empty one leaves the command of the image in place: write entrypoint, too',
  ],
  [
    { command: '', entrypoint: '' },
    'service web: command: an empty one leaves the command of the image in place',
  ],
  [
    { entrypoint: [], command: null },
    'service web: entrypoint: an empty one leaves the entrypoint of the image in place: write command, too',
  ],
  [
    { of_the_future: 1 },
    'service web: of_the_future: this version of swarmroll does not know this key of Compose',
  ],
  [{ deploy: { future: 1 } }, 'service web: deploy.future: this version of swarmroll does not know this key'],
  [
    { volumes: [{ type: 'bind', bind: { new: 1 } }] },
    'service web: volumes[0].bind.new: this version of swarmroll',
  ],
])('refused: %j', (service, text) => {
  expect(web(service).refusals).toEqual([expect.stringContaining(text)]);
});

test('the values of what is refused are not told', () => {
  const { refusals } = web({ group_add: ['secret'], of_the_future: 'secret', mac_address: 'secret' });
  expect(refusals).toHaveLength(3);
  expect(refusals.join()).not.toContain('secret');
});

test('what is ignored is listed by services', () => {
  const { ignored } = rewritten({
    services: {
      web: { image: 'a', build: { context: '.' }, ports: [{ target: 80, name: 'http' }] },
      db: { image: 'a', container_name: 'db' },
    },
  });
  expect(ignored).toEqual(['service web: build, ports[0].name', 'service db: container_name']);
});

test('each service needs an image', () => {
  const text = 'image: a swarm builds nothing: build the image, push it, and name it in image';
  const built = { build: { context: '.' } };
  expect(rewritten({ services: { web: built, db: { image: 'a' }, job: built } }).refusals).toEqual([
    `service web: ${text}`,
    `service job: ${text}`,
  ]);
});

test('names of JavaScript are names like others', () => {
  const { file, refusals, dependencies } = rewritten(
    JSON.parse(`{
      "services": {
        "__proto__": { "image": "a", "environment": { "__proto__": "1" } },
        "web": {
          "image": "b",
          "labels": { "__proto__": "2" },
          "depends_on": { "constructor": { "condition": "service_started", "required": false } }
        }
      },
      "constructor": 1
    }`) as object as Record<string, unknown>,
  );
  expect(JSON.stringify(file)).toBe(
    '{"services":{"__proto__":{"image":"a","environment":{"__proto__":"1"}},"web":{"image":"b","labels":{"__proto__":"2"}}}}',
  );
  expect([...dependencies]).toEqual([]);
  expect(refusals).toEqual([
    'the file: constructor: this version of swarmroll does not know this key of Compose',
  ]);
});

test('variables that are empty or not set are listed: docker would give them its own values', () => {
  const { emptyVariables } = rewritten({
    services: {
      web: { image: 'a', environment: { A: '', B: 'x', C: null } },
      db: { image: 'b', environment: null },
    },
  });
  expect(emptyVariables).toEqual([
    { of: 'service web', name: 'A' },
    { of: 'service web', name: 'C' },
  ]);
});

test('names that docker would give are left out, others stay', () => {
  const { file, refusals } = rewritten({
    name: 'app',
    services: {},
    networks: {
      default: { name: 'app_default', ipam: {} },
      own: { name: 'own-name', driver: 'overlay' },
      out: { name: 'out', external: true, ipam: {} },
    },
    volumes: { data: { name: 'app_data' }, other: { name: 'other' } },
    configs: { a: { name: 'app_a', file: '/a' } },
  });
  expect({ file, refusals }).toEqual({
    refusals: [],
    file: {
      services: {},
      networks: {
        default: {},
        own: { name: 'own-name', driver: 'overlay' },
        out: { name: 'out', external: true },
      },
      volumes: { data: {}, other: { name: 'other' } },
      configs: { a: { file: '/a' } },
    },
  });
});

test('content and environment are files', () => {
  const { file, contents } = rewritten({
    services: {},
    configs: { page: { name: 'app_page', content: '$a' } },
    secrets: { key: { name: 'app_key', environment: 'KEY' } },
  });
  expect(file).toEqual({
    services: {},
    configs: { page: { file: '/private/config-page' } },
    secrets: { key: { file: '/private/secret-key' } },
  });
  expect(contents).toEqual([
    { path: '/private/config-page', of: 'config page', content: { text: '$a' } },
    { path: '/private/secret-key', of: 'secret key', content: { variable: 'KEY' } },
  ]);
});

test('names that differ in case alone have files that differ in more', () => {
  const { contents } = rewritten({
    services: {},
    configs: { A: { content: '1' }, a: { content: '2' }, 'a-2': { content: '3' } },
  });
  expect(contents.map(({ path }) => path)).toEqual([
    '/private/config-A',
    '/private/config-a-2',
    '/private/config-a-2-2',
  ]);
});

test('the network of the node gets a key that no other network has', () => {
  const { file } = rewritten({
    networks: { host: { name: 'app_host' } },
    services: { a: { image: 'a', network_mode: 'host' }, b: { image: 'b', network_mode: 'host' } },
  });
  expect(file).toEqual({
    networks: { host: {}, host_: { external: true, name: 'host' } },
    services: { a: { image: 'a', networks: { host_: {} } }, b: { image: 'b', networks: { host_: {} } } },
  });
});

describe('depends_on', () => {
  const project = (condition: string, db: Service = {}, more: Service = {}) =>
    rewritten({
      services: {
        web: { image: 'a', depends_on: { db: { condition, ...more } } },
        db: { image: 'b', ...db },
      },
    });
  const policyOf = (file: unknown) =>
    (file as { services: Record<string, { deploy?: { restart_policy?: unknown } }> }).services['db']?.deploy
      ?.restart_policy;

  test('is an order, and the list of names in the file', () => {
    const { file, dependencies, gates } = project('service_started');
    expect([...dependencies]).toEqual([['web', ['db']]]);
    expect([...gates]).toEqual([]);
    expect(file).toEqual({ services: { web: { image: 'a', depends_on: ['db'] }, db: { image: 'b' } } });
  });

  test('a service that is not required and not there is not waited for', () => {
    const { dependencies, file } = rewritten({
      services: {
        web: { image: 'a', depends_on: { db: { condition: 'service_started', required: false } } },
      },
    });
    expect([...dependencies]).toEqual([]);
    expect(file).toEqual({ services: { web: { image: 'a' } } });
  });

  test.each<readonly [string, Service, unknown]>([
    ['without restart', {}, { condition: 'none' }],
    ['with restart "no"', { restart: 'no' }, { condition: 'none' }],
    ['with on-failure', { restart: 'on-failure' }, { condition: 'on-failure' }],
    ['a job', { deploy: { mode: 'replicated-job' } }, undefined],
  ])('service_completed_successfully: %s', (_, db, policy) => {
    const { file, gates, refusals } = project('service_completed_successfully', db);
    expect({ gates: [...gates], policy: policyOf(file), refusals }).toEqual({
      gates: ['db'],
      policy,
      refusals: [],
    });
  });

  test.each<readonly [string, string, Service]>([
    ['is always started again', 'service_completed_successfully', { restart: 'unless-stopped' }],
    [
      'is always started again',
      'service_completed_successfully',
      { deploy: { restart_policy: { delay: '1s' } } },
    ],
    ['no health check that could pass', 'service_healthy', { healthcheck: { disable: true } }],
    ['does not know this condition', 'service_of_the_future', {}],
  ])('refused: %s', (text, condition, db) => {
    expect(project(condition, db).refusals).toEqual([
      expect.stringMatching(new RegExp(`^service web: depends_on.db: .*${text}`)),
    ]);
  });
});

test('an empty policy stays: docker stores it', () => {
  const deploy = { update_config: {}, restart_policy: {} };
  expect(web({ deploy })).toEqual({ rest: { deploy }, refusals: [], ignored: [] });
});

test('an external network keeps a name that looks like one of the stack', () => {
  const networks = { out: { external: true, name: 'app_out' } };
  expect(rewritten({ services: {}, networks }).file).toEqual({ services: {}, networks });
});

test('what Compose leaves out is told: objects that no service uses, and cluster volumes', () => {
  const model = {
    services: {
      web: { configs: ['a', { source: 'b' }] },
      debug: { profiles: ['debug'], secrets: ['of-debug'] },
    },
    configs: { a: {}, b: null, idle: { file: 'x' }, out: { external: true } },
    secrets: { 'of-debug': {}, key: { environment: 'KEY' } },
    volumes: { san: { 'x-cluster-spec': {} }, data: null },
  };
  const text = 'no service uses it, and Compose leaves it out: it is not stored';
  expect(leftOut(model)).toEqual({
    refusals: ['volume san: x-cluster-spec: Compose does not print it: deploy this file without --compose'],
    warnings: [`config idle: ${text}`, `secret key: ${text}`],
  });
});
