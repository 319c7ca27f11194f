/** What may stand in the place of the last word of a command line, from the flags' own entries. */
import type { Flag, NameKind } from './flag.ts';
import { loadCommand } from './command.ts';
import type { CommandEntry } from './command.ts';
import { connectionFlags, help } from './common-flags.ts';
import { flagsOf } from './parse.ts';
import { splitWords } from './words.ts';
import type { FlagText } from './words.ts';

export interface Candidates {
  readonly words: readonly string[];
  /** Of what a name may stand there too. */
  readonly names?: NameKind | undefined;
  /** What has to stand before a name in the same word: `--network=`. */
  readonly prefix: string;
  /** The flags so far that say which engine knows the names. */
  readonly connection: readonly FlagText[];
}

/** Stands for the word that is being typed. */
const HERE = '\0';

/**
 * @param words those after the program's name, the last one as far as it is typed
 * @throws SwarmrollError `usage` where the words before it can't be read
 */
export async function candidates(
  commands: readonly CommandEntry[],
  words: readonly string[],
): Promise<Candidates> {
  const last = words.at(-1) ?? '';
  const prefix = /^--[^=]+=/.exec(last)?.[0] ?? '';
  const typesFlag = last.startsWith('-');
  const known = [...connectionFlags([]), help];
  const leading = splitWords([...words.slice(0, -1), prefix + HERE], known, true);
  const [name, ...rest] = leading.operands;

  const commandNames = commands.map((one) => one.name);
  if (name === undefined) return valueOf(leading.flags, prefix);
  if (name === HERE) return { words: typesFlag ? written(known) : commandNames, prefix, connection: [] };
  if (name === 'help') return { words: rest[0] === HERE ? commandNames : [], prefix, connection: [] };
  const entry = commands.find((one) => one.name === name);
  if (entry === undefined) return { words: [], prefix, connection: [] };

  const command = await loadCommand(entry);
  const { flagsStop = false, maxOperands } = command;
  const { flags, operands } = splitWords(rest, flagsOf(command), flagsStop);
  const all = [...leading.flags, ...flags];
  if (!operands.includes(HERE)) return valueOf(all, prefix);
  const connection = ofConnection(all);
  const takesFlags = !rest.includes('--') && (!flagsStop || operands[0] === HERE);
  if (typesFlag && takesFlags) return { words: written(flagsOf(command)), prefix, connection };
  if (operands.length > maxOperands) return { words: [], prefix, connection };
  const names = command.operands.startsWith('SERVICE') ? 'services' : undefined;
  return { words: command.choices ?? [], names, prefix, connection };
}

/** What the value of the flag may be that is being typed. */
function valueOf(flags: readonly FlagText[], prefix: string): Candidates {
  const flag = flags.find(([, text]) => text === HERE)?.[0];
  const words = (flag?.type.choices ?? []).map((choice) => prefix + choice);
  return { words, names: flag?.names, prefix, connection: ofConnection(flags) };
}

const ofConnection = (flags: readonly FlagText[]): readonly FlagText[] =>
  flags.filter(([{ group }, text]) => group === 'Connection' && text !== HERE);

/** Flags as one types them; one without a long name has its letter alone. */
const written = (flags: readonly Flag[]): string[] =>
  flags.map(({ name, short }) => (name === short ? `-${name}` : `--${name}`));
