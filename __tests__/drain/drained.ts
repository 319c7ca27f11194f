/** Services on the real swarm that a drain moves: what is given, what polls see of them, and what the engine stores. */
import { afterEach } from '@jest/globals';
import type { Node } from '../../src/api/cluster.ts';
import type { Task } from '../../src/api/service.ts';
import { expectCode } from '../integration/rollout/support.ts';
import {
  api,
  removeServices,
  startSwarmroll,
  storedService,
  storedTasks,
  swarmroll,
  uniqueName,
  until,
} from '../integration/support/swarm.ts';
import type { Ended } from '../integration/support/swarm.ts';

/** The label of a drain. */
export const LABEL = 'swarmroll.drain';

const created: string[] = [];
// What another test has left would be drained too.
afterEach(() => removeServices(...created.splice(0)));

/** A service, by its name, that is removed when the test is over. */
export function removedAfterwards(name: string): string {
  created.push(name);
  return name;
}

export const named = (stem: string): string => removedAfterwards(uniqueName(stem));

const BRISK = ['--restart-delay', '500ms', '--stop-grace-period', '2s', '--update-monitor', '1s'];

/**
 * A service that has converged, and at least one task of which is on the node.
 * @param count how many of its tasks have to be on the node
 */
export async function running(
  stem: string,
  words: readonly string[],
  { on = 'worker1', count = 1 }: { readonly on?: string; readonly count?: number } = {},
): Promise<string> {
  const name = named(stem);
  const { code, stderr } = await swarmroll(['create', '--quiet', '--name', name, ...BRISK, ...words]);
  if (code !== 0) throw new Error(`the service before did not converge: ${stderr}`);
  const here = await onNode(name, on);
  if (here.length < count) throw new Error(`${name} has ${here.length} tasks on ${on}`);
  return name;
}

export const nodeNamed = async (name: string): Promise<Node> => {
  const found = (await api<Node[]>('/nodes')).find(({ Description }) => Description?.Hostname === name);
  if (found === undefined) throw new Error(`no node ${name}`);
  return found;
};

const isRunning = ({ Status, DesiredState }: Task): boolean =>
  Status.State === 'running' && DesiredState === 'running';

/** The running tasks of a service on a node. */
export async function onNode(name: string, node: string): Promise<readonly Task[]> {
  const { ID } = await nodeNamed(node);
  return (await storedTasks(name)).filter((task) => task.NodeID === ID && isRunning(task));
}

/** Watches services until it is stopped, and gives the fewest running tasks that were seen of each. */
export function observed(...names: readonly string[]) {
  const fewest = new Map<string, number>();
  const ended = new AbortController();
  const isStopped = (): boolean => ended.signal.aborted;
  const poll = async (): Promise<void> => {
    while (!isStopped()) {
      for (const name of names) {
        const tasks = await storedTasks(name).catch(() => undefined);
        if (tasks !== undefined)
          fewest.set(name, Math.min(fewest.get(name) ?? Infinity, tasks.filter(isRunning).length));
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const polling = poll();
  return {
    stop: async (): Promise<readonly number[]> => {
      ended.abort();
      await polling;
      return names.map((name) => fewest.get(name) ?? NaN);
    },
  };
}

/** Drains a node while services are observed. @throws if the exit code is another one */
export async function drained(
  names: readonly string[],
  words: readonly string[],
  code = 0,
): Promise<Ended & { readonly fewest: readonly number[] }> {
  const watch = observed(...names);
  const ended = await swarmroll(['node', 'drain', '--timeout', '100s', ...words]);
  const fewest = await watch.stop();
  expectCode(ended, code);
  return { ...ended, fewest };
}

/** Kills a drain as soon as what is stored is as wanted. */
export async function killedWhen(
  words: readonly string[],
  what: string,
  isSo: () => Promise<boolean>,
): Promise<void> {
  const { child, ended } = startSwarmroll(['node', 'drain', ...words]);
  await until(what, async () => ((await isSo()) ? true : undefined));
  child.kill('SIGKILL');
  await ended;
}

/** What a drain must not leave in a service. */
export async function marks(name: string): Promise<object> {
  const { Spec } = await storedService(name);
  return {
    label: Spec.Labels?.[LABEL] !== undefined,
    constraints: Spec.TaskTemplate.Placement?.Constraints ?? [],
  };
}

export const UNMARKED = { label: false, constraints: [] };
