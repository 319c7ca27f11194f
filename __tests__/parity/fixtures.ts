/** The environment of both clients: variables, files, networks, secrets and configs, and the services to update. */
import type { ServiceSpec } from '../../src/api/service.ts';
import { httpOf, swarm } from '../integration/support/swarm.ts';

const id = `parity-${process.pid}`;
const base = httpOf(swarm.host);

/** The working directory of both clients. It has the same name on this machine and in the manager's container. */
export const DIRECTORY = `/tmp/${id}`;

/** The shell variables of the tables, which are also the environment of the clients. */
export const VARIABLES: Readonly<Record<string, string>> = {
  REGISTRY: swarm.registry,
  NET1: `${id}-net1`,
  NET2: `${id}-net2`,
  SECRET1: `${id}-secret1`,
  SECRET2: `${id}-secret2`,
  CONFIG1: `${id}-config1`,
  CONFIG2: `${id}-config2`,
  PASSED: 'through the environment',
  EMPTY: '',
};

/** The files in DIRECTORY, by name. */
export const FILES: Readonly<Record<string, string>> = {
  'plain.env': 'ONE=1\nTWO=2\n',
  'odd.env':
    '\uFEFF# a comment\n\n  INDENTED=yes\nSPACES= a b \nQUOTES="kept"\nHASH=a#b\nEQUALS=a=b=c\nUNICODE=größe\nPASSED\nNOT_SET\nEMPTY=\n',
  'windows.env': 'ONE=1\r\nTWO=2\r\n',
  'twice.env': 'ONE=1\nONE=2\n',
  'no-name.env': 'ONE=1\n=2\n',
  'blank.env': 'BAD NAME=1\n',
};

/** The API paths of everything that makeFixtures has created. */
const created: string[] = [];

/** Creates the networks, secrets and configs. Resolves to their IDs by the names of their variables. */
export async function makeFixtures(): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const [variable, name] of Object.entries(VARIABLES)) {
    const [path, body] = variable.startsWith('NET')
      ? ['networks', { Name: name, Driver: 'overlay' }]
      : variable.startsWith('SECRET')
        ? ['secrets', { Name: name, Data: 'c2VjcmV0' }]
        : variable.startsWith('CONFIG')
          ? ['configs', { Name: name, Data: 'Y29uZmln' }]
          : [];
    if (path === undefined) continue;
    const { ID, Id } = (await post(`/${path}/create`, body)) as { ID?: string; Id?: string };
    ids[variable] = ID ?? Id ?? '';
    created.push(`/${path}/${ids[variable]}`);
  }
  return ids;
}

/** Removes the networks, secrets and configs. Services that use them must be removed before. */
export async function removeFixtures(): Promise<void> {
  for (const path of created.splice(0)) await remove(path);
}

/** Sends a POST request with a JSON body to the manager. @throws Error with the reply if the engine refuses it */
export async function post(path: string, body: unknown): Promise<unknown> {
  const reply = await fetch(base + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`);
  return reply.json();
}

/** Sends a DELETE request to the manager. It is not an error if the object does not exist. */
export async function remove(path: string): Promise<void> {
  await fetch(base + path, { method: 'DELETE' });
}

const image = `${swarm.registry}/ping:1.0`;
/** No node has this label, so no task is scheduled. */
const nowhere = ['node.labels.nowhere==true'];

/** A service with only the fields that it needs. */
export const PLAIN: ServiceSpec = {
  TaskTemplate: { ContainerSpec: { Image: image }, Placement: { Constraints: nowhere } },
  Mode: { Replicated: { Replicas: 0 } },
};

/** A service with an empty value in its maps and lists. */
export const EMPTY_VALUES: ServiceSpec = {
  ...PLAIN,
  Labels: { a: '' },
  TaskTemplate: {
    ...PLAIN.TaskTemplate,
    ContainerSpec: {
      ...PLAIN.TaskTemplate.ContainerSpec,
      Labels: { a: '' },
      Env: ['A='],
      Args: ['', 'a'],
      Sysctls: { 'net.a': '' },
      Mounts: [
        {
          Type: 'volume',
          Target: '/d',
          VolumeOptions: { Labels: { a: '' }, DriverConfig: { Name: 'local', Options: { b: '' } } },
        },
      ],
    },
    LogDriver: { Name: 'json-file', Options: { tag: '' } },
  },
};

export const GLOBAL: ServiceSpec = { ...PLAIN, Mode: { Global: {} } };
export const JOB: ServiceSpec = {
  ...PLAIN,
  Mode: { ReplicatedJob: { TotalCompletions: 0, MaxConcurrent: 0 } },
};

/** A service with a value in every field that a flag of update changes, in the form that docker's create stores. */
export const rich = (ids: Readonly<Record<string, string>>): ServiceSpec => ({
  Labels: { tier: 'web', empty: '', 'com.example/owner': 'größe "x", y=z' },
  TaskTemplate: {
    ContainerSpec: {
      Image: image,
      Labels: { inner: '1', other: 'two' },
      Command: ['/bin/entry', 'a b'],
      Args: ['serve', '--port=80'],
      Hostname: 'h-{{.Task.Slot}}',
      Env: ['B=1', 'A=2', 'FLAG', 'C=x=y,"z"'],
      Dir: '/srv',
      User: '1000:1000',
      Groups: ['wheel', 'audio'],
      StopSignal: 'SIGQUIT',
      TTY: true,
      ReadOnly: true,
      Init: true,
      // Sorted by source, because docker's update sorts mounts even if no flag changes them.
      Mounts: [
        { Type: 'tmpfs', Target: '/tmp', TmpfsOptions: { SizeBytes: 1048576, Mode: 0o1777 } },
        { Type: 'bind', Source: '/etc', Target: '/host-etc', ReadOnly: true },
        {
          Type: 'volume',
          Source: 'data',
          Target: '/data',
          VolumeOptions: { Labels: { a: 'b' }, DriverConfig: {} },
        },
      ],
      StopGracePeriod: 20e9,
      Healthcheck: {
        Test: ['CMD-SHELL', 'true'],
        Interval: 5e9,
        Timeout: 2e9,
        Retries: 3,
        StartPeriod: 1e9,
        StartInterval: 1e9,
      },
      Hosts: ['10.0.0.1 one', '10.0.0.2 two alias', '::1 one'],
      DNSConfig: {
        Nameservers: ['8.8.8.8', '1.1.1.1'],
        Search: ['b.example', 'a.example'],
        Options: ['ndots:2'],
      },
      Secrets: [secretRef(ids, 'SECRET1')],
      Configs: [configRef(ids, 'CONFIG1')],
      Sysctls: { 'net.core.somaxconn': '1024', 'net.ipv4.ip_forward': '1' },
      CapabilityAdd: ['CAP_NET_ADMIN'],
      CapabilityDrop: ['CAP_CHOWN', 'CAP_KILL'],
      Ulimits: [
        { Name: 'nofile', Hard: 200, Soft: 100 },
        { Name: 'nproc', Hard: 50, Soft: 50 },
      ],
      OomScoreAdj: 100,
      Privileges: { CredentialSpec: { File: 'cred.json' }, NoNewPrivileges: true },
    },
    Resources: {
      Limits: { NanoCPUs: 5e8, MemoryBytes: 67108864, Pids: 100 },
      Reservations: {
        NanoCPUs: 1e8,
        MemoryBytes: 33554432,
        GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 2 } }],
      },
    },
    RestartPolicy: { Condition: 'on-failure', Delay: 3e9, MaxAttempts: 4, Window: 60e9 },
    Placement: {
      Constraints: [...nowhere, 'node.role==worker'],
      Preferences: [
        { Spread: { SpreadDescriptor: 'node.labels.rack' } },
        { Spread: { SpreadDescriptor: 'node.labels.zone' } },
      ],
      MaxReplicas: 3,
      Platforms: [{ Architecture: 'amd64', OS: 'linux' }],
    },
    Networks: [{ Target: ids['NET1'] ?? '', Aliases: ['web'] }],
    LogDriver: { Name: 'json-file', Options: { 'max-size': '10m' } },
    ForceUpdate: 3,
  },
  Mode: { Replicated: { Replicas: 0 } },
  UpdateConfig: {
    Parallelism: 2,
    Delay: 1e9,
    FailureAction: 'rollback',
    Monitor: 10e9,
    MaxFailureRatio: 0.25,
    Order: 'start-first',
  },
  RollbackConfig: {
    Parallelism: 0,
    Delay: 2e9,
    FailureAction: 'continue',
    Monitor: 3e9,
    MaxFailureRatio: 0.5,
    Order: 'start-first',
  },
  EndpointSpec: {
    Mode: 'vip',
    Ports: [
      { Protocol: 'tcp', TargetPort: 80, PublishedPort: 18080, PublishMode: 'host' },
      { Protocol: 'udp', TargetPort: 53, PublishMode: 'host' },
    ],
  },
});

/** A service as `docker stack deploy` creates it: with the labels of the stack, and networks with aliases. */
export const stack = (ids: Readonly<Record<string, string>>): ServiceSpec => ({
  Labels: { 'com.docker.stack.image': image, 'com.docker.stack.namespace': 'shop' },
  TaskTemplate: {
    ContainerSpec: { Image: image, Labels: { 'com.docker.stack.namespace': 'shop' }, Privileges: {} },
    Resources: {},
    Placement: { Constraints: nowhere },
    Networks: [{ Target: ids['NET1'] ?? '', Aliases: ['api'] }],
  },
  Mode: { Replicated: { Replicas: 0 } },
  EndpointSpec: {},
});

const fileTarget = (name: string) => ({ Name: name, UID: '0', GID: '0', Mode: 0o444 });
const secretRef = (ids: Readonly<Record<string, string>>, variable: string) => ({
  SecretID: ids[variable] ?? '',
  SecretName: VARIABLES[variable] ?? '',
  File: fileTarget('one'),
});
const configRef = (ids: Readonly<Record<string, string>>, variable: string) => ({
  ConfigID: ids[variable] ?? '',
  ConfigName: VARIABLES[variable] ?? '',
  File: fileTarget('/etc/one'),
});
