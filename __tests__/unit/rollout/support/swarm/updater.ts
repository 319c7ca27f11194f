/** How an update or rollback replaces tasks: swarmkit manager/orchestrator/update/updater.go. */
import { RUNNING, isOfSpec, isTerminal, rank } from './model.ts';
import type { Captured, Service, Swarm, Task, Updater, Worker } from './model.ts';
import { delayStart } from './restart.ts';
import { createTask, deleteTasks, later, setDesired, wake, writeService } from './store.ts';

/** Begins to update the slots, unless that is in progress already (Supervisor.Update, Updater.Run). */
export function beginUpdate(swarm: Swarm, service: Service, slots: readonly (readonly Task[])[]): void {
  if (swarm.updater !== undefined && isSameSpec(swarm.updater.stored, service)) return;
  swarm.updater = undefined;
  const { spec, update } = service;
  if (update?.state === 'paused' || update?.state === 'rollback_paused') return;
  const dirty = slots.filter((slot) => slot.length > 1 || slot.some((task) => !isOfSpec(task, service)));
  if (dirty.length === 0) {
    if (update?.state === 'updating' || update?.state === 'rollback_started') complete(swarm);
    return;
  }
  if (update === undefined) {
    setStatus(swarm, { state: 'updating', message: 'update in progress', startedAt: swarm.now });
  }
  const isRollback = update?.state === 'rollback_started';
  const policy = isRollback ? spec.rollbackPolicy : spec.updatePolicy;
  const workers = policy.parallelism === 0 ? dirty.length : policy.parallelism;
  swarm.updater = {
    stored: service,
    isRollback,
    policy,
    dirtyCount: dirty.length,
    queue: dirty.map((slot) => slot.map((task) => ({ task, desired: task.desired }))),
    workers: Array.from({ length: Math.min(workers, dirty.length) }, idleWorker),
    created: new Map(),
    failed: new Set(),
    isStopped: false,
    monitorsUntil: undefined,
  };
  wake(swarm);
}

const idleWorker = (): Worker => ({
  phase: 'idle',
  slot: [],
  task: undefined,
  delayedStart: undefined,
  until: 0,
});

const isSameSpec = (a: { readonly spec: object }, b: { readonly spec: object }): boolean =>
  a.spec === b.spec || JSON.stringify(a.spec) === JSON.stringify(b.spec);

/** Lets the update take all the steps that are due. */
export function runUpdater(swarm: Swarm): void {
  const { updater } = swarm;
  if (updater === undefined) return;
  for (const worker of updater.workers) stepWorker(swarm, updater, worker);
  while (!updater.isStopped && updater.queue.length > 0 && !hasToStop(swarm, updater)) {
    const worker = updater.workers.find(({ phase }) => phase === 'idle');
    if (worker === undefined) return;
    replace(swarm, updater, worker, updater.queue.shift() ?? []);
    stepWorker(swarm, updater, worker);
  }
  if (updater.workers.some(({ phase }) => phase !== 'idle')) return;
  if (!updater.isStopped && updater.monitorsUntil === undefined) {
    updater.monitorsUntil = swarm.now + monitorOf(updater);
    later(swarm, monitorOf(updater), () => wake(swarm));
  }
  const isOver = updater.isStopped || hasToStop(swarm, updater);
  if (!isOver && swarm.now < (updater.monitorsUntil ?? 0)) return;
  swarm.updater = undefined;
  if (!isOver) complete(swarm);
}

/** Whatever the policy says, the monitor period covers the delay once all slots are handed out. */
const monitorOf = ({ policy, queue }: Updater): number =>
  queue.length === 0 && policy.delay >= policy.monitor ? policy.delay + 1_000 : policy.monitor;

/** A worker gets a slot: it uses a task of the new spec that is there, or creates one. */
function replace(swarm: Swarm, updater: Updater, worker: Worker, slot: readonly Captured[]): void {
  worker.slot = slot;
  worker.task = undefined;
  worker.delayedStart = undefined;
  worker.phase = 'delayedStart';
  const clean = slot.filter(({ task }) => isOfSpec(task, updater.stored));
  const existing =
    clean.find(({ desired }) => desired === 'running') ??
    clean.find(({ desired }) => rank(desired) < RUNNING);
  if (existing !== undefined) {
    const others = slot.filter((one) => one !== existing);
    const old = removeOld(swarm, others);
    if (old !== 'failed' && existing.desired !== 'running') {
      worker.delayedStart = delayStart(swarm, existing.task, { waitsFor: old });
    }
    return;
  }
  const [first] = slot;
  if (first === undefined) return;
  const task = createTask(swarm, updater.stored, first.task, 'ready');
  updater.created.set(task, undefined);
  const old = updater.policy.order === 'start-first' ? undefined : removeOld(swarm, slot);
  // The transaction fails as a whole.
  if (old === 'failed') {
    deleteTasks(swarm, [task]);
    return;
  }
  worker.task = task;
  worker.delayedStart = delayStart(swarm, task, { waitsFor: old });
}

function stepWorker(swarm: Swarm, updater: Updater, worker: Worker): void {
  const { task, slot } = worker;
  const { delay, order } = updater.policy;
  if (worker.phase === 'delayedStart') {
    if (worker.delayedStart !== undefined && swarm.delayedStarts.has(worker.delayedStart)) return;
    worker.phase = 'starting';
  }
  if (worker.phase === 'starting') {
    // There is no timeout: a task that never gets to "running" holds the update up for ever.
    if (task !== undefined && rank(task.state) < RUNNING) return;
    if (task !== undefined) updater.created.set(task, swarm.now);
    if (task?.state === 'running' && order === 'start-first') removeOld(swarm, slot);
    worker.phase = 'delaying';
    worker.until = swarm.now + delay;
    if (delay > 0) later(swarm, delay, () => wake(swarm));
  }
  if (worker.phase === 'delaying' && swarm.now >= worker.until) worker.phase = 'idle';
}

/** Shuts tasks down, and gives one of those that were; "failed" where another was faster with all of them. */
function removeOld(swarm: Swarm, slot: readonly Captured[]): Task | 'failed' | undefined {
  let removed: Task | undefined;
  let isFailed = false;
  for (const { task, desired } of slot) {
    if (rank(desired) > RUNNING) continue;
    if (rank(task.desired) > RUNNING || !swarm.tasks.includes(task)) {
      isFailed = true;
      continue;
    }
    setDesired(swarm, task, 'shutdown');
    removed = task;
  }
  return removed ?? (isFailed ? 'failed' : undefined);
}

/** Whether tasks of this update have ended too early; the failure action follows (failureTriggersAction). */
function hasToStop(swarm: Swarm, updater: Updater): boolean {
  const { created, failed, policy, isRollback } = updater;
  if (policy.failureAction === 'continue') return false;
  for (const [task, runningSince] of created) {
    if (!isTerminal(task) || failed.has(task)) continue;
    if (runningSince !== undefined && swarm.now - runningSince > monitorOf(updater)) continue;
    failed.add(task);
    if (failed.size / updater.dirtyCount <= policy.maxFailureRatio) continue;
    updater.isStopped = true;
    const cause = `due to failure or early termination of task ${task.id}`;
    if (policy.failureAction === 'pause' || isRollback) pause(swarm, cause);
    else rollBack(swarm, cause);
    return true;
  }
  return false;
}

function pause(swarm: Swarm, cause: string): void {
  if (swarm.service?.update?.state === 'rollback_started') {
    setStatus(swarm, { state: 'rollback_paused', message: `rollback paused ${cause}` });
  } else setStatus(swarm, { state: 'paused', message: `update paused ${cause}` });
}

/** The engine's own rollback leaves no previous spec (rollbackUpdate). */
function rollBack(swarm: Swarm, cause: string): void {
  const { service } = swarm;
  if (service?.update === undefined || service.previous === undefined) return;
  writeService(swarm, service, {
    ...service.previous,
    previous: undefined,
    author: 'engine',
    update: { ...service.update, state: 'rollback_started', message: `update rolled back ${cause}` },
  });
}

function complete(swarm: Swarm): void {
  const isRollback = swarm.service?.update?.state === 'rollback_started';
  setStatus(swarm, {
    ...(isRollback
      ? { state: 'rollback_completed', message: 'rollback completed' }
      : { state: 'completed', message: 'update completed' }),
    completedAt: swarm.now,
  });
}

/** A status is only begun where there is none, and only changed where there is one: every update of the spec clears it. */
function setStatus(
  swarm: Swarm,
  status: Pick<NonNullable<Service['update']>, 'state' | 'message'> & {
    readonly startedAt?: number;
    readonly completedAt?: number;
  },
): void {
  const { service } = swarm;
  const startedAt = service?.update?.startedAt ?? status.startedAt;
  if (service === undefined || startedAt === undefined) return;
  writeService(swarm, service, { update: { ...service.update, ...status, startedAt } });
}
