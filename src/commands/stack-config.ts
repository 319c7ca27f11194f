/** swarmroll stack config --compose: prints the file that `stack deploy --compose` gives to docker. */
import { resolve } from 'node:path';
import type { CommandBody } from '../command-line/command.ts';
import { configDir, debug } from '../command-line/common-flags.ts';
import type { Flag } from '../command-line/flag.ts';
import { usageError } from '../errors.ts';
import { string } from '../values/value.ts';
import { COMPOSE_FLAGS, composeFile, composeOptions } from './stack-deploy.ts';

const files: Flag<string> = {
  name: 'files',
  type: string,
  group: 'Services',
  help: 'Write the content of configs and secrets from the Compose file into this folder',
};

export const stackConfig: CommandBody = {
  operands: [{ kind: 'stack', optional: true }],
  flags: [composeFile, ...COMPOSE_FLAGS, files],
  exits: { done: 'the stack file was printed' },
  connection: [configDir, debug],
  examples: [
    [
      'swarmroll stack config --compose -c compose.yml app > stack.yml',
      'for docker stack deploy, or for a review',
    ],
  ],
  run: async (call) => {
    const { given, operands, world } = call;
    const folder = given.get(files);
    const read = await composeOptions(call, operands[0]);
    if (read === undefined)
      throw usageError('stack config needs --compose', 'without it, docker stack config prints the file');
    const { printStackFile } = await import('../stack/print-file.ts');
    return printStackFile(call, read, folder === undefined ? undefined : resolve(world.cwd, folder));
  },
};
