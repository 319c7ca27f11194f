/**
 * What becomes of each key of the Compose specification on a swarm: one table of all keys. The names are paths: "*" stands for a
 * name that the file chooses, "[]" for the items of a list. A key below one that is ignored, refused or applied has no row. Pure.
 */
import * as convert from './convert.ts';
import * as move from './moves.ts';
import type { MoveKey } from './moves.ts';

/** What becomes of a key. */
export type Rule =
  /** docker gets it. `as`: in the form that docker takes. */
  | {
      readonly fate: 'kept';
      readonly as?: (value: unknown) => unknown;
      readonly text?: string;
      /** Compose prints an empty one that the file does not have. */
      readonly mayBeEmpty?: true;
    }
  /** The stack file has this setting under another key. */
  | { readonly fate: 'moved'; readonly move: MoveKey; readonly text: string }
  /** Compose has applied it, or nothing on a swarm depends on it: it is not worth a warning. */
  | { readonly fate: 'applied'; readonly text: string }
  /** Left out, with a warning. */
  | { readonly fate: 'ignored'; readonly text: string }
  /** Nothing is sent. `harmless`: values that say what a swarm does anyway; they are left out. */
  | { readonly fate: 'refused'; readonly text: string; readonly harmless: readonly unknown[] };

export const kept: Rule = { fate: 'kept' };
const keptIfAny: Rule = { fate: 'kept', mayBeEmpty: true };
const keptAs = (as: (value: unknown) => unknown, text: string): Rule => ({ fate: 'kept', as, text });
const moved = (to: MoveKey, text: string): Rule => ({ fate: 'moved', move: to, text });
const applied = (text = 'Compose has applied it'): Rule => ({ fate: 'applied', text });
const ignored = (text: string): Rule => ({ fate: 'ignored', text });
/** @param text what to use instead */
const refused = (text: string, ...harmless: readonly unknown[]): Rule => ({
  fate: 'refused',
  text,
  harmless,
});

const below = (path: string, rules: Readonly<Record<string, Rule>>): Readonly<Record<string, Rule>> =>
  Object.fromEntries(Object.entries(rules).map(([key, rule]) => [`${path}.${key}`, rule]));
const all = (rule: Rule, ...keys: readonly string[]): Readonly<Record<string, Rule>> =>
  Object.fromEntries(keys.map((key) => [key, rule]));

const ON_NODE = 'set it up on the nodes, and place the service with deploy.placement.constraints';
const CPU_LIMITS = 'use deploy.resources.limits.cpus';
const OF_NODE = 'a swarm has no such setting: set it in the daemon.json of the nodes';
const OWN_NETWORK = 'create the network with docker network create, and declare it as external';
const HOOK =
  'use a service of its own: with deploy.mode replicated-job, and depends_on in the services that need it';

const objects = (kind: 'configs' | 'secrets'): Readonly<Record<string, Rule>> => ({
  [kind]: kept,
  ...below(`${kind}.*`, {
    ...all(kept, 'external', 'external.name', 'file', 'labels', 'template_driver'),
    environment: moved(move.environment, 'its value becomes a file in a private folder, for docker alone'),
    name: moved(move.name, 'kept, unless it is STACK_KEY, the name that docker gives by default'),
  }),
});

const references = (kind: 'configs' | 'secrets'): Readonly<Record<string, Rule>> => ({
  [kind]: kept,
  ...below(`${kind}.[]`, {
    ...all(kept, 'source', 'uid', 'gid'),
    mode: keptAs(convert.fileMode, 'kept, as a number'),
    target:
      kind === 'configs' ? kept : moved(move.secretTarget, 'kept, below /run/secrets/ as the name alone'),
  }),
});

const service: Readonly<Record<string, Rule>> = {
  ...all(
    kept,
    ...['cap_add', 'cap_drop', 'dns', 'dns_search', 'environment', 'hostname'],
    ...['image', 'init', 'isolation', 'labels', 'logging', 'logging.driver', 'logging.options'],
    ...['oom_score_adj', 'read_only', 'stdin_open', 'stop_grace_period', 'stop_signal', 'sysctls', 'tty'],
    ...['ulimits', 'ulimits.*.hard', 'ulimits.*.soft', 'user', 'working_dir'],
    ...['credential_spec', 'credential_spec.config', 'credential_spec.file', 'credential_spec.registry'],
  ),
  ...references('configs'),
  ...references('secrets'),
  annotations: refused('use labels, or deploy.labels'),
  attach: ignored('docker service logs shows the output of a service'),
  blkio_config: refused('a swarm has no such setting: leave it out'),
  build: ignored('the image has to be built and pushed before'),
  cgroup: refused(OF_NODE, 'private'),
  cgroup_parent: refused(OF_NODE),
  command: { fate: 'kept', text: 'kept; refused if it is empty and there is no entrypoint' },
  container_name: ignored('a swarm names the containers'),
  ...all(refused(CPU_LIMITS), 'cpu_count', 'cpu_percent', 'cpu_period', 'cpu_quota', 'cpu_shares'),
  ...all(refused(OF_NODE), 'cpu_rt_period', 'cpu_rt_runtime'),
  cpus: moved(move.toResources('limits', 'cpus'), 'to deploy.resources.limits.cpus'),
  cpuset: refused(CPU_LIMITS),
  depends_on: moved(move.dependsOn, 'the order of sending, with its conditions: see [The order](#the-order)'),
  develop: ignored('it is for docker compose watch'),
  device_cgroup_rules: refused(ON_NODE),
  devices: refused(
    'no task of a swarm gets a device: offer it as a generic resource of the nodes (deploy.resources.reservations.generic_resources)',
  ),
  dns_opt: refused('a stack file has no such setting: use swarmroll update --dns-option-add'),
  domainname: refused('write the full name in hostname'),
  entrypoint: {
    fate: 'kept',
    text: 'kept; if it is empty, the command takes its place; refused if there is none',
  },
  env_file: applied('Compose has read it into environment'),
  expose: ignored('services on the same network reach every port of each other'),
  extends: applied(),
  external_links: refused('put both services on a network that is declared as external'),
  extra_hosts: keptAs(convert.extraHosts, 'kept, as HOST:IP'),
  gpus: refused('offer them as generic resources (deploy.resources.reservations.generic_resources)'),
  group_add: refused('give the group in user, as "UID:GID"'),
  healthcheck: keptAs(convert.healthcheck, 'kept'),
  ...all(
    kept,
    ...['disable', 'interval', 'retries', 'start_interval', 'start_period', 'test', 'timeout'].map(
      (key) => `healthcheck.${key}`,
    ),
  ),
  ipc: refused('mount the same volume into both services', 'private', 'shareable'),
  label_file: applied('Compose has read it into labels'),
  links: moved(
    move.links,
    'ignored, where the name stays the same: services on one network have each other’s names; an alias is refused',
  ),
  mac_address: refused('a swarm chooses the addresses: use the name of the service', ''),
  mem_limit: moved(move.toResources('limits', 'memory'), 'to deploy.resources.limits.memory'),
  mem_reservation: moved(
    move.toResources('reservations', 'memory'),
    'to deploy.resources.reservations.memory',
  ),
  mem_swappiness: refused('a stack file has no such setting: leave it out'),
  memswap_limit: refused('a stack file has no such setting: use mem_limit alone'),
  models: refused('run the model as a service, and give its address in environment'),
  network_mode: moved(
    move.networkMode,
    'host and bridge: to a network of this name that is external; none, service:NAME and container:NAME are refused',
  ),
  networks: kept,
  ...below('networks.*', {
    ...all(kept, 'aliases', 'driver_opts'),
    gw_priority: ignored('tasks reach the outside through the network docker_gwbridge'),
    interface_name: refused('a swarm chooses the names of interfaces: leave it out'),
    ...all(
      refused('a swarm chooses the addresses: use the name of the service'),
      ...['ipv4_address', 'ipv6_address', 'link_local_ips', 'mac_address'],
    ),
    priority: ignored('a swarm connects all networks at the same time'),
  }),
  oom_kill_disable: refused('give the service enough memory in deploy.resources.limits.memory', false),
  pid: refused('use a container outside of the swarm, or a program in the same image'),
  pids_limit: moved(move.toResources('limits', 'pids'), 'to deploy.resources.limits.pids'),
  platform: ignored(
    'a swarm runs an image on the nodes that it is built for; deploy.placement.constraints with node.platform.arch chooses',
  ),
  ports: kept,
  ...below('ports.[]', {
    ...all(kept, 'mode', 'protocol', 'target'),
    ...all(ignored('it only describes the port'), 'app_protocol', 'name'),
    host_ip: refused(
      'a swarm publishes ports on all addresses of the nodes: leave the address out, or use a firewall',
      ...['0.0.0.0', '::', ''],
    ),
    published: moved(move.publishedPort, 'kept, as a number; a range for one port is refused'),
  }),
  ...all(refused(HOOK), 'post_start', 'pre_start', 'pre_stop'),
  privileged: refused('give the capabilities that it needs in cap_add', false),
  profiles: applied('Compose has left out the services of other profiles'),
  provider: refused('a swarm runs images only'),
  ...all(ignored('a swarm pulls an image that a node does not have'), 'pull_policy', 'pull_refresh_after'),
  restart: moved(
    move.restartPolicy,
    'to deploy.restart_policy, where there is none: see [The order](#the-order)',
  ),
  runtime: refused('set the default-runtime in the daemon.json of the nodes'),
  scale: moved(move.replicas, 'to deploy.replicas'),
  security_opt: refused(
    'a stack file has no such setting: set the default in the daemon.json of the nodes (no-new-privileges, seccomp-profile)',
  ),
  shm_size: refused('mount a volume of type tmpfs at /dev/shm, with tmpfs.size'),
  storage_opt: refused(OF_NODE),
  tmpfs: moved(move.tmpfs, 'to volumes of type tmpfs; options other than size are refused'),
  use_api_socket: refused('mount /var/run/docker.sock of a manager, and place the service there'),
  userns_mode: refused(OF_NODE),
  uts: refused('write the name in hostname'),
  volumes: kept,
  ...below('volumes.[]', {
    ...all(kept, 'consistency', 'read_only', 'source', 'target', 'type'),
    bind: keptIfAny,
    'bind.create_host_path': applied('a swarm never creates the folder: it has to exist on the node'),
    'bind.propagation': kept,
    'bind.recursive': refused('a stack file has no such setting: leave it out', 'enabled'),
    'bind.selinux': ignored('label the folder on the nodes'),
    image: refused('copy the files into the image of the service, or into a volume'),
    tmpfs: keptIfAny,
    'tmpfs.mode': refused('a stack file has no such setting: leave it out'),
    'tmpfs.size': keptAs(convert.number, 'kept, as a number'),
    volume: keptIfAny,
    ...all(kept, 'volume.nocopy', 'volume.subpath'),
    'volume.labels': refused('give the labels at the top, below volumes'),
  }),
  volumes_from: refused('declare the volume at the top, and mount it into both services'),
};

const policies = all(
  kept,
  ...['update_config', 'rollback_config'].flatMap((name) => [
    name,
    ...['delay', 'failure_action', 'max_failure_ratio', 'monitor', 'order', 'parallelism'].map(
      (key) => `${name}.${key}`,
    ),
  ]),
);

const cpus = keptAs(convert.text, 'kept, as a text');
const GENERIC = 'reservations.generic_resources';
const deploy: Readonly<Record<string, Rule>> = {
  ...all(kept, 'endpoint_mode', 'labels', 'mode', 'replicas'),
  ...policies,
  placement: keptIfAny,
  ...below(
    'placement',
    all(kept, 'constraints', 'max_replicas_per_node', 'preferences', 'preferences.[].spread'),
  ),
  resources: keptIfAny,
  ...below('resources', {
    ...all(keptIfAny, 'limits', 'reservations'),
    ...all(kept, 'limits.memory', 'limits.pids', 'reservations.memory'),
    'limits.cpus': cpus,
    'reservations.cpus': cpus,
    'reservations.devices': refused('offer them as generic resources (generic_resources)'),
    ...all(
      kept,
      ...[GENERIC, `${GENERIC}.[].discrete_resource_spec`],
      ...['kind', 'value'].map((key) => `${GENERIC}.[].discrete_resource_spec.${key}`),
    ),
  }),
  restart_policy: kept,
  ...below('restart_policy', all(kept, 'condition', 'delay', 'max_attempts', 'window')),
};

/** The table, by paths. */
export const KEYS: Readonly<Record<string, Rule>> = {
  name: applied('it is the name of the stack'),
  version: applied('it means nothing any more'),
  include: applied(),
  models: refused('run the model as a service, and give its address in environment'),
  services: kept,
  ...below('services.*', service),
  'services.*.deploy': keptIfAny,
  ...below('services.*.deploy', deploy),
  ...objects('configs'),
  'configs.*.content': moved(move.content, 'it becomes a file in a private folder, for docker alone'),
  ...objects('secrets'),
  ...below('secrets.*', all(kept, 'driver', 'driver_opts')),
  networks: kept,
  ...below('networks.*', {
    ...all(kept, 'attachable', 'driver_opts', 'external', 'external.name', 'internal', 'labels'),
    driver: moved(move.networkDriver, 'kept; bridge and host are refused: they do not reach other nodes'),
    enable_ipv4: refused(OWN_NETWORK, true),
    enable_ipv6: refused(OWN_NETWORK, false),
    ipam: keptIfAny,
    ...all(kept, 'ipam.config', 'ipam.config.[].subnet', 'ipam.driver'),
    ...all(
      refused(OWN_NETWORK),
      ...['ipam.config.[].aux_addresses', 'ipam.config.[].gateway', 'ipam.config.[].ip_range'],
      'ipam.options',
    ),
    name: moved(move.name, 'kept, unless it is STACK_KEY, the name that docker gives by default'),
  }),
  volumes: kept,
  ...below('volumes.*', {
    ...all(kept, 'driver', 'driver_opts', 'external', 'external.name', 'labels'),
    name: moved(move.name, 'kept, unless it is STACK_KEY, the name that docker gives by default'),
  }),
};

/** The paths that have keys in the table below them. */
export const PARENTS: ReadonlySet<string> = new Set(
  Object.keys(KEYS).flatMap((path) => {
    const parts = path.split('.');
    return parts.map((_, index) => parts.slice(0, index).join('.'));
  }),
);
