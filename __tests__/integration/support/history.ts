/** Services with a past, made by the real docker client: for the reading commands. They stay as they are. */
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

/** What each service is; `%s` is a name of its own for what it needs beside it. */
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

const make = orThrow(docker);

/** The rich service's secret, config and network. */
const beside = uniqueName('reading');

/** Known before anything is made, so that what a failure left can be removed. */
export const NAMES = Object.fromEntries(
  Object.keys(SERVICES).map((kind) => [kind, uniqueName(`reading-${kind.toLowerCase()}`)]),
) as Readonly<Record<keyof typeof SERVICES, string>>;

/** Makes the services and waits until nothing of them moves any more. */
export async function makeHistory(): Promise<void> {
  await make('network', 'create', '-d', 'overlay', beside);
  for (const kind of ['secret', 'config']) await make(kind, 'create', beside, '/etc/hostname');
  for (const [kind, flags] of Object.entries(SERVICES)) {
    const words = flags.map((word) => word.replace('%s', beside));
    await make('service', 'create', '-dq', '--name', NAMES[kind as keyof typeof NAMES], ...words);
  }
  await Promise.all([update(NAMES.updated), update(NAMES.global), settled()]);
}

/** Removes them and what they use, as far as they were made. */
export async function removeHistory(): Promise<void> {
  await removeServices(...Object.values(NAMES));
  for (const kind of ['secret', 'config', 'network']) {
    await until(`${kind} ${beside} to go`, async () => {
      const { code, stderr } = await docker([kind, 'rm', beside]);
      return code === 0 || /not found|no such/i.test(stderr) || undefined;
    });
  }
}

/** Two updates: one that takes, one that the engine rolls back. */
async function update(name: string): Promise<void> {
  const stateOf = async () => (await storedService(name)).UpdateStatus?.State;
  const reaches = (wanted: string) =>
    until(`${name} to be ${wanted}`, async () => (await stateOf()) === wanted || undefined, 60_000);
  await running(name, 2);
  const fast = ['--update-parallelism', '0', '--update-monitor', '1s', '--rollback-monitor', '1s'];
  await make('service', 'update', '-dq', ...fast, '--image', image('ping', '1.1'), name);
  await reaches('completed');
  // A busy engine may tell of the failure seconds late; once it does, the long monitor ends.
  const failing = ['--update-monitor', '30s', '--update-failure-action', 'rollback'];
  await make('service', 'update', '-dq', ...failing, '--image', image('crash', '1.0'), name);
  await reaches('rollback_completed');
  // The engine may say so while the last task is still on its way.
  await until(`${name} to run again`, async () => {
    const wanted = (await storedTasks(name)).filter(({ DesiredState }) => DesiredState !== 'shutdown');
    return wanted.every(({ Status }) => Status.State === 'running') || undefined;
  });
}

async function settled(): Promise<void> {
  const all = (name: string, isThere: (tasks: readonly Task[]) => boolean) =>
    until(`${name} to settle`, async () => isThere(await storedTasks(name)) || undefined, 60_000);
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

/** Waits for so many running tasks. */
const running = (name: string, count: number) =>
  until(
    `${name} to run`,
    async () =>
      (await storedTasks(name)).filter(({ Status }) => Status.State === 'running').length >= count ||
      undefined,
    60_000,
  );
