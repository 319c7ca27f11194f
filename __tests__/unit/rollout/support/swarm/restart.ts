/** How tasks are restarted: swarmkit manager/orchestrator/restart/restart.go. */
import { RUNNING, isTerminal, isWanted, keyOf, nodeOf, rank } from './model.ts';
import type { DelayedStart, Service, Swarm, Task } from './model.ts';
import { createTask, later, setDesired, wake } from './store.ts';

/** For so long a task waits for the one before it to stop (restart.go, defaultOldTaskTimeout). */
const OLD_TASK_TIMEOUT = 60_000;

/** Stops a task for good, and creates its successor in the same transaction if there is to be one (Restart). */
export function restart(swarm: Swarm, service: Service, task: Task): void {
  for (const delayedStart of swarm.delayedStarts) {
    if (delayedStart.task !== task) continue;
    delayedStart.restartAfterwards = true;
    return;
  }
  if (!isWanted(task)) return;
  setDesired(swarm, task, 'shutdown');
  if (!shouldRestart(swarm, service, task)) return;
  const successor = createTask(swarm, service, task, 'ready');
  record(swarm, service, successor);
  const node = nodeOf(swarm, task);
  delayStart(swarm, successor, {
    delay: node?.availability === 'drain' ? 0 : task.template.restartDelay,
    waitsFor: node?.down === true || isTerminal(task) ? undefined : task,
  });
}

/** Whether a task gets a successor, by its own restart policy (shouldRestart). */
export function shouldRestart(swarm: Swarm, { spec }: Service, task: Task): boolean {
  const { restart: condition, maxAttempts } = task.template;
  if (condition === 'none') return false;
  if (task.state === 'complete' && condition === 'on-failure') return false;
  if (maxAttempts === 0) return true;
  const history = swarm.restarts.get(keyOf(task, spec));
  return history?.specVersion !== task.specVersion || history.count < maxAttempts;
}

function record(swarm: Swarm, { spec }: Service, task: Task): void {
  if (task.template.maxAttempts === 0) return;
  const { specVersion } = task;
  const history = swarm.restarts.get(keyOf(task, spec));
  const count = history?.specVersion === specVersion ? history.count : 0;
  swarm.restarts.set(keyOf(task, spec), { specVersion, count: count + 1 });
}

/** Has a task start once a delay is over and another task has stopped (DelayStart). */
export function delayStart(
  swarm: Swarm,
  task: Task,
  { delay = 0, waitsFor }: { readonly delay?: number; readonly waitsFor?: Task | undefined },
): DelayedStart {
  const delayedStart: DelayedStart = {
    task,
    readyAt: swarm.now + delay,
    giveUpAt: swarm.now + OLD_TASK_TIMEOUT,
    waitsFor: waitsFor !== undefined && !isTerminal(waitsFor) ? waitsFor : undefined,
    restartAfterwards: false,
  };
  swarm.delayedStarts.add(delayedStart);
  later(swarm, delay, () => wake(swarm));
  if (delayedStart.waitsFor !== undefined) later(swarm, OLD_TASK_TIMEOUT, () => wake(swarm));
  return delayedStart;
}

/** Starts the tasks that have waited long enough (StartNow). */
export function startDelayed(swarm: Swarm): void {
  for (const delayedStart of swarm.delayedStarts) {
    const { task, readyAt, giveUpAt, waitsFor, restartAfterwards } = delayedStart;
    if (swarm.now < readyAt) continue;
    const isFree = waitsFor === undefined || isTerminal(waitsFor) || nodeOf(swarm, waitsFor)?.down === true;
    if (!isFree && swarm.now < giveUpAt) continue;
    swarm.delayedStarts.delete(delayedStart);
    if (rank(task.desired) < RUNNING) setDesired(swarm, task, 'running');
    if (restartAfterwards && swarm.service !== undefined) restart(swarm, swarm.service, task);
  }
}

/**
 * The tasks of a slot that an update has to look at; none where the slot is to be filled anew (UpdatableTasksInSlot). The
 * last task of a slot that is not restarted counts.
 */
export function updatableTasks(swarm: Swarm, service: Service, tasks: readonly Task[]): readonly Task[] {
  const live = tasks.filter(({ desired }) => rank(desired) <= RUNNING);
  if (live.length > 0 || service.update?.state === 'rollback_started') return live;
  const [first, ...rest] = tasks;
  if (first === undefined) return [];
  const newest = rest.reduce((last, task) => (task.since > last.since ? task : last), first);
  return shouldRestart(swarm, service, newest) ? [] : [newest];
}

/** Tasks by their slots or nodes. */
export function bySlot(tasks: readonly Task[], { spec }: Service): Map<string, Task[]> {
  const slots = new Map<string, Task[]>();
  for (const task of tasks) {
    const key = keyOf(task, spec);
    const slot = slots.get(key);
    if (slot === undefined) slots.set(key, [task]);
    else slot.push(task);
  }
  return slots;
}
