/** `swarmroll __complete`: prints completion candidates. The completion scripts of the shells run it (completion.ts). */
import { contextNames } from '../connection/contexts.ts';
import { EXIT_CODES } from '../errors.ts';
import type { Given, NameKind } from '../command-line/flag.ts';
import { printable } from '../values/printable.ts';
import type { Engine } from '../engine/client.ts';
import type { CommandWorld, World } from '../world.ts';
import { candidates } from '../command-line/candidates.ts';
import type { CommandBody, CommandEntry } from '../command-line/command.ts';
import { configSource, connectionOptions, debug } from '../command-line/common-flags.ts';
import { givenOf } from '../command-line/parse.ts';
import { STACK_LABEL } from '../api/stack-labels.ts';

/** The timeout for names from the engine, in milliseconds: a user expects an immediate answer to Tab. */
const NAMES_TIMEOUT = 80;

/**
 * `swarmroll __complete -- WORDS...` prints the candidates for the last word, one on each line. It prints no errors. As a
 * docker plugin, it is run by docker's completion and prints what that expects: the format of cobra, whose last line `:4`
 * means "complete no file names" (spf13/cobra completions.go, ShellCompDirectiveNoFileComp).
 * @param commands the commands that completion offers
 */
export function completeFor(commands: readonly CommandEntry[]): CommandBody {
  return {
    operands: [{ kind: 'word', many: true, optional: true }],
    flagsStop: true,
    flags: [],
    // The connection flags are among the words.
    connection: [debug],
    examples: [],
    run: async ({ operands, world }) => {
      const argv = joinPieces(operands);
      const last = argv.at(-1) ?? '';
      const isPlugin = world.program.startsWith('docker');
      try {
        const { fixed, names, prefix, operands: typed, connection } = await candidates(commands, argv);
        const existing =
          names === undefined ? [] : await orNone(namesOf(names, givenOf(connection), world, typed), world);
        // A name with control characters is left out: made printable, it would be the name of something else.
        const found = [...fixed, ...existing.map((name) => prefix + name)].filter(
          (text) => text.startsWith(last) && printable(text) === text,
        );
        // The shell keeps this many characters of the last argument and replaces the rest.
        const kept = isPlugin ? prefix.length : last.length - lastPiece(operands).length;
        world.stdout.write(found.map((text) => `${text.slice(kept)}\n`).join(''));
      } catch {
        // There are no candidates after a wrong command line.
      }
      if (isPlugin) world.stdout.write(':4\n');
      return EXIT_CODES.done;
    },
  };
}

/** Bash splits arguments at these characters (COMP_WORDBREAKS) and completes only the last piece. */
const BREAK = /^[=:]+$/;

/** Joins the pieces that bash has made of one argument: `--mode`, `=`, `global` become `--mode=global`. */
function joinPieces(pieces: readonly string[]): string[] {
  return pieces.reduce<string[]>((argv, piece, index) => {
    const continues = BREAK.test(piece) || BREAK.test(pieces[index - 1] ?? '');
    const last = argv.at(-1);
    return continues && last !== undefined ? [...argv.slice(0, -1), last + piece] : [...argv, piece];
  }, []);
}

function lastPiece(pieces: readonly string[]): string {
  const last = pieces.at(-1) ?? '';
  return BREAK.test(last) ? '' : last;
}

/** The names; no names after an error or after the timeout. */
async function orNone(names: Promise<string[]>, { clock }: World): Promise<string[]> {
  const replied = new AbortController();
  const late = clock.sleep(NAMES_TIMEOUT, replied.signal).then(() => []);
  return Promise.race([names.catch(() => []), late]).finally(() => replied.abort());
}

/** The names of all objects of a kind. @throws SwarmrollError if the engine or the docker contexts cannot be read */
async function namesOf(
  kind: NameKind,
  given: Given,
  world: CommandWorld,
  services: readonly string[] = [],
): Promise<string[]> {
  if (kind === 'contexts') return contextNames(configSource(given, world));
  const engine = await world.connect(connectionOptions(given), world);
  switch (kind) {
    case 'services':
      return (await engine.services({})).map(({ Spec }) => Spec.Name ?? '');
    case 'stacks': {
      const found = await engine.services({ label: [STACK_LABEL] });
      return [...new Set(found.map(({ Spec }) => Spec.Labels?.[STACK_LABEL] ?? ''))];
    }
    case 'nodes':
      return (await engine.nodes({})).map(({ Description }) => Description?.Hostname ?? '');
    case 'generations':
      return generationIds(engine, services);
    case 'networks':
      return (await engine.networks({ scope: ['swarm'] }))
        .filter(({ Ingress }) => Ingress !== true)
        .map(({ Name = '' }) => Name);
    case 'secrets':
    case 'configs':
      return (await engine[kind]({})).map(({ Spec }) => Spec?.Name ?? '');
  }
}

/** The ids of the earlier task templates: those of the named service or, before one is named, of all. */
async function generationIds(engine: Engine, [service]: readonly string[]): Promise<string[]> {
  const { generationsOf } = await import('../generations/generations.ts');
  const [services, tasks] = await Promise.all([
    engine.services(service === undefined ? {} : { name: [service] }),
    engine.exactTasks(service === undefined ? {} : { service: [service] }),
  ]);
  const ids = services
    .filter(({ Spec }) => service === undefined || Spec.Name === service)
    .flatMap((one) =>
      generationsOf(
        one,
        tasks.filter(({ ServiceID }) => ServiceID === one.ID),
      ),
    )
    .filter(({ isCurrent }) => !isCurrent)
    .map(({ id }) => id);
  return [...new Set(ids)];
}
