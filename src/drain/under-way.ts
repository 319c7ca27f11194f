/** A drain under way, and the ways in which it ends early. */
import type { NodeSpec } from '../api/cluster.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { SwarmrollError } from '../errors.ts';
import { availabilityBefore, availabilityWord } from './node.ts';
import type { DrainOptions, Situation } from './read.ts';

/** Between two polls (ms), at least and at most. In between, it is a millisecond for each task that a poll lists. */
const [MIN_INTERVAL, MAX_INTERVAL] = [200, 1_000];
/** A node that does not answer is noticed after many seconds: it is asked for as rarely (ms) as `wait` does. */
export const NODE_INTERVAL = 3_000;

export interface Drain {
  readonly call: Call;
  readonly engine: Engine;
  readonly situation: Situation;
  readonly options: DrainOptions;
  readonly name: string;
  /** The node in a command to run next. */
  readonly ref: string;
}

/** A service that could not move: exit 5. */
export class DrainFailure extends SwarmrollError {}

/** @param what the service that somebody else has changed */
export function changedByOthers({ call, name, ref }: Drain, what: string): SwarmrollError {
  return new SwarmrollError(
    'conflict',
    `${what}: somebody else has changed it; ${name} is paused, not drained`,
    { hint: `run the command again, or undo it with: ${call.world.program} node undrain ${ref}` },
  );
}

/** @param spec the node as it is now; undefined if it is gone */
export function nodeChanged({ call, name, ref }: Drain, spec: NodeSpec | undefined): SwarmrollError {
  if (spec === undefined)
    return new SwarmrollError('notFound', `${name}: somebody has removed it from the swarm`);
  const now = availabilityWord(spec.Availability);
  const orUndo = `, or undo it with: ${call.world.program} node undrain ${ref}`;
  return new SwarmrollError('conflict', `${name}: somebody else has changed it: it is ${now} now`, {
    hint: `run the command again${availabilityBefore({ Spec: spec }) === undefined ? '' : orUndo}`,
  });
}

/** Waits for the next poll. @param tasks how many the last one has listed */
export async function untilNextPoll({ call }: Pick<Drain, 'call'>, tasks: number): Promise<void> {
  const { clock, interrupted } = call.world;
  await clock.sleep(Math.min(Math.max(MIN_INTERVAL, tasks), MAX_INTERVAL), interrupted);
  interrupted.throwIfAborted();
}
