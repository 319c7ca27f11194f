/** The scheduler and the nodes: how a task gets onto a node, and through its states there. */
import { isOnNode, isTerminal, isWanted, matches, nodeOf, rank } from './model.ts';
import type { Behaviour, Speeds, Swarm, SwarmNode, Task } from './model.ts';
import { later, report, setState } from './store.ts';
import type { Report } from './store.ts';

const NO_NODE = 'no suitable node (scheduling constraints not satisfied on 3 nodes)';

/** Gives tasks without a node one that is active, up and allowed, with the fewest tasks. */
export function schedule(swarm: Swarm): void {
  for (const task of swarm.tasks) {
    if (rank(task.state) > rank('pending') || !isWanted(task)) continue;
    const node = suitableNode(swarm, task);
    if (node !== undefined) {
      task.node = node.id;
      task.error = '';
      setState(swarm, task, 'assigned');
    } else if (task.error === '') {
      task.error = NO_NODE;
      setState(swarm, task, 'pending');
    }
  }
}

function suitableNode(swarm: Swarm, task: Task): SwarmNode | undefined {
  const load = ({ id }: SwarmNode): number =>
    swarm.tasks.filter((one) => one.node === id && !isTerminal(one) && isWanted(one)).length;
  return swarm.nodes
    .filter((node) => task.node === undefined || node.id === task.node)
    .filter((node) => !node.down && node.availability === 'active' && matches(node, task.template))
    .sort((a, b) => load(a) - load(b))[0];
}

/** Lets the nodes that are up take the next step with each of their tasks. A node that is down reports nothing. */
export function workOnTasks(swarm: Swarm): void {
  for (const task of swarm.tasks) {
    if (!isOnNode(task)) continue;
    const kind = isWanted(task) ? 'start' : 'stop';
    const isDown = nodeOf(swarm, task)?.down !== false;
    if (task.work !== undefined && !task.isGone && (isDown || task.work.kind !== kind)) {
      task.work.timer.isCancelled = true;
      task.work = undefined;
    }
    if (isDown || task.work !== undefined) continue;
    const step =
      kind === 'stop' ? { state: 'shutdown', after: swarm.speeds.stop } : nextStep(task, swarm.speeds);
    if (step === undefined) continue;
    const timer = later(swarm, step.after, () => report(swarm, task, step));
    task.work = { kind, timer };
  }
}

interface Step extends Report {
  readonly after: number;
}

/** Undefined where nothing happens by itself. */
function nextStep(
  { state, desired, template: { behaviour }, number }: Task,
  speeds: Speeds,
): Step | undefined {
  switch (state) {
    case 'assigned':
      return { state: 'preparing', after: 1 };
    case 'preparing':
      return behaviour.kind === 'missing'
        ? { state: 'rejected', after: speeds.pull, error: 'No such image: registry/web' }
        : { state: 'ready', after: speeds.pull };
    case 'ready':
      // It waits until it is to start (swarmkit agent/exec/controller.go, Do).
      return desired === 'ready' ? undefined : { state: 'starting', after: 1 };
    case 'starting':
      if (behaviour.kind === 'hangs') return undefined;
      // The container has ended before the engine calls the task running (moby .../container/controller.go, Start).
      return { state: 'running', after: behaviour.kind === 'unhealthy' ? behaviour.after : speeds.start };
    default:
      return endOf(behaviour, number);
  }
}

function endOf(behaviour: Behaviour, number: number): Step | undefined {
  const crash = (after: number): Step => ({
    state: 'failed',
    after,
    error: 'task: non-zero exit (3)',
    exitCode: 3,
  });
  switch (behaviour.kind) {
    case 'crashes':
      return crash(behaviour.after);
    case 'recovers':
      return number <= behaviour.crashes ? crash(behaviour.after) : undefined;
    case 'unhealthy':
      return { state: 'complete', after: 1, exitCode: 0 };
    case 'ends':
      return { state: 'complete', after: behaviour.after, exitCode: 0 };
    default:
      return undefined;
  }
}
