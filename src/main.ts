/** main(argv, world): from words to an exit code. Never exits, never throws. */
import { COMMANDS } from './commands/all.ts';
import type { Command } from './commands/command.ts';
import { connectionFlags, debug, help } from './commands/common-flags.ts';
import { commandHelp, overview } from './commands/help.ts';
import { parse } from './commands/parse.ts';
import { splitWords } from './commands/words.ts';
import { EXIT_CODES, SwarmrollError, exitCodeOf, usageError } from './errors.ts';
import type { Flag } from './spec/flag.ts';
import { boolean } from './values/value.ts';
import type { World } from './world.ts';

const version: Flag<boolean> = {
  name: 'version',
  short: 'v',
  type: boolean,
  group: 'Output',
  help: 'Show the version',
};

/**
 * Runs one command line.
 * @param argv the words after the program's name
 * @returns the exit code of CONTRACT's table (errors.ts)
 */
export async function main(argv: readonly string[], world: World): Promise<number> {
  try {
    return await dispatch(argv, world);
  } catch (error) {
    if (world.interrupted.aborted)
      return world.interrupted.reason === 'SIGTERM' ? EXIT_CODES.SIGTERM : EXIT_CODES.SIGINT;
    report(error, world, wantsTrace(argv));
    return exitCodeOf(error);
  }
}

async function dispatch(argv: readonly string[], world: World): Promise<number> {
  const leading = splitWords(argv, [...connectionFlags([]), help, version], true);
  const given = new Set(leading.flags.map(([flag]) => flag));
  if (given.has(version)) {
    world.stdout.write(`swarmroll version ${world.version}\n`);
    return EXIT_CODES.done;
  }
  const [name, ...rest] = leading.operands;
  if (given.has(help) || name === undefined || (name === 'help' && rest.length === 0)) {
    const asked = given.has(help) || name === 'help';
    (asked ? world.stdout : world.stderr).write(overview(COMMANDS));
    return asked ? EXIT_CODES.done : EXIT_CODES.usage;
  }
  if (name === 'help') return showHelp(commandNamed(rest[0] ?? ''), world);
  const command = commandNamed(name);
  const global = leading.flags.map(([{ short = '' }, text]) => `-${short}=${text}`);
  const { given: flags, operands } = parse(command, [...global, ...rest]);
  if (flags.get(help) === true) return showHelp(command, world);
  return command.run({ given: flags, operands, world });
}

function commandNamed(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command !== undefined) return command;
  throw usageError(`unknown command: ${name}`, `commands are ${COMMANDS.map((one) => one.name).join(', ')}`);
}

function showHelp(command: Command, world: World): number {
  world.stdout.write(commandHelp(command, world.stdout.columns));
  return EXIT_CODES.done;
}

function report(error: unknown, world: World, trace: boolean): void {
  const message = error instanceof Error ? error.message : String(error);
  world.stderr.write(`swarmroll: ${message}\n`);
  if (error instanceof SwarmrollError) {
    if (error.hint !== undefined) world.stderr.write(`  ${error.hint}\n`);
  } else {
    world.stderr.write('  this is a fault of swarmroll itself: please report it, with what --debug prints\n');
  }
  if (trace && error instanceof Error) world.stderr.write(`${error.stack ?? ''}\n`);
}

/** --debug may stand in a command line that could not be read, so it is looked for in the bare words. */
function wantsTrace(argv: readonly string[]): boolean {
  return argv.includes(`--${debug.name}`) || argv.includes(`-${debug.short ?? ''}`);
}
