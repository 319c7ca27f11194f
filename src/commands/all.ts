/** Every command, in the order of `swarmroll --help`. */
import type { Command } from './command.ts';
import { completeFor } from './complete.ts';
import { completion } from './completion.ts';
import { create } from './create.ts';
import { inspect } from './inspect.ts';
import { ps } from './ps.ts';
import { rollback } from './rollback.ts';
import { update } from './update.ts';

const SHOWN: readonly Command[] = [create, update, rollback, ps, inspect, completion];

export const COMMANDS: readonly Command[] = [...SHOWN, completeFor(SHOWN)];
