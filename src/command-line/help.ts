/** The texts of --help: `swarmroll --help` on one screen, and each command's own from its flags. */
import { EXIT_CODE_MEANINGS } from '../errors.ts';
import type { Command, CommandEntry } from './command.ts';
import { flagsOf } from './parse.ts';
import { GROUPS } from './flag.ts';
import type { Flag } from './flag.ts';

const MAX_WIDTH = 110;
/** Columns before the meaning of a flag, at most; and for the meaning, at least. */
const MAX_INDENT = 38;
const MIN_TEXT = 30;

/** `swarmroll --help`. */
export function overview(all: readonly CommandEntry[], program: string): string {
  const commands = all.filter(({ hidden }) => hidden !== true);
  const pad = Math.max(...commands.map(({ name }) => name.length)) + 2;
  return [
    `Usage: ${program} COMMAND [flags] ...`,
    'Roll out Docker Swarm services and say honestly how it ended.',
    '',
    'Commands:',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(pad)}${summary}`),
    `Flags of \`docker service\` mean the same here; \`${program} COMMAND --help\` lists them.`,
    '-H HOST, --context NAME or DOCKER_HOST names the engine; --version shows the version.',
    'Each COMMAND --help ends with the exit codes.',
    '',
  ].join('\n');
}

/** `swarmroll COMMAND --help`, for a terminal of so many columns. */
export function commandHelp(command: Command, program: string, columns = MAX_WIDTH): string {
  const width = Math.min(columns, MAX_WIDTH);
  const flags = flagsOf(command);
  const indent = Math.min(Math.max(...flags.map((flag) => usageOf(flag).length)) + 2, MAX_INDENT);
  const groups = GROUPS.map((group) => ({ group, own: flags.filter((flag) => flag.group === group) }));
  return [
    `Usage: ${program} ${command.name} [flags] ${command.operands}`,
    '',
    command.summary,
    ...groups
      .filter(({ own }) => own.length > 0)
      .flatMap(({ group, own }) => [
        '',
        `${group}:`,
        ...own.flatMap((flag) => flagLines(flag, indent, width, defaultOf(command, flag))),
      ]),
    ...(command.examples.length > 0 ? ['', 'Examples:'] : []),
    ...command.examples.flatMap(([line, purpose]) => [`  # ${purpose}`, `  ${line}`]),
    '',
    ...exitCodes(width),
    '',
  ].join('\n');
}

function exitCodes(width: number): string[] {
  const indent = 7;
  return [
    'Exit codes:',
    ...EXIT_CODE_MEANINGS.flatMap(([code, meaning]) => {
      const [first = '', ...rest] = wrapped(meaning.replaceAll('`', ''), Math.max(width - indent, MIN_TEXT));
      return [`  ${code}`.padEnd(indent) + first, ...rest.map((line) => ' '.repeat(indent) + line)];
    }),
  ];
}

/** "  -e, --env list": what one types. */
function usageOf({ name, short, type }: Flag): string {
  const long = name === short ? '' : `--${name}`;
  const both = short === undefined ? `    ${long}` : `-${short}${long === '' ? '' : `, ${long}`}`;
  return `  ${both}${type.label === '' ? '' : ` ${type.label}`}`;
}

/** The default to show: of what update leaves alone, that is the stored value, and no default. */
function defaultOf({ name }: Command, flag: Flag): string {
  return name === 'update' && 'update' in flag ? '' : (flag.default ?? '');
}

/** What one types and what it means, the meaning in a column of its own. */
function flagLines(flag: Flag, indent: number, width: number, fallback: string): string[] {
  const choices = flag.type.choices === undefined ? '' : ` (${flag.type.choices.join(', ')})`;
  const text = `${flag.help}${choices}${fallback === '' ? '' : ` [default ${fallback}]`}`;
  const [first = '', ...rest] = wrapped(text, Math.max(width - indent, MIN_TEXT));
  const usage = usageOf(flag);
  const head =
    usage.length + 2 > indent ? [usage, ' '.repeat(indent) + first] : [usage.padEnd(indent) + first];
  return [...head, ...rest.map((line) => ' '.repeat(indent) + line)];
}

/** The text in lines of at most `width` columns, broken between words. */
function wrapped(text: string, width: number): string[] {
  return text.split(' ').reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) return [...lines, word];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}
