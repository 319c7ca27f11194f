/**
 * GitHub's workflow commands. Its runner reads every line of stdout and stderr: one that begins with `::`, after spaces, is a
 * command, and so is `##[` anywhere in a line (actions/runner src/Runner.Common/ActionCommand.cs, TryParseV2 and TryParse).
 */
import { withFields } from '../world.ts';
import type { Output, World } from '../world.ts';

/** Whether a runner reads what is printed. */
export const isOnRunner = ({ env }: Pick<World, 'env'>): boolean => env['GITHUB_ACTIONS'] === 'true';

/**
 * Escapes the first character of each workflow command in a text from outside. The runner then does not execute it. The escapes
 * are those of values/printable.ts. A JSON text stays JSON of the same data. The runner's comparisons may skip invisible characters.
 */
export function withoutCommands(text: string): string {
  return text
    .replace(/^([\s\p{Cf}\p{M}]*):(?=[\p{Cf}\p{M}]*:)/gmu, '$1\\u003a')
    .replace(/#(?=[\p{Cf}\p{M}]*#[\p{Cf}\p{M}]*\[)/gu, '\\u0023');
}

/** The same world. On a runner, its outputs escape workflow commands, and they are not terminals. */
export function withoutCommandsIn(world: World): World {
  if (!isOnRunner(world)) return world;
  const guarded = (output: () => Output): Output => ({
    write: (text) => output().write(withoutCommands(text)),
    writeExact: (text) => {
      const to = output();
      // The runner does not read a file.
      const isExact = to.isFile === true || withoutCommands(text) === text;
      if (isExact) to.write(text);
      return isExact;
    },
  });
  return withFields(world, { stdout: guarded(() => world.stdout), stderr: guarded(() => world.stderr) });
}

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

/** The line that makes an annotation. */
export const errorCommand = (title: string, message: string): string =>
  `::error title=${property(title)}::${data(message)}\n`;
