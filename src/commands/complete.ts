/** `swarmroll __complete`: asked by the shells' completion (completion.ts) for what may come next. */
import { contextNames } from '../connection/contexts.ts';
import { EXIT_CODES } from '../errors.ts';
import type { Given, NameKind } from '../command-line/flag.ts';
import { printable } from '../values/printable.ts';
import type { World } from '../world.ts';
import { candidates } from '../command-line/candidates.ts';
import type { CommandBody, CommandEntry } from '../command-line/command.ts';
import { configSource, connectionOptions } from '../command-line/common-flags.ts';
import { givenOf } from '../command-line/parse.ts';

/** Milliseconds that the engine has to tell its names: nobody waits longer for a Tab. */
const PATIENCE = 80;

/**
 * `swarmroll __complete -- WORDS...` prints one candidate a line for the last word. Silent whatever goes wrong.
 * As docker's plugin it is asked by docker's own completion, and answers in the form of cobra's.
 */
export function completeFor(commands: readonly CommandEntry[]): CommandBody {
  return {
    operands: 'WORD...',
    minOperands: 0,
    maxOperands: Infinity,
    flagsStop: true,
    flags: [],
    examples: [],
    run: async ({ operands, world }) => {
      const line = joined(operands);
      const last = line.at(-1) ?? '';
      const isPlugin = world.program !== 'swarmroll';
      try {
        const { words, names, prefix, connection } = await candidates(commands, line);
        const live =
          names === undefined ? [] : await inTime(namesOf(names, givenOf(connection), world), world);
        // A name that a terminal would act on can't be offered: with its escapes it would be another.
        const found = [...words, ...live.map((name) => prefix + name)].filter(
          (word) => word.startsWith(last) && printable(word) === word,
        );
        // What the shell keeps of the word.
        const kept = isPlugin ? prefix.length : last.length - lastPiece(operands).length;
        world.stdout.write(found.map((word) => `${word.slice(kept)}\n`).join(''));
      } catch {
        // A command line that can't be read has nothing that could come next.
      }
      if (isPlugin) world.stdout.write(':4\n');
      return EXIT_CODES.done;
    },
  };
}

/** Bash takes words apart at these, and completes what stands behind. */
const BREAK = /^[=:]+$/;

/** Bash's pieces as the words that were typed: `--mode`, `=`, `global` is one. */
function joined(pieces: readonly string[]): string[] {
  return pieces.reduce<string[]>((words, piece, index) => {
    const goesOn = BREAK.test(piece) || BREAK.test(pieces[index - 1] ?? '');
    const last = words.at(-1);
    return goesOn && last !== undefined ? [...words.slice(0, -1), last + piece] : [...words, piece];
  }, []);
}

function lastPiece(pieces: readonly string[]): string {
  const last = pieces.at(-1) ?? '';
  return BREAK.test(last) ? '' : last;
}

/** No names where they take too long, or can't be had. */
async function inTime(names: Promise<string[]>, { clock }: World): Promise<string[]> {
  const answered = new AbortController();
  const late = clock.sleep(PATIENCE, answered.signal).then(() => []);
  return Promise.race([names.catch(() => []), late]).finally(() => answered.abort());
}

async function namesOf(kind: NameKind, given: Given, world: World): Promise<string[]> {
  if (kind === 'contexts') return contextNames(configSource(given, world));
  const engine = await world.connect(connectionOptions(given));
  switch (kind) {
    case 'services':
      return (await engine.services({})).map(({ Spec }) => Spec.Name ?? '');
    case 'networks':
      return (await engine.networks({ scope: ['swarm'] }))
        .filter(({ Ingress }) => Ingress !== true)
        .map(({ Name = '' }) => Name);
    case 'secrets':
    case 'configs':
      return (await engine[kind]({})).map(({ Spec }) => Spec?.Name ?? '');
  }
}
