/** Every command, in the order of `swarmroll --help`. */
import type { Command } from './command.ts';

export const COMMANDS: readonly Command[] = [];
