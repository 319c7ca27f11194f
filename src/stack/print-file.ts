/** `stack config --compose`: docker prints the stack file as YAML. */
import type { Call } from '../command-line/command.ts';
import type { ComposeOptions } from '../compose/compose-command.ts';
import { stackFile } from '../compose/compose-file.ts';
import { EXIT_CODES, SwarmrollError } from '../errors.ts';
import { configFlag, runDocker, withoutVariables } from '../held-writes/docker-command.ts';
import { warn } from '../watch/warn.ts';

/**
 * @param folder for the files of configs and secrets. Undefined: there must be none
 * @throws SwarmrollError all that `stackFile` throws, docker's own refusal of the file, and `failed` if it cannot be printed as it is
 */
export async function printStackFile(
  call: Call,
  compose: ComposeOptions,
  folder: string | undefined,
): Promise<number> {
  const { world } = call;
  const { text, warnings, hiddenVariables } = await stackFile(call, compose, folder);
  warn(world, warnings);
  // The variables are in it already.
  const words = [
    ...configFlag(compose.configDir),
    ...['stack', 'config', '--skip-interpolation', '--compose-file=-'],
  ];
  const { output } = await runDocker(words, withoutVariables(world, hiddenVariables), text);
  const { stdout } = world;
  if (stdout.writeExact === undefined) stdout.write(output);
  else if (!stdout.writeExact(output)) {
    throw new SwarmrollError(
      'failed',
      'a runner of GitHub would take a line of the stack file for a workflow command: it is not printed',
      { hint: 'write it to a file, with > stack.yml' },
    );
  }
  return EXIT_CODES.done;
}
