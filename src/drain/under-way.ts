/** A drain under way, and the ways in which it ends early. */
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { SwarmrollError } from '../errors.ts';
import type { DrainOptions } from './plan.ts';
import type { Situation } from './read.ts';

/** Between two polls (ms). */
export const INTERVAL = 200;

/** A drain under way. */
export interface Drain {
  readonly call: Call;
  readonly engine: Engine;
  readonly situation: Situation;
  readonly options: DrainOptions;
  /** The name of the node. */
  readonly name: string;
  /** The node in a command to run next. */
  readonly ref: string;
}

/** A service that could not move: exit 5. */
export class DrainFailure extends SwarmrollError {}

/** @param what somebody else has changed: a service, or the node */
export function changedByOthers({ call, name, ref }: Drain, what: string): SwarmrollError {
  return new SwarmrollError(
    'conflict',
    `${what}: somebody else has changed it; ${name} is paused, not drained`,
    { hint: `run the command again, or undo it with: ${call.world.program} node undrain ${ref}` },
  );
}
