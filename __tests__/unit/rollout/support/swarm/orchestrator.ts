/** How replicated and global services get their tasks: swarmkit manager/orchestrator/replicated and global. */
import { RUNNING, isInvalid, isOfSpec, isTerminal, matches, nodeOf, rank } from './model.ts';
import type { Service, Swarm, SwarmNode, Task, Written } from './model.ts';
import { bySlot, restart, updatableTasks } from './restart.ts';
import { createTask, deleteTasks, setDesired } from './store.ts';
import { beginUpdate } from './updater.ts';

/** Restarts what has ended or lost its node, then brings the slots in line with the spec. */
export function orchestrateReplicated(
  swarm: Swarm,
  service: Service,
  replicas: number,
  isWritten: boolean,
): void {
  for (const task of [...swarm.tasks]) {
    if (rank(task.desired) > RUNNING) continue;
    const node = nodeOf(swarm, task);
    if (isTerminal(task) || (node !== undefined && isInvalid(node))) restart(swarm, service, task);
  }
  if (isWritten) reconcileSlots(swarm, service, replicas);
}

/** replicated/services.go, reconcile. */
function reconcileSlots(swarm: Swarm, service: Service, replicas: number): void {
  const live: (readonly Task[])[] = [];
  const dead = new Map<string, readonly Task[]>();
  for (const [key, tasks] of bySlot(swarm.tasks, service)) {
    const updatable = updatableTasks(swarm, service, tasks);
    if (updatable.length > 0) live.push(updatable);
    else dead.set(key, tasks);
  }
  const kept = live.length > replicas ? inOrderOfKeeping(live).slice(0, replicas) : live;
  beginUpdate(swarm, service, kept);
  const taken = new Set(live.map(([task]) => task?.slot));
  let slot = 0;
  for (let missing = replicas - live.length; missing > 0; missing -= 1) {
    do slot += 1;
    while (taken.has(slot));
    dead.delete(String(slot));
    createTask(swarm, service, { slot, node: undefined }, 'running');
  }
  deleteTasks(swarm, [...dead.values()].flat());
  for (const task of live.filter((tasks) => !kept.includes(tasks)).flat()) setDesired(swarm, task, 'remove');
}

/** Slots that run first; of these, those whose node has the fewest (replicated/slot.go). */
function inOrderOfKeeping(slots: readonly (readonly Task[])[]): (readonly Task[])[] {
  const runs = (tasks: readonly Task[]): number => (tasks.some(({ state }) => state === 'running') ? 0 : 1);
  const slotOf = ([task]: readonly Task[]): number => task?.slot ?? 0;
  const onNode = new Map<string, number>();
  return [...slots]
    .sort((a, b) => runs(a) - runs(b) || slotOf(a) - slotOf(b))
    .map((tasks) => {
      const node = tasks.length === 1 ? tasks[0]?.node : undefined;
      if (node === undefined) return { tasks, index: Infinity };
      const index = (onNode.get(node) ?? 0) + 1;
      onNode.set(node, index);
      return { tasks, index };
    })
    .sort((a, b) => (a.index === b.index ? 0 : a.index - b.index))
    .map(({ tasks }) => tasks);
}

/** Shuts down what is on nodes that are not eligible, restarts what has ended, and gives each eligible node a task. */
export function orchestrateGlobal(swarm: Swarm, service: Service, written: Written): void {
  if (written.service) reconcileNodes(swarm, service);
  for (const node of written.nodes) reconcileNode(swarm, service, node);
  for (const task of [...swarm.tasks]) {
    const node = nodeOf(swarm, task);
    if (rank(task.desired) > RUNNING || !isTerminal(task) || node === undefined || isInvalid(node)) continue;
    if (node.availability === 'pause' || !matches(node, service.spec.template))
      setDesired(swarm, task, 'shutdown');
    else restart(swarm, service, task);
  }
}

const shutDown = (swarm: Swarm, tasks: readonly Task[]): void => {
  for (const task of tasks) setDesired(swarm, task, 'shutdown');
};

/** global/global.go, reconcileServices. */
function reconcileNodes(swarm: Swarm, service: Service): void {
  const slots = bySlot(swarm.tasks, service);
  const updates: (readonly Task[])[] = [];
  for (const node of swarm.nodes) {
    const tasks = updatableTasks(swarm, service, slots.get(node.id) ?? []);
    if (isInvalid(node) || !matches(node, service.spec.template)) {
      shutDown(swarm, tasks);
    } else if (node.availability !== 'pause') {
      if (tasks.length === 0) createTask(swarm, service, { slot: 0, node: node.id }, 'running');
      else updates.push(tasks);
    }
  }
  if (updates.length > 0) beginUpdate(swarm, service, updates);
}

/** global/global.go, reconcileOneNode. */
function reconcileNode(swarm: Swarm, service: Service, node: SwarmNode): void {
  const onNode = swarm.tasks.filter((task) => task.node === node.id);
  if (isInvalid(node)) {
    shutDown(swarm, onNode);
    return;
  }
  if (node.availability === 'pause' || !matches(node, service.spec.template)) return;
  const tasks = updatableTasks(swarm, service, onNode);
  const clean = tasks.filter((task) => isOfSpec(task, service));
  if (clean.length === 0) createTask(swarm, service, { slot: 0, node: node.id }, 'running');
  shutDown(
    swarm,
    tasks.filter((task) => task !== clean[0]),
  );
}
