/** main(argv, world): from words to an exit code. Never exits, never throws. */
import { COMMANDS } from './commands/all.ts';
import { loadCommand } from './command-line/command.ts';
import type { Command, CommandEntry } from './command-line/command.ts';
import { connectionFlags, debug, help } from './command-line/common-flags.ts';
import { commandHelp, overview } from './command-line/help.ts';
import { parse } from './command-line/parse.ts';
import type { CommandLine } from './command-line/parse.ts';
import { wantsJson } from './deploy/rollout-flags.ts';
import { splitWords } from './command-line/words.ts';
import type { Words } from './command-line/words.ts';
import { METADATA, metadata } from './command-line/docker-plugin.ts';
import { EXIT_CODES, SwarmrollError, UnknownWord, exitCodeOf } from './errors.ts';
import type { Flag } from './command-line/flag.ts';
import { printable, printableLines } from './values/printable.ts';
import { boolean, string } from './values/value.ts';
import type { World } from './world.ts';

const version: Flag<boolean> = {
  name: 'version',
  short: 'v',
  type: boolean,
  group: 'Output',
  help: 'Show the version',
};

/** Docker's own, which it has heeded itself. */
const logLevel: Flag<string> = {
  name: 'log-level',
  short: 'l',
  type: string,
  group: 'Output',
  help: 'Which messages docker itself shows',
};

/** What a program is told of a signal that ended the asking: a change under way has words of its own (answered.ts). */
const CUT_OFF = new SwarmrollError('failed', 'interrupted before anything was changed');

/** What a command line asks for: a text to show, or a command to run. */
type Asked =
  { readonly show: string; readonly exitCode: number } | ({ readonly command: Command } & CommandLine);

/**
 * Runs one command line.
 * @param argv the words after the program's name
 * @returns the exit code (errors.ts)
 */
export async function main(argv: readonly string[], world: World): Promise<number> {
  if (argv[0] === METADATA) {
    world.stdout.write(`${metadata(world.version)}\n`);
    return EXIT_CODES.done;
  }
  let json = asksJson(argv);
  let trace = asksTrace(argv);
  try {
    const asked = await read(argv, world);
    if ('show' in asked) {
      (asked.exitCode === EXIT_CODES.done ? world.stdout : world.stderr).write(asked.show);
      return asked.exitCode;
    }
    json = wantsJson(asked.given);
    trace = asked.given.get(debug) === true;
    return await asked.command.run({ ...asked, world });
  } catch (problem) {
    const error = problem instanceof UnknownWord ? await withSuggestion(problem) : problem;
    const { interrupted } = world;
    const signalled = interrupted.reason === 'SIGTERM' ? EXIT_CODES.SIGTERM : EXIT_CODES.SIGINT;
    const exitCode = interrupted.aborted ? signalled : exitCodeOf(error);
    // A request that the signal cut off says nothing to a person, who knows.
    const cutOff = interrupted.aborted && !(error instanceof SwarmrollError);
    if (!cutOff) report(error, world, trace);
    if (json) world.stdout.write(`${JSON.stringify(errorResult(cutOff ? CUT_OFF : error, exitCode))}\n`);
    return exitCode;
  }
}

/** @throws SwarmrollError `usage` */
async function read(argv: readonly string[], world: World): Promise<Asked> {
  const leading = leadingWords(argv, world);
  const given = new Set(leading.flags.map(([flag]) => flag));
  if (given.has(version)) return { show: `swarmroll version ${world.version}\n`, exitCode: EXIT_CODES.done };
  const [name, ...rest] = leading.operands;
  const asksHelp = given.has(help) || name === 'help';
  if (name === undefined || (asksHelp && rest.length === 0)) {
    return {
      show: overview(COMMANDS, world.program),
      exitCode: asksHelp ? EXIT_CODES.done : EXIT_CODES.usage,
    };
  }
  const command = await loadCommand(commandNamed(name === 'help' ? (rest[0] ?? '') : name));
  const helpText = (): Asked => ({
    show: commandHelp(command, world.program, world.stdout.columns),
    exitCode: EXIT_CODES.done,
  });
  if (asksHelp) return helpText();
  const line = parse(command, rest, leading.flags);
  return line.given.get(help) === true ? helpText() : { command, ...line };
}

/**
 * The flags before the command, and all that follows. Docker hands its plugin the words as they were typed:
 * `--context prod swarmroll ps web`, `help swarmroll ps`, `__complete swarmroll ps ''`.
 */
function leadingWords(argv: readonly string[], { program }: World): Words {
  const known = [...connectionFlags([]), help, version];
  if (program === 'swarmroll') return splitWords(argv, known, true);
  const { flags, operands } = splitWords(argv, [...known, logLevel], true);
  const [first = '', ...rest] = operands;
  const ours = flags.filter(([flag]) => flag !== logLevel);
  if (first === 'help' && rest[0] === 'swarmroll')
    return { flags: ours, operands: ['help', ...rest.slice(1)] };
  if (first === '__complete') return { flags: ours, operands: [first, '--', ...rest.slice(1)] };
  const own = splitWords(first === 'swarmroll' ? rest : operands, known, true);
  return { flags: [...ours, ...own.flags], operands: own.operands };
}

function commandNamed(name: string): CommandEntry {
  const command = COMMANDS.find((one) => one.name === name);
  if (command !== undefined) return command;
  const shown = COMMANDS.filter((one) => one.hidden !== true).map((one) => one.name);
  throw new UnknownWord(`unknown command: ${name}`, name, shown, `commands are ${shown.join(', ')}`);
}

/** The same error, with the word that was meant as its hint, where one is near. */
async function withSuggestion(error: UnknownWord): Promise<SwarmrollError> {
  // yargs takes 10 ms to load, and nobody who types no mistake waits for it.
  const { suggest } = await import('./command-line/suggest.ts');
  const { message, word, candidates, cause } = error;
  const meant = await suggest(word, candidates);
  if (meant === undefined) return error;
  const hint = message.endsWith(`--${word}`) ? `did you mean --${meant}?` : `did you mean ${meant}?`;
  return new SwarmrollError('usage', message, { hint, cause });
}

/** What an error says, printable: words of argv may be in it. */
function wordsOf(error: unknown): { readonly message: string; readonly hint?: string } {
  const message = printable(error instanceof Error ? error.message : String(error));
  const hint = error instanceof SwarmrollError ? error.hint : undefined;
  return { message, ...(hint === undefined ? {} : { hint: printable(hint) }) };
}

const FAULT = 'this is a fault of swarmroll itself: please report it, with what --debug prints';

function report(error: unknown, world: World, trace: boolean): void {
  const { message, hint } = wordsOf(error);
  world.stderr.write(`swarmroll: ${message}\n`);
  const next = error instanceof SwarmrollError ? hint : FAULT;
  if (next !== undefined) world.stderr.write(`  ${next}\n`);
  if (trace && error instanceof Error) world.stderr.write(`${printableLines(error.stack ?? '')}\n`);
}

/** What `-o json` prints of an error: the fields of every result that an error has (docs/json.md). */
function errorResult(error: unknown, exitCode: number): object {
  const words = wordsOf(error);
  return { verdict: 'error', exitCode, message: words.message, error: words };
}

/** A command line that can't be read may have asked for these, so they are looked for in the bare words. */
function asksTrace(argv: readonly string[]): boolean {
  return argv.includes(`--${debug.name}`) || argv.includes(`-${debug.short ?? ''}`);
}

function asksJson(argv: readonly string[]): boolean {
  return /(^|\n)(-o[\n=]?|--output[\n=])json(\n|$)/.test(argv.join('\n'));
}
