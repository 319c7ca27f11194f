/** Every command, in the order of `swarmroll --help`. */
import type { Command } from './command.ts';
import { create } from './create.ts';
import { inspect } from './inspect.ts';
import { ps } from './ps.ts';
import { rollback } from './rollback.ts';
import { update } from './update.ts';

export const COMMANDS: readonly Command[] = [create, update, rollback, ps, inspect];
