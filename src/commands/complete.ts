/** What may come next on a command line: asked by the shells' completion (completion.ts), made from the flags' entries. */
import { EXIT_CODES } from '../errors.ts';
import type { Flag } from '../spec/flag.ts';
import { loadCommand } from './command.ts';
import type { CommandBody, CommandEntry } from './command.ts';
import { connectionOptions } from './common-flags.ts';
import { flagsOf } from './parse.ts';
import { isSwitch } from './words.ts';

/** Milliseconds that the engine has to tell the names of its services: nobody waits longer for a Tab. */
const PATIENCE = 100;

/** What can be said without an engine, and whether the name of a service may stand there too. */
export interface Candidates {
  readonly words: readonly string[];
  readonly services: boolean;
}

/** `swarmroll __complete -- WORDS...`: one candidate a line for the last word. Silent whatever goes wrong. */
export function completeFor(commands: readonly CommandEntry[]): CommandBody {
  return {
    operands: 'WORD...',
    minOperands: 0,
    maxOperands: Infinity,
    flagsStop: true,
    flags: [],
    examples: [],
    run: async ({ given, operands, world }) => {
      const { words, services } = await candidates(commands, operands);
      const found = [...words];
      if (services) {
        try {
          const engine = await world.connect(connectionOptions(given));
          const all = await engine.services({}, AbortSignal.timeout(PATIENCE));
          found.push(...all.map(({ Spec }) => Spec.Name ?? ''));
        } catch {
          // No engine, no names.
        }
      }
      const last = operands.at(-1) ?? '';
      const fitting = found.filter((word) => word.startsWith(last === '=' ? '' : last));
      world.stdout.write(fitting.map((word) => `${word}\n`).join(''));
      return EXIT_CODES.done;
    },
  };
}

/**
 * What may stand in the place of the last word.
 * @param words those after the program's name; bash gives `--mode=glo` as three words
 */
export async function candidates(
  commands: readonly CommandEntry[],
  words: readonly string[],
): Promise<Candidates> {
  const [name, ...rest] = words;
  const last = rest.at(-1);
  const entry = commands.find((one) => one.name === name);
  if (last === undefined) return { words: commands.map((one) => one.name), services: false };
  if (entry === undefined) return { words: [], services: false };
  const command = await loadCommand(entry);
  const flags = flagsOf(command);
  const before = rest.slice(0, -1);
  const [, own] = /^--([^=]+)=/.exec(last) ?? [];
  if (own !== undefined) {
    const choices = flags.find((flag) => flag.name === own)?.type.choices ?? [];
    return { words: choices.map((choice) => `--${own}=${choice}`), services: false };
  }
  const previous = (last === '=' ? before : before.filter((word) => word !== '=')).at(-1) ?? '';
  const awaiting = flagBefore(flags, previous);
  if (awaiting !== undefined) return { words: awaiting.type.choices ?? [], services: false };
  if (last.startsWith('-')) return { words: flags.map((flag) => `--${flag.name}`), services: false };
  return { words: command.choices ?? [], services: command.operands.startsWith('SERVICE') };
}

/** The flag whose value comes after the word, if it is one that takes the next word. */
function flagBefore(flags: readonly Flag[], word: string): Flag | undefined {
  const flag = flags.find(({ name, short }) => word === `--${name}` || word === `-${short ?? ''}`);
  return flag === undefined || word === '-' || isSwitch(flag) ? undefined : flag;
}
