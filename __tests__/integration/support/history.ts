/**
 * Services with a task history, made by the real docker client, for the commands that only read. Tests don't change
 * them.
 */
import type { Task } from '../../../src/api/service.ts';
import {
  api,
  docker,
  image,
  orThrow,
  removeServices,
  storedService,
  storedTasks,
  uniqueName,
  until,
} from './swarm.ts';

/**
 * The arguments of `docker service create` for each service. `%s` stands for the name of its network, secret and
 * config.
 */
const SERVICES = {
  updated: ['--replicas', '2', image('ping', '1.0')],
  crashed: ['--restart-max-attempts', '2', '--restart-delay', '50ms', image('crash', '1.0')],
  global: [
    ...['--mode', 'global', '--publish', 'mode=host,target=80'],
    ...['--publish', 'mode=host,target=53,protocol=udp', image('ping', '1.0')],
  ],
  job: ['--mode', 'replicated-job', '--replicas', '3', '--max-concurrent', '2', image('oneshot', '1.0')],
  globalJob: ['--mode', 'global-job', image('oneshot', '1.0')],
  healthy: ['--replicas', '1', image('healthy', '1.0')],
  pending: ['--constraint', 'node.labels.nope==1', image('ping', '1.0')],
  noImage: ['--restart-condition', 'none', '--no-resolve-image', image('nothere', '9.9')],
  hostNetwork: ['--network', 'host', image('ping', '1.0')],
  rich: [
    ...['--replicas', '0', '--network', '%s', '--secret', '%s', '--config', 'source=%s,target=/etc/c'],
    ...['--mount', 'type=volume,src=v,dst=/v', '--mount', 'type=tmpfs,dst=/t,tmpfs-size=64m,tmpfs-mode=1770'],
    ...['--health-cmd', 'test -e /x && echo "<ok>"', '--health-interval', '90s', '--health-retries', '2'],
    ...['--limit-cpu', '1.5', '--limit-memory', '1536m', '--limit-pids', '7', '--reserve-memory', '5000000'],
    ...['--log-driver', 'json-file', '--log-opt', 'max-size=1m', '--log-opt', 'labels='],
    ...['--label', 'a=1', '--label', 'b', '--label', '10=x', '--label', '9=y', '--label', 'ü=<&>'],
    ...['--constraint', 'node.role==worker', '--placement-pref', 'spread=node.labels.dc'],
    ...['--replicas-max-per-node', '3', '--cap-add', 'NET_ADMIN', '--cap-drop', 'ALL'],
    ...['--ulimit', 'nofile=10:20', '--sysctl', 'net.x=1', '--user', '1:2', '--workdir', '/w', '--init'],
    ...['--env', 'Q="<é>"', '--update-max-failure-ratio', '0.25', '--update-delay', '1m30s'],
    ...['--rollback-monitor', '7s', '--stop-grace-period', '3s', '--generic-resource', 'gpu=1'],
    ...['--endpoint-mode', 'dnsrr', '--hostname', '{{.Node.Hostname}}', '--stop-signal', 'SIGINT'],
    ...[image('ping', '1.0'), 'sh', '-c', 'echo "a  b" <&1', ''],
  ],
} satisfies Record<string, readonly string[]>;

const dockerOk = orThrow(docker);

/** The name of the rich service's network, secret and config. */
const resourceName = uniqueName('reading');

/** The services' names. They are set before anything is created, so cleaning up works after a failure too. */
export const NAMES = Object.fromEntries(
  Object.keys(SERVICES).map((kind) => [kind, uniqueName(`reading-${kind.toLowerCase()}`)]),
) as Readonly<Record<keyof typeof SERVICES, string>>;

/** Creates the services and waits until their tasks do not change any more. */
export async function makeHistory(): Promise<void> {
  await dockerOk('network', 'create', '-d', 'overlay', resourceName);
  for (const kind of ['secret', 'config']) await dockerOk(kind, 'create', resourceName, '/etc/hostname');
  for (const [kind, flags] of Object.entries(SERVICES)) {
    const args = flags.map((arg) => arg.replace('%s', resourceName));
    await dockerOk('service', 'create', '-dq', '--name', NAMES[kind as keyof typeof NAMES], ...args);
  }
  await Promise.all([update(NAMES.updated), update(NAMES.global), settled()]);
}

/** Removes the services, the network, the secret and the config, as far as they exist. */
export async function removeHistory(): Promise<void> {
  await removeServices(...Object.values(NAMES));
  for (const kind of ['secret', 'config', 'network']) {
    await until(`${kind} ${resourceName} to go`, async () => {
      const { code, stderr } = await docker([kind, 'rm', resourceName]);
      return code === 0 || /not found|no such/i.test(stderr) || undefined;
    });
  }
}

/** Does two updates: one that completes, one that the engine rolls back. */
async function update(name: string): Promise<void> {
  // A busy engine may call a rollback "completed", too (seen on 28.5).
  const completed = () =>
    until(`${name} to be as after its first update`, async () => {
      const { UpdateStatus, Spec } = await storedService(name);
      const isBack = Spec.TaskTemplate.ContainerSpec?.Image?.includes('/ping:1.1@') === true;
      return (isBack && UpdateStatus?.State?.endsWith('completed')) || undefined;
    });
  await running(name, 2);
  const fast = ['--update-parallelism', '0', '--update-monitor', '1s', '--rollback-monitor', '1s'];
  await dockerOk('service', 'update', '-dq', ...fast, '--image', image('ping', '1.1'), name);
  await completed();
  // A busy engine may report the failure seconds late. The monitor period is long, but ends with the failure.
  const failing = ['--update-monitor', '30s', '--update-failure-action', 'rollback'];
  await dockerOk('service', 'update', '-dq', ...failing, '--image', image('crash', '1.0'), name);
  await completed();
  // The engine may report `rollback_completed` while the last task is still starting.
  await until(`${name} to run again`, async () => {
    const wanted = (await storedTasks(name)).filter(({ DesiredState }) => DesiredState !== 'shutdown');
    return wanted.every(({ Status }) => Status.State === 'running') || undefined;
  });
}

/** Waits until the services that are not updated have the tasks that tests expect. */
async function settled(): Promise<void> {
  const all = (name: string, isThere: (tasks: readonly Task[]) => boolean) =>
    until(`${name} to settle`, async () => isThere(await storedTasks(name)) || undefined);
  const inState = (state: string, count: number) => (tasks: readonly Task[]) =>
    tasks.filter(({ Status }) => Status.State === state).length >= count;
  const nodes = (await api<unknown[]>('/nodes')).length;
  await Promise.all([
    all(NAMES.crashed, inState('failed', 3)),
    all(NAMES.job, inState('complete', 3)),
    all(NAMES.globalJob, inState('complete', nodes)),
    all(NAMES.noImage, inState('rejected', 1)),
    all(NAMES.pending, (tasks) => tasks.some(({ Status }) => (Status.Err ?? '') !== '')),
    running(NAMES.healthy, 1),
    running(NAMES.hostNetwork, 1),
  ]);
}

/** Waits until at least `count` tasks run. */
const running = (name: string, count: number) =>
  until(
    `${name} to run`,
    async () =>
      (await storedTasks(name)).filter(({ Status }) => Status.State === 'running').length >= count ||
      undefined,
  );
