/** Makes a change on the real swarm, and compares how many of its tasks find a node with what `--dry-run` has said. */
import type { Node } from '../../../src/api/cluster.ts';
import type { Service, ServiceSpec, Task } from '../../../src/api/service.ts';
import { ENDING, ON_NODE } from '../../../src/rollout/slots.ts';
import {
  api,
  image,
  removeServices,
  storedService,
  storedTasks,
  swarmroll,
  uniqueName,
  until,
} from '../support/swarm.ts';

/** What is there, and the change. Words are separated by spaces; amounts such as "cpu60" are percents of a node. */
export interface Row {
  /** The flags of `create` of services that are there before. */
  readonly others?: readonly string[];
  /** Those of the service itself, and the updates that it gets before the change. Absent: the change creates it. */
  readonly before?: string;
  readonly updates?: readonly string[];
  /** "create FLAGS", "update FLAGS", "rollback", "restart", or a number of replicas for `scale`. */
  readonly change: string;
}

/** The prediction, and what came of it. */
export interface Placed {
  readonly wanted: number;
  readonly least: number;
  readonly most: number;
  readonly actual: number;
  readonly risks: readonly string[];
}

/** Flags that shorten the waits. The engine refuses settings of updates for jobs. */
const quick = (flags: string): readonly string[] => [
  ...(/-job/.test(flags) ? [] : ['--update-monitor', '1ms', '--rollback-monitor', '1ms']),
  '--stop-grace-period',
  '1s',
];

/** The CPUs and bytes of one node; all nodes of the test swarm are alike. */
const nodeSize = async (): Promise<readonly [cpus: number, bytes: number]> => {
  const [node] = await api<Node[]>('/nodes');
  const { NanoCPUs = 0, MemoryBytes = 0 } = node?.Description?.Resources ?? {};
  return [NanoCPUs / 1e9, MemoryBytes];
};

let port = 21_000;

/** Creates services, and replaces the words of a row by what they stand for. */
interface Bench {
  readonly words: (text: string) => string[];
  /** @returns the service's name */
  readonly create: (flags: string) => Promise<string>;
  /** A name for a service that the change creates. */
  readonly newName: () => string;
}

/** Runs a row, and removes its services. */
async function onBench<T>(row: (bench: Bench) => Promise<T>): Promise<T> {
  const [cpus, bytes] = await nodeSize();
  const own = (port += 10);
  const words = (text: string): string[] =>
    text
      .split(' ')
      .filter((word) => word !== '')
      .map((word) =>
        word
          .replace(/^cpu(\d+)$/, (_, percent) => ((cpus * Number(percent)) / 100).toFixed(4))
          .replace(/^mem(\d+)$/, (_, percent) => `${Math.floor((bytes * Number(percent)) / 100)}`)
          .replace(/PORT(\d)/, (_, index) => String(own + Number(index))),
      );
  const names: string[] = [];
  const newName = (): string => {
    const name = uniqueName('place');
    names.push(name);
    return name;
  };
  const create = async (flags: string): Promise<string> => {
    const name = newName();
    await run('create', '--detach', '--name', name, ...quick(flags), ...words(flags), image('ping', '1.0'));
    if (!/--replicas 0/.test(flags)) await begun(name, '');
    await settled(name);
    return name;
  };
  try {
    return await row({ words, create, newName });
  } finally {
    const ids = await Promise.all(names.map((name) => storedService(name).then(({ ID }) => ID)));
    await removeServices(...names);
    // What they have of their nodes is missing until their tasks have stopped.
    await until('the tasks to have left their nodes', async () => {
      const tasks = await api<Task[]>('/tasks');
      const isLeft = (task: Task): boolean => ids.includes(task.ServiceID) && ON_NODE.has(task.Status.State);
      return tasks.some(isLeft) ? undefined : true;
    });
  }
}

/** Runs a row, and removes its services. */
export const placed = ({ others = [], before, updates = [], change }: Row): Promise<Placed> =>
  onBench(async ({ words, create, newName }) => {
    for (const flags of others) await create(flags);
    const name = before === undefined ? newName() : await create(before);
    for (const flags of updates) {
      const last = await tasksOf(name);
      await run('update', '--detach', ...words(flags), name);
      await begun(name, last);
      await settled(name);
    }
    const [command = '', ...flags] = words(change);
    const line =
      command === 'create'
        ? ['create', '--name', name, ...quick(change), ...flags, image('ping', '1.0')]
        : /^\d+$/.test(command)
          ? ['scale', `${name}=${command}`]
          : [command, ...flags, name];
    return (await changed(line, before === undefined ? [] : [name], [name]))[0] as Placed;
  });

/**
 * Several services that one command changes.
 * @param befores the flags of `create` of each
 * @param change "restart", or the replicas of each: "5 5"
 */
export const placedTogether = (befores: readonly string[], change: string): Promise<readonly Placed[]> =>
  onBench(async ({ create }) => {
    const names: string[] = [];
    for (const flags of befores) names.push(await create(flags));
    const counts = change.split(' ');
    const line =
      change === 'restart'
        ? ['restart', ...names]
        : ['scale', ...names.map((name, index) => `${name}=${counts[index] ?? ''}`)];
    return changed(line, names, names);
  });

/** Makes a change of these services. @param existing those that are there before */
async function changed(
  line: readonly string[],
  existing: readonly string[],
  names: readonly string[],
): Promise<Placed[]> {
  const onNodes = async (name: string): Promise<Task[]> => (await storedTasks(name)).filter(isPlaced);
  const known = new Set((await Promise.all(existing.map(onNodes))).flat().map(({ ID }) => ID));
  const plans = await plansOf(line);
  const placedNow = async (name: string): Promise<number> =>
    (await onNodes(name)).filter(({ ID }) => !known.has(ID)).length;
  await run(...withFlags(line, '--detach'));
  // However slow the engine is, it gets the time to place as many as planned.
  for (const [index, { least }] of plans.entries()) {
    const name = names[index] ?? '';
    const isSo = async () => (await placedNow(name)) >= least || undefined;
    await until(`${least} tasks of ${name} to have a node`, isSo).catch(() => undefined);
  }
  // A service that waits may go on once another one has settled.
  for (const name of [...names, ...names.slice(0, -1)]) await settled(name);
  const actual = await Promise.all(names.map(placedNow));
  return plans.map((plan, index) => ({ ...plan, actual: actual[index] ?? NaN }));
}

async function run(...line: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await swarmroll(line);
  if (code !== 0) throw new Error(`swarmroll ${line.join(' ')}: ${code} ${stderr}`);
  return stdout;
}

interface Planned {
  readonly placed: Pick<Placed, 'wanted' | 'least' | 'most'>;
  readonly risks: readonly { readonly message: string }[];
}

/** Flags stand before the operands: on `create`, all after the image belongs to the container. */
const withFlags = ([verb = '', ...rest]: readonly string[], ...flags: readonly string[]): string[] => [
  verb,
  ...flags,
  ...rest,
];

async function plansOf(line: readonly string[]): Promise<Omit<Placed, 'actual'>[]> {
  const object = JSON.parse(await run(...withFlags(line, '--dry-run', '-o', 'json'))) as Planned & {
    services?: Planned[];
  };
  return (object.services ?? [object]).map(({ placed: numbers, risks }) => ({
    ...numbers,
    risks: risks.map(({ message }) => message),
  }));
}

const isLeaving = ({ DesiredState }: Task): boolean => ENDING.has(DesiredState);
const isPlaced = (task: Task): boolean => ON_NODE.has(task.Status.State) && !isLeaving(task);
const isWaiting = ({ Status }: Task): boolean => ['new', 'pending'].includes(Status.State);

/** How long nothing must have moved (ms). The scheduler waits for 50 ms after a change. */
const STILL = 500;

/** The ids and desired states of a service's tasks, as a text: what the engine changes first. */
const tasksOf = async (name: string): Promise<string> =>
  (await storedTasks(name))
    .map(({ ID, DesiredState }) => `${ID} ${DesiredState}`)
    .sort()
    .join();

/** Waits until the engine has begun with a change. @param last the tasks before it */
const begun = (name: string, last: string): Promise<true> =>
  until(`the engine to begin with ${name}`, async () => (await tasksOf(name)) !== last || undefined);

/** Waits until every task of a service runs or waits for ever. */
async function settled(name: string): Promise<void> {
  let last = '';
  let since = Date.now();
  await until(
    `the tasks of ${name} to settle`,
    async () => {
      const [service, tasks] = await Promise.all([storedService(name), storedTasks(name)]);
      const state = JSON.stringify([
        service.UpdateStatus?.State,
        tasks.map(({ ID, Status, DesiredState }) => [ID, Status.State, Status.Err, DesiredState]).sort(),
      ]);
      if (state !== last) [last, since] = [state, Date.now()];
      return (Date.now() - since >= STILL && isStill(service, tasks)) || undefined;
    },
    150_000,
  );
}

/** Whether the engine can't go on: no task is on its way, and every worker of an update waits for a node. */
function isStill({ UpdateStatus, Spec }: Service, tasks: readonly Task[]): boolean {
  const current = tasks.filter(
    (task) => !isLeaving(task) && !['complete', 'failed', 'rejected', 'shutdown'].includes(task.Status.State),
  );
  const isMoving =
    tasks.some((task) => isLeaving(task) && ON_NODE.has(task.Status.State)) ||
    current.some(({ Status }) => ON_NODE.has(Status.State) && Status.State !== 'running');
  if (isMoving) return false;
  const waiting = current.filter(isWaiting);
  if (waiting.some(({ Status }) => (Status.Err ?? '') === '')) return false;
  if (!['updating', 'rollback_started'].includes(UpdateStatus?.State ?? ''))
    return current.length >= wantedOf(Spec);
  return waiting.length > 0;
}

const wantedOf = ({ Mode }: ServiceSpec): number =>
  Mode?.Replicated?.Replicas ??
  Math.min(Mode?.ReplicatedJob?.MaxConcurrent ?? 0, Mode?.ReplicatedJob?.TotalCompletions ?? 0);
