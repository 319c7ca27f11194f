/** main(argv, world): runs one command line and returns the exit code. It never exits the process and never throws. */
import { COMMANDS } from './commands/all.ts';
import { findCommand, loadCommand, nextWords } from './command-line/command.ts';
import type { Command } from './command-line/command.ts';
import {
  connectionFlags,
  connectionOptions,
  debug,
  help,
  withConnection,
} from './command-line/common-flags.ts';
import { commandHelp, groupOverview, overview } from './command-line/help.ts';
import { parse } from './command-line/parse.ts';
import type { CommandLine } from './command-line/parse.ts';
import { commandWorld } from './command-world.ts';
import { acceptedText } from './send/answered.ts';
import { signalOf } from './watch/outcome.ts';
import { printMessage } from './watch/print.ts';
import { warn } from './watch/warn.ts';
import {
  progressMode,
  reportFileOf,
  wantsJson,
  watchLimitsOf,
  watchesByFlags,
} from './watch/rollout-flags.ts';
import type { ErrorResult } from './report-file/report.ts';
import type { Reporter } from './report-file/reporter.ts';
import { isOnRunner, withoutCommandsIn } from './report-file/workflow-commands.ts';
import { splitArguments } from './command-line/split-arguments.ts';
import type { SplitArguments } from './command-line/split-arguments.ts';
import { METADATA, metadata } from './command-line/docker-plugin.ts';
import { EXIT_CODES, SwarmrollError, TimeoutError, UnknownName, exitCodeOf } from './errors.ts';
import type { Flag, Given } from './command-line/flag.ts';
import { dockerOf } from './values/docker-program.ts';
import { printable, printableLines } from './values/printable.ts';
import { boolean, string } from './values/value.ts';
import type { CommandWorld, World } from './world.ts';

const version: Flag<boolean> = {
  name: 'version',
  short: 'v',
  type: boolean,
  group: 'Output',
  help: 'Show the version',
};

/** A flag of docker: docker itself uses it, and also passes it to its plugins. */
const logLevel: Flag<string> = {
  name: 'log-level',
  short: 'l',
  type: string,
  group: 'Output',
  help: 'The log level of docker itself',
};

/** The flags that are allowed before the command. */
const LEADING: readonly Flag[] = [...connectionFlags([]), help, version];

/**
 * The error after a signal, if no change was being sent. For one that was, answered.ts makes the error.
 * @param accepted the services whose change the engine has accepted
 */
const abortedError = (accepted: readonly string[]): SwarmrollError =>
  new SwarmrollError(
    'failed',
    accepted.length === 0
      ? 'interrupted before anything was changed'
      : `interrupted; ${acceptedText(accepted)}`,
  );

function tellWait(given: Given, world: World, what: string): void {
  const text = `waiting for ${what}`;
  if (progressMode(given, world) === 'quiet') return;
  printMessage({ given, world }, [`swarmroll: ${text}`], { type: 'note', text });
}

/** What a command line does: it shows a text, or it runs a command. */
type Action =
  { readonly show: string; readonly exitCode: number } | ({ readonly command: Command } & CommandLine);

/**
 * Runs one command line.
 * @param argv the arguments after the program's name
 * @returns the exit code (errors.ts)
 */
export async function main(argv: readonly string[], outer: World): Promise<number> {
  const world = withoutCommandsIn(outer);
  if (argv[0] === METADATA) {
    world.stdout.write(`${metadata(world.version)}\n`);
    return EXIT_CODES.done;
  }
  const startedAt = world.clock.now();
  let json = mayAskForJson(argv);
  let trace = mayAskForTrace(argv);
  let command: CommandWorld | undefined;
  let report: Reporter | undefined;
  try {
    const action = await actionOf(argv, world);
    if ('show' in action) {
      (action.exitCode === EXIT_CODES.done ? world.stdout : world.stderr).write(action.show);
      return action.exitCode;
    }
    json = wantsJson(action.given);
    trace = action.given.get(debug) === true;
    const { given } = action;
    const { timeout } = watchLimitsOf(given);
    report = await reporterOf(outer, world, action);
    command = commandWorld(withConnection(world, connectionOptions(given)), {
      startedAt,
      timeout,
      connection: () => connectionOptions(given),
      tell: (what) => tellWait(given, world, what),
      warn: (text) => warn(world, [text]),
      detail: report?.detail,
    });
    const code = await action.command.run({ ...action, world: command });
    return report?.end(code, command.forReport.result) ?? code;
  } catch (problem) {
    const timedOut: unknown = command?.interrupted.reason;
    // Whatever fails because --timeout has passed.
    const first = timedOut instanceof TimeoutError && !(problem instanceof TimeoutError) ? timedOut : problem;
    const error = first instanceof UnknownName ? await withSuggestion(first) : first;
    const { interrupted } = world;
    const exitCode = interrupted.aborted ? EXIT_CODES[signalOf(interrupted)] : exitCodeOf(error);
    // The error of a request that a signal aborted is not printed: the user knows about the signal.
    const isAborted = interrupted.aborted && !(error instanceof SwarmrollError);
    const { accepted = [] } = command ?? {};
    const told = isAborted ? abortedError(accepted) : error;
    if (!isAborted || accepted.length > 0) printError(told, command ?? world, trace);
    const result = errorObject(told, exitCode, (command ?? world).program);
    if (json) world.stdout.write(`${JSON.stringify(result)}\n`);
    return report?.end(exitCode, { ...command?.forReport.result, ...result }) ?? exitCode;
  }
}

/** What makes the report of a command; undefined if nobody asks for one. @throws SwarmrollError `usage` */
async function reporterOf(
  outer: World,
  world: World,
  { command, given }: { readonly command: Command; readonly given: Given },
): Promise<Reporter | undefined> {
  const file = reportFileOf(given);
  if (file === undefined && !(isOnRunner(world) && watchesByFlags(command.flags))) return undefined;
  const { reporter } = await import('./report-file/reporter.ts');
  return reporter(outer, world, command.name, file);
}

/** Parses a command line. @throws SwarmrollError `usage` */
async function actionOf(argv: readonly string[], world: World): Promise<Action> {
  const { program } = world;
  const { flags, operands } = leadingArguments(argv, world);
  if (flags.some(([flag]) => flag === version))
    return { show: versionText(world), exitCode: EXIT_CODES.done };
  const isHelp = operands[0] === 'help';
  const { entry, start, word, rest, ...found } = findCommand(
    COMMANDS,
    operands.slice(isHelp ? 1 : 0),
    LEADING,
  );
  const leading = [...flags, ...found.flags];
  const asksHelp = isHelp || leading.some(([flag]) => flag === help);
  if (entry === undefined) {
    if (word !== undefined) throw unknownCommand(start, word);
    return {
      show: start === '' ? overview(COMMANDS, program) : groupOverview(COMMANDS, program, start),
      exitCode: asksHelp ? EXIT_CODES.done : EXIT_CODES.usage,
    };
  }
  const command = await loadCommand(entry);
  const helpText = (): Action => ({
    show: commandHelp(command, program, world.stdout.columns),
    exitCode: EXIT_CODES.done,
  });
  if (asksHelp) return helpText();
  const line = parse(command, rest, program, leading);
  return line.given.get(help) === true ? helpText() : { command, ...line };
}

/** The text of --version, in the form of docker's own. */
const versionText = ({ version, commit }: World): string =>
  `swarmroll version ${version}${commit === '' ? '' : `, build ${commit}`}\n`;

/**
 * Splits the arguments into the flags before the command and the rest, which starts with the command's name. Docker
 * passes all arguments to a plugin, as the user typed them: `--context prod swarmroll ps web`, `help swarmroll ps`,
 * `__complete swarmroll ps ''` (docker/cli cmd/docker/docker.go, tryPluginRun).
 */
function leadingArguments(argv: readonly string[], { program }: World): SplitArguments {
  if (program === 'swarmroll') return splitArguments(argv, LEADING, true);
  const { flags, operands } = splitArguments(argv, [...LEADING, logLevel], true);
  const [first = '', ...rest] = operands;
  const ours = flags.filter(([flag]) => flag !== logLevel);
  if (first === 'help' && rest[0] === 'swarmroll')
    return { flags: ours, operands: ['help', ...rest.slice(1)] };
  if (first === '__complete') return { flags: ours, operands: [first, '--', ...rest.slice(1)] };
  const own = splitArguments(first === 'swarmroll' ? rest : operands, LEADING, true);
  return { flags: [...ours, ...own.flags], operands: own.operands };
}

/** @param start the beginning of the name, which is known: "stack " */
function unknownCommand(start: string, word: string): UnknownName {
  const shown = COMMANDS.filter(({ name, hidden }) => hidden !== true && name.startsWith(start));
  const names = shown.map(({ name }) => name).join(', ');
  return new UnknownName(
    `unknown command: ${start}${word}`,
    word,
    nextWords(shown, start),
    `commands: ${names}`,
  );
}

/** The same error; the hint is a similar name, if there is one. */
async function withSuggestion(error: UnknownName): Promise<SwarmrollError> {
  // yargs takes 10 ms to load, so it is loaded only after a wrong name.
  const { suggest } = await import('./command-line/suggest.ts');
  const { message, unknown, candidates, cause } = error;
  const suggestion = await suggest(unknown, candidates);
  if (suggestion === undefined) return error;
  const hint = message.endsWith(`--${unknown}`)
    ? `did you mean --${suggestion}?`
    : `did you mean ${suggestion}?`;
  return new SwarmrollError('usage', message, { hint, cause });
}

/**
 * The message and the hint of an error, made printable: they may contain text of the command line.
 * @param program what the user types to run this program on the same engine
 */
function textsOf(error: unknown, program: string): { readonly message: string; readonly hint?: string } {
  const message = printable(error instanceof Error ? error.message : String(error));
  // The engine's client does not know the flags that docker needs to ask the same engine.
  const list = `${dockerOf(program)} service ls`;
  const hint = error instanceof SwarmrollError ? error.hint?.replace('docker service ls', list) : undefined;
  return { message, ...(hint === undefined ? {} : { hint: printable(hint) }) };
}

const BUG = 'this is a bug in swarmroll: please report it, with the output of --debug';

/** Prints an error on stderr: its warnings, its message, its hint and, if asked for, its stack trace. */
function printError(error: unknown, world: World, trace: boolean): void {
  const { stderr, program } = world;
  const { message, hint } = textsOf(error, program);
  if (error instanceof SwarmrollError) warn(world, error.warnings);
  stderr.write(`swarmroll: ${message}\n`);
  const next = error instanceof SwarmrollError ? hint : BUG;
  if (next !== undefined) stderr.write(`  ${next}\n`);
  if (trace && error instanceof Error) stderr.write(`${printableLines(error.stack ?? '')}\n`);
}

/** The JSON object of an error: the fields that errors and results have in common (docs/json.md). */
function errorObject(error: unknown, exitCode: number, program: string): ErrorResult {
  const texts = textsOf(error, program);
  return { verdict: 'error', exitCode, message: texts.message, error: texts };
}

/** Whether the arguments seem to have --debug. A wrong command line cannot be parsed, so they are only searched. */
function mayAskForTrace(argv: readonly string[]): boolean {
  return argv.includes(`--${debug.name}`) || argv.includes(`-${debug.short ?? ''}`);
}

/** Whether the arguments seem to have `--output json`. */
function mayAskForJson(argv: readonly string[]): boolean {
  return /(^|\n)(-o[\n=]?|--output[\n=])json(\n|$)/.test(argv.join('\n'));
}
