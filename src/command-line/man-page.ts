/** The manual pages, as roff for man(1). They are made from the same declarations as --help; scripts/man-pages writes them. */
import { EXIT_CODE_MEANINGS, exitCodesOf } from '../errors.ts';
import { usageLine } from './command.ts';
import type { Command, CommandEntry } from './command.ts';
import { connectionFlags, help } from './common-flags.ts';
import type { Flag } from './flag.ts';
import { flagMeaning, flagUsage, inGroups } from './help.ts';
import { flagsOf } from './parse.ts';

/** What the first and the last line of every page show. */
interface Edition {
  readonly version: string;
  /** YYYY-MM-DD. */
  readonly date: string;
}

/** A page of section 1: `name` is its file without ".1". */
interface ManPage {
  readonly name: string;
  readonly text: string;
}

/** The name of a command's page: "swarmroll-stack-deploy". */
const pageName = ({ name }: Pick<CommandEntry, 'name'>): string => `swarmroll-${name.replaceAll(' ', '-')}`;

/**
 * The page of the program: its commands, and the flags of all of them.
 * @param all all commands; hidden ones are left out
 */
export function programPage(all: readonly CommandEntry[], edition: Edition): ManPage {
  const commands = all.filter(({ hidden }) => hidden !== true);
  const name = 'swarmroll';
  return page(name, 'roll out Docker Swarm services and report how each rollout ended', edition, [
    '.SH SYNOPSIS',
    '.B swarmroll',
    roff('COMMAND [flags] ...'),
    '.SH DESCRIPTION',
    roff('Rolls out Docker Swarm services, and reports honestly how each rollout ended.'),
    roff('The flags of `docker service` have the same meaning here.'),
    roff('`swarmroll COMMAND --help` lists the flags of a command, and so does its page.'),
    '.SH COMMANDS',
    ...commands.flatMap((entry) => ['.TP', `.BR ${roff(pageName(entry))} (1)`, roff(entry.summary)]),
    '.SH OPTIONS',
    ...optionsOf([...connectionFlags([]), help], ({ help, default: fallback }) =>
      fallback === undefined ? help : `${help} [default ${fallback}]`,
    ),
    '.TP',
    roff('--version', 'B'),
    'Show the version',
    ...exitStatus(EXIT_CODE_MEANINGS),
    ...seeAlso(commands.map(pageName)),
  ]);
}

/** The page of a command. */
export function commandPage(command: Command, edition: Edition): ManPage {
  const [synopsis = '', flags = ''] = usageLine(command, 'swarmroll').split(/ (?=\[flags\])/);
  const summary = command.summary.replace(/^\w/, (letter) => letter.toLowerCase());
  return page(pageName(command), summary, edition, [
    '.SH SYNOPSIS',
    roff(synopsis, 'B'),
    roff(flags),
    '.SH DESCRIPTION',
    `${roff(command.summary)}.`,
    '.SH OPTIONS',
    ...inGroups(flagsOf(command)).flatMap(({ group, own }) => [
      `.SS ${roff(group)}`,
      ...optionsOf(own, (flag) => flagMeaning(command, flag)),
    ]),
    ...(command.examples.length > 0 ? ['.SH EXAMPLES'] : []),
    ...command.examples.flatMap(([line, purpose], index) => [
      ...(index > 0 ? ['.PP'] : []),
      `${roff(purpose)}:`,
      '.PP',
      ...['.RS 4', '.EX', roff(line), '.EE', '.RE'],
    ]),
    ...exitStatus(exitCodesOf(command.exits)),
    ...seeAlso(['swarmroll']),
  ]);
}

function page(name: string, summary: string, { version, date }: Edition, body: readonly string[]): ManPage {
  const title = `.TH ${roff(name.toUpperCase())} 1 ${date} "swarmroll ${roff(version)}" "User Commands"`;
  const lines = [title, '.SH NAME', `${roff(name)} \\- ${roff(summary)}`, ...body];
  return { name, text: `${lines.join('\n')}\n` };
}

const optionsOf = (flags: readonly Flag[], meaning: (flag: Flag) => string): readonly string[] =>
  flags.flatMap((flag) => ['.TP', roff(flagUsage(flag).trim(), 'B'), roff(meaning(flag))]);

const exitStatus = (codes: typeof EXIT_CODE_MEANINGS): readonly string[] => [
  '.SH EXIT STATUS',
  ...codes.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, roff(meaning.replaceAll('`', ''))]),
];

function seeAlso(pages: readonly string[]): readonly string[] {
  const names = [...pages, 'docker'].sort();
  return [
    '.SH SEE ALSO',
    ...names.map((name, index) => `.BR ${roff(name)} (1)${index < names.length - 1 ? ' ,' : ''}`),
  ];
}

/** What roff reads as something else than the character: commands, typographic quotes and dashes. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\(rs',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
};

/** A text as roff that shows it unchanged. @param font "B" for bold */
function roff(text: string, font?: 'B'): string {
  const shown = text.replace(/[\\\-'`^~]|[^ -~]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return ESCAPES[character] ?? `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
  if (font !== undefined) return `\\f${font}${shown}\\fR`;
  // At the start of a line, a full stop begins a command of roff.
  return shown.replace(/^\./, '\\&.');
}
