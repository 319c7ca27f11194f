/** How jobs get their tasks: swarmkit manager/orchestrator/jobs. Nothing updates the tasks of a job: each run has its own. */
import { isInvalid, isTerminal, isWanted, matches, rank } from './model.ts';
import type { Service, Swarm, Task } from './model.ts';
import { restart } from './restart.ts';
import { createTask, setDesired } from './store.ts';

const hasFailed = (task: Task): boolean => rank(task.state) > rank('complete');

/** jobs/replicated/reconciler.go, ReconcileService. */
export function orchestrateReplicatedJob(
  swarm: Swarm,
  service: Service,
  { completions, concurrent }: { readonly completions: number; readonly concurrent: number },
): void {
  const taken = new Set<number>();
  const toRestart: Task[] = [];
  let complete = 0;
  let live = 0;
  for (const task of swarm.tasks) {
    if (task.jobIteration !== service.jobIteration) {
      if (!isTerminal(task)) setDesired(swarm, task, 'remove');
    } else if (task.state === 'complete') {
      complete += 1;
      taken.add(task.slot);
    } else if (isWanted(task)) {
      live += 1;
      taken.add(task.slot);
      if (hasFailed(task)) toRestart.push(task);
    }
  }
  const missing = Math.min(concurrent - live, completions - complete - live);
  for (let count = 0, slot = 0; count < missing; count += 1) {
    while (taken.has(slot)) slot += 1;
    taken.add(slot);
    createTask(swarm, service, { slot, node: undefined }, 'complete');
  }
  for (const task of toRestart) restart(swarm, service, task);
}

/** jobs/global/reconciler.go, ReconcileService. */
export function orchestrateGlobalJob(swarm: Swarm, service: Service): void {
  const ofNode = new Map<string | undefined, Task>();
  const toRestart: Task[] = [];
  for (const task of swarm.tasks) {
    if (task.jobIteration !== service.jobIteration) setDesired(swarm, task, 'remove');
    else if (isWanted(task)) {
      if (hasFailed(task)) toRestart.push(task);
      ofNode.set(task.node, task);
    }
  }
  for (const node of swarm.nodes) {
    if (!matches(node, service.spec.template)) continue;
    const task = ofNode.get(node.id);
    if (isInvalid(node)) {
      if (task !== undefined && !isTerminal(task)) setDesired(swarm, task, 'shutdown');
    } else if (node.availability === 'active' && task === undefined) {
      createTask(swarm, service, { slot: 0, node: node.id }, 'complete');
    }
  }
  for (const task of toRestart) restart(swarm, service, task);
}
