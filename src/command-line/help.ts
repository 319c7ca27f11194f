/** The texts of --help: the overview, which fits on one screen, and the help of each command. */
import { exitCodesOf } from '../errors.ts';
import { usageLine } from './command.ts';
import type { Command, CommandEntry } from './command.ts';
import { flagsOf } from './parse.ts';
import { GROUPS } from './flag.ts';
import type { Flag } from './flag.ts';

/** The longest line of a command's help, in columns. */
const MAX_WIDTH = 110;
/** The most columns before the description of a flag. */
const MAX_INDENT = 38;
/** The fewest columns of the description, on a narrow terminal too. */
const MIN_TEXT = 30;

/**
 * The text of `swarmroll --help`.
 * @param all all commands; hidden ones are left out
 * @param program what the user types to run this program
 */
export const overview = (all: readonly CommandEntry[], program: string): string =>
  [
    `Usage: ${program} COMMAND [flags] ...`,
    'Roll out Docker Swarm services and report honestly how each rollout ended.',
    '',
    ...commandList(all),
    `\`${program} COMMAND --help\` lists flags and exit codes. The flags of \`docker service\` mean the same.`,
    'Choose the engine with -H HOST, --context NAME or $DOCKER_HOST. --version shows the version.',
    '',
  ].join('\n');

/**
 * The text of `swarmroll stack --help`.
 * @param all all commands
 * @param start the beginning of their names: "stack "
 */
export const groupOverview = (all: readonly CommandEntry[], program: string, start: string): string =>
  [
    `Usage: ${program} ${start}COMMAND [flags] ...`,
    '',
    ...commandList(all.filter(({ name }) => name.startsWith(start))),
    `\`${program} ${start}COMMAND --help\` lists the flags.`,
    '',
  ].join('\n');

function commandList(all: readonly CommandEntry[]): readonly string[] {
  const commands = all.filter(({ hidden }) => hidden !== true);
  const pad = Math.max(...commands.map(({ name }) => name.length)) + 2;
  return ['Commands:', ...commands.map(({ name, summary }) => `  ${name.padEnd(pad)}${summary}`)];
}

/**
 * The text of `swarmroll COMMAND --help`.
 * @param program what the user types to run this program
 * @param columns the width of the terminal
 */
export function commandHelp(command: Command, program: string, columns = MAX_WIDTH): string {
  const width = Math.min(columns, MAX_WIDTH);
  const flags = flagsOf(command);
  const indent = Math.min(Math.max(...flags.map((flag) => flagUsage(flag).length)) + 4, MAX_INDENT);
  return [
    `Usage: ${usageLine(command, program)}`,
    '',
    command.summary,
    ...inGroups(flags).flatMap(({ group, own }) => [
      '',
      `${group}:`,
      ...own.flatMap((flag) => twoColumns(`  ${flagUsage(flag)}`, flagMeaning(command, flag), indent, width)),
    ]),
    ...(command.examples.length > 0 ? ['', 'Examples:'] : []),
    ...command.examples.flatMap(([line, purpose]) => [`  # ${purpose}`, `  ${line}`]),
    '',
    'Exit codes:',
    ...exitCodesOf(command.exits).flatMap(([code, meaning]) =>
      twoColumns(`  ${code}`, meaning.replaceAll('`', ''), CODE_INDENT, width),
    ),
    '',
  ].join('\n');
}

/** The flags under their headings; headings without flags are left out. */
export const inGroups = (flags: readonly Flag[]): readonly { group: string; own: readonly Flag[] }[] =>
  GROUPS.map((group) => ({ group, own: flags.filter((flag) => flag.group === group) })).filter(
    ({ own }) => own.length > 0,
  );

/** The column in which the meanings of exit codes start. */
const CODE_INDENT = 7;

/** The flag as the user types it, with the label of its value: "-e, --env list". A name without a letter is indented. */
export function flagUsage({ name, short, type }: Flag): string {
  const long = name === short ? '' : `--${name}`;
  const both = short === undefined ? `    ${long}` : `-${short}${long === '' ? '' : `, ${long}`}`;
  return `${both}${type.label === '' ? '' : ` ${type.label}`}`;
}

/** What a flag of the command means, with its choices and its default. */
export function flagMeaning(command: Command, flag: Flag): string {
  const choices = flag.type.choices === undefined ? '' : ` (${flag.type.choices.join(', ')})`;
  // A flag that update does not get leaves the stored value as it is, so it has no default there.
  const fallback = command.name === 'update' && 'update' in flag ? undefined : flag.default;
  return `${flag.help}${choices}${fallback === undefined ? '' : ` [default ${fallback}]`}`;
}

/** Lays out a term and its description, which starts in column `indent` and is wrapped to `width`. */
function twoColumns(term: string, description: string, indent: number, width: number): string[] {
  const [first = '', ...rest] = wrapped(description, Math.max(width - indent, MIN_TEXT));
  const blank = ' '.repeat(indent);
  const head = term.length + 2 > indent ? [term, blank + first] : [term.padEnd(indent) + first];
  return [...head, ...rest.map((line) => blank + line)];
}

function wrapped(text: string, width: number): string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) return [...lines, word];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}
