/** swarmroll stack deploy: runs `docker stack deploy`, then watches every service of the stack to its verdict. */
import type { Call, CommandBody } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import type { Flag } from '../command-line/flag.ts';
import { RESTORING_FLAGS, watchLimitsOf } from '../deploy/rollout-flags.ts';
import { usageError } from '../errors.ts';
import { boolean, oneOf, strings } from '../values/value.ts';

const composeFile: Flag<string[]> = {
  name: 'compose-file',
  short: 'c',
  type: strings,
  group: 'Services',
  help: 'The path of a Compose file, or "-" for standard input',
};

const prune: Flag<boolean> = {
  name: 'prune',
  type: boolean,
  group: 'Services',
  help: 'Remove services that are no longer in the Compose file',
};

const resolveImage: Flag<string> = {
  name: 'resolve-image',
  type: oneOf('always', 'changed', 'never'),
  group: 'Services',
  help: 'When to ask the registry for the digest and the platforms of an image',
  default: 'always',
};

const withRegistryAuth: Flag<boolean> = {
  name: 'with-registry-auth',
  type: boolean,
  group: 'Services',
  help: 'Send registry authentication details to swarm agents',
};

const DOCKER_FLAGS: readonly Flag[] = [composeFile, prune, resolveImage, withRegistryAuth];

export const stack: CommandBody = {
  operands: 'deploy STACK',
  minOperands: 2,
  maxOperands: 2,
  flags: [...DOCKER_FLAGS, ...RESTORING_FLAGS],
  examples: [
    ['swarmroll stack deploy -c compose.yml --timeout 10m app', 'in CI: deploy, and fail if a service fails'],
  ],
  run: async (call) => {
    const { given, operands, world } = call;
    const [subcommand = '', name = ''] = operands;
    if (!['deploy', 'up'].includes(subcommand))
      throw usageError(`unknown command: stack ${subcommand}`, 'the only command is: stack deploy');
    watchLimitsOf(given);
    const engine = await world.connect(connectionOptions(given));
    const { deploy } = await import('../stack/deploy.ts');
    return deploy(call, engine, {
      stack: name,
      dockerFlags: dockerArguments(call),
      only: [],
      keepsReplicas: false,
      keepsDigests: given.get(resolveImage) !== 'never',
    });
  },
};

/** The flags of `docker stack deploy` that were given, as arguments. */
function dockerArguments({ given }: Call): readonly string[] {
  return DOCKER_FLAGS.flatMap((flag) => {
    if (!given.has(flag)) return [];
    const value: unknown = given.get(flag);
    return [value].flat().map((one) => `--${flag.name}=${String(one)}`);
  });
}
