/** `stack config --compose`: docker prints the stack file as YAML. */
import type { Call } from '../command-line/command.ts';
import type { ComposeOptions } from '../compose/compose-command.ts';
import { stackFile } from '../compose/compose-file.ts';
import { EXIT_CODES } from '../errors.ts';
import { runDocker } from '../held-writes/docker-command.ts';
import { warn } from '../watch/warn.ts';

/**
 * @param folder for the files of configs and secrets. Undefined: there must be none
 * @throws SwarmrollError all that `stackFile` throws, and docker's own refusal of the file
 */
export async function printStackFile(
  call: Call,
  compose: ComposeOptions,
  folder: string | undefined,
): Promise<number> {
  const { text, warnings } = await stackFile(call, compose, folder);
  warn(call.world, warnings);
  const { configDir } = compose;
  const config = configDir === undefined ? [] : [`--config=${configDir}`];
  // The variables are in it already.
  const words = [...config, 'stack', 'config', '--skip-interpolation', '--compose-file=-'];
  call.world.stdout.write((await runDocker(words, call.world, text)).output);
  return EXIT_CODES.done;
}
