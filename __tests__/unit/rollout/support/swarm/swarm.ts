/** A swarm that runs: what its users can do to it, and how its manager reacts. */
import { schedule, workOnTasks } from './agent.ts';
import { NOTHING_WRITTEN, isOnNode, isTerminal, isWanted } from './model.ts';
import type { Service, Spec, Speeds, Swarm, Task, Written } from './model.ts';
import { orchestrateGlobal, orchestrateReplicated } from './orchestrator.ts';
import { bySlot, startDelayed } from './restart.ts';
import { changed, deleteTasks, later, setDesired, writeService } from './store.ts';
import { runUpdater } from './updater.ts';

type Author = Service['author'];

export const makeSwarm = (speeds: Speeds): Swarm => ({
  now: 0,
  answersFrom: 0,
  reportsFrom: 0,
  speeds,
  nodes: ['a', 'b', 'b'].map((zone, index) => ({
    id: `n${index + 1}`,
    zone,
    down: false,
    availability: 'active',
  })),
  service: undefined,
  tasks: [],
  ended: [],
  taskCounts: new Map(),
  timers: [],
  delayedStarts: new Set(),
  updater: undefined,
  restarts: new Map(),
  written: NOTHING_WRITTEN,
  willReact: false,
  willReap: false,
  react,
  revisions: { service: 0, tasks: 0, nodes: 0 },
});

export function createService(swarm: Swarm, spec: Spec, author: Author): void {
  const service = { version: 0, spec, specVersion: 0, author };
  writeService(swarm, service, {});
}

/** An ordinary update: it clears the status and keeps the spec before (manager/controlapi/service.go, UpdateService). */
export function postSpec(swarm: Swarm, spec: Spec, author: Author): void {
  const { service } = swarm;
  if (service === undefined) return;
  writeService(swarm, service, {
    spec,
    specVersion: service.version,
    previous: { spec: service.spec, specVersion: service.specVersion },
    update: undefined,
    author,
  });
}

/** A rollback that somebody asks for swaps the two specs. Nothing happens where there is no spec before. */
export function rollBackByHand(swarm: Swarm, author: Author): void {
  const { service } = swarm;
  if (service?.previous === undefined) return;
  const { spec, specVersion, previous } = service;
  writeService(swarm, service, {
    ...previous,
    previous: { spec, specVersion },
    update: { state: 'rollback_started', message: 'manually requested rollback', startedAt: swarm.now },
    author,
  });
}

export function removeService(swarm: Swarm): void {
  swarm.service = undefined;
  swarm.updater = undefined;
  swarm.delayedStarts.clear();
  changed(swarm, 'service');
  for (const task of swarm.tasks) setDesired(swarm, task, 'remove');
}

/**
 * The manager restarts. What it has stored is what it shows until the nodes have found it again (swarmkit
 * manager/dispatcher/dispatcher.go, markNodesUnknown): what ends on a node meanwhile is told afterwards.
 */
export function restartManager(swarm: Swarm): void {
  swarm.answersFrom = swarm.now + OUTAGE;
  swarm.reportsFrom = swarm.answersFrom + REGISTRATION;
  swarm.revisions.nodes += 1;
  later(swarm, OUTAGE + REGISTRATION, () => changed(swarm, 'nodes'));
}

const OUTAGE = 1_500;
const REGISTRATION = 1_000;

/** Everything that is due at this moment. What it writes brings the next reaction. */
function react(swarm: Swarm): void {
  const { written } = swarm;
  swarm.written = NOTHING_WRITTEN;
  startDelayed(swarm);
  if (swarm.service !== undefined) orchestrate(swarm, swarm.service, written);
  runUpdater(swarm);
  schedule(swarm);
  workOnTasks(swarm);
  if (swarm.willReap) return;
  swarm.willReap = true;
  later(swarm, REAPING_INTERVAL, () => {
    swarm.willReap = false;
    reap(swarm);
  });
}

function orchestrate(swarm: Swarm, service: Service, written: Written): void {
  const { mode } = service.spec;
  if (mode.kind === 'replicated') orchestrateReplicated(swarm, service, mode.replicas, written.service);
  else orchestrateGlobal(swarm, service, written);
}

const REAPING_INTERVAL = 250;
/** How many tasks a slot keeps by default, live ones included. */
const HISTORY = 5;

/** Deletes old tasks (manager/orchestrator/taskreaper/task_reaper.go, tick). */
function reap(swarm: Swarm): void {
  const isOver = (task: Task): boolean => isTerminal(task) || (!isOnNode(task) && !isWanted(task));
  deleteTasks(
    swarm,
    swarm.tasks.filter((task) => task.desired === 'remove' && isOver(task)),
  );
  const { service } = swarm;
  if (service === undefined) return;
  const { maxAttempts } = service.spec.template;
  const kept = maxAttempts > 0 ? maxAttempts + 1 : HISTORY;
  for (const tasks of bySlot(swarm.tasks, service).values()) {
    const surplus = tasks.length - kept;
    if (surplus <= 0) continue;
    const oldest = tasks.filter(isOver).sort((a, b) => a.since - b.since);
    deleteTasks(swarm, oldest.slice(0, surplus));
  }
}
