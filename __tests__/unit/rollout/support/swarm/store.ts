/** The clock of the swarm, and everything that writes to its store. */
import { isOnEachNode, isTerminal, nodeOf, rank } from './model.ts';
import type { Service, StoredSpec, Swarm, SwarmNode, Task, Timer } from './model.ts';

/** Runs something later. Timers of the same time run in the order in which they were set. */
export function later(swarm: Swarm, ms: number, run: () => void): Timer {
  const timer: Timer = { at: swarm.now + ms, run, isCancelled: false };
  const { timers } = swarm;
  let index = timers.length;
  while (index > 0 && (timers[index - 1]?.at ?? 0) > timer.at) index -= 1;
  timers.splice(index, 0, timer);
  return timer;
}

/** Lets time pass. */
export function advance(swarm: Swarm, until: number): void {
  const { timers } = swarm;
  for (let next = timers[0]; next !== undefined && next.at <= until; next = timers[0]) {
    timers.shift();
    if (next.isCancelled) continue;
    swarm.now = next.at;
    next.run();
  }
  swarm.now = until;
}

/** Has the manager do what is due, a moment later. */
export function wake(swarm: Swarm): void {
  if (swarm.willReact) return;
  swarm.willReact = true;
  later(swarm, swarm.speeds.reaction, () => {
    swarm.willReact = false;
    swarm.react(swarm);
  });
}

export function changed(swarm: Swarm, what: keyof Swarm['revisions']): void {
  swarm.revisions[what] += 1;
  wake(swarm);
}

export function setState(swarm: Swarm, task: Task, state: string): void {
  task.state = state;
  task.since = swarm.now;
  if (state === 'running') task.runningSince = swarm.now;
  if (isTerminal(task)) swarm.ended.push(task);
  changed(swarm, 'tasks');
}

/** Desired states only go forward. */
export function setDesired(swarm: Swarm, task: Task, desired: string): void {
  if (rank(desired) <= rank(task.desired)) return;
  task.desired = desired;
  changed(swarm, 'tasks');
}

/** Writes some fields of the service; every write gives it a new version. */
export function writeService(swarm: Swarm, service: Service, fields: Partial<Service>): void {
  swarm.service = { ...service, ...fields, version: service.version + 1 };
  swarm.written = { ...swarm.written, service: true };
  changed(swarm, 'service');
}

export function writeNode(
  swarm: Swarm,
  node: SwarmNode,
  fields: Partial<Pick<SwarmNode, 'down' | 'availability'>>,
): void {
  Object.assign(node, fields);
  swarm.written = { ...swarm.written, nodes: [...swarm.written.nodes, node] };
  changed(swarm, 'nodes');
}

/** Creates a task in the slot, or on the node, of another. */
export function createTask(
  swarm: Swarm,
  { spec, specVersion }: StoredSpec,
  place: Pick<Task, 'slot' | 'node'>,
  desired: string,
): Task {
  const number = (swarm.taskCounts.get(spec.template.id) ?? 0) + 1;
  swarm.taskCounts.set(spec.template.id, number);
  const task: Task = {
    id: `${spec.template.id}${number}`,
    number,
    slot: isOnEachNode(spec) ? 0 : place.slot,
    node: isOnEachNode(spec) ? place.node : undefined,
    template: spec.template,
    specVersion,
    createdAt: swarm.now,
    state: 'new',
    desired,
    since: swarm.now,
    runningSince: undefined,
    isGone: false,
    error: '',
    exitCode: undefined,
    work: undefined,
  };
  swarm.tasks.push(task);
  changed(swarm, 'tasks');
  return task;
}

export function deleteTasks(swarm: Swarm, tasks: readonly Task[]): void {
  if (tasks.length === 0) return;
  const gone = new Set(tasks);
  for (const { work } of tasks) if (work !== undefined) work.timer.isCancelled = true;
  swarm.tasks = swarm.tasks.filter((task) => !gone.has(task));
  changed(swarm, 'tasks');
}

/** A running task is killed from outside; nothing happens where none runs. */
export function kill(swarm: Swarm, index: number): void {
  const running = swarm.tasks.filter(
    (task) => task.state === 'running' && nodeOf(swarm, task)?.down === false,
  );
  const task = running[index % running.length];
  if (task === undefined) return;
  if (task.work !== undefined) task.work.timer.isCancelled = true;
  task.work = undefined;
  report(swarm, task, { state: 'failed', error: 'task: non-zero exit (137)', exitCode: 137 });
}

/** What has become of a task on its node. The manager is told once it knows of the node. */
export interface Report {
  readonly state: string;
  readonly error?: string;
  readonly exitCode?: number;
}

export function report(swarm: Swarm, task: Task, told: Report): void {
  task.isGone = rank(told.state) > rank('running');
  if (swarm.now < swarm.reportsFrom) {
    task.work = {
      kind: task.work?.kind ?? 'start',
      timer: later(swarm, swarm.reportsFrom - swarm.now, () => report(swarm, task, told)),
    };
    return;
  }
  task.work = undefined;
  task.error = told.error ?? '';
  task.exitCode = told.exitCode;
  setState(swarm, task, told.state);
}
