/** swarmroll stack deploy: runs `docker stack deploy`, then watches every service of the stack to its verdict. */
import type { Service } from '../api/service.ts';
import type { Call, CommandBody } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import type { Flag } from '../command-line/flag.ts';
import { printMessage } from '../deploy/print.ts';
import { connectionArguments } from '../command-line/connection-arguments.ts';
import { runDocker } from '../deploy/docker-command.ts';
import { errorResult } from '../deploy/outcome.ts';
import type { Result } from '../rollout/result.ts';
import { followMany } from '../deploy/follow-many.ts';
import { RESTORING_FLAGS, restoresOnFailure, watchLimitsOf } from '../deploy/rollout-flags.ts';
import { STACK_LABEL } from '../deploy/select-services.ts';
import { stackChanges } from '../deploy/stack-changes.ts';
import { warn } from '../deploy/warn.ts';
import { SwarmrollError, exitCodeOf } from '../errors.ts';
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

export const stackDeploy: CommandBody = {
  operands: [{ kind: 'stack' }],
  flags: [...DOCKER_FLAGS, ...RESTORING_FLAGS],
  examples: [
    ['swarmroll stack deploy -c compose.yml --timeout 10m app', 'in CI: deploy, and fail if a service fails'],
  ],
  run: async (call) => {
    const { given, operands, world } = call;
    const [name = ''] = operands;
    watchLimitsOf(given);
    const connection = connectionOptions(given);
    const engine = await world.connect(connection);
    const services = (): Promise<Service[]> =>
      engine.services({ label: [`${STACK_LABEL}=${name}`] }, world.interrupted);
    const before = await services();
    const startedAt = world.clock.now();
    const argv = [
      ...connectionArguments(connection),
      'stack',
      'deploy',
      '--detach=true',
      ...dockerArguments(call),
      name,
    ];
    const { warnings, refused } = await deployed(call, name, () =>
      runDocker(argv, world, (line) => printMessage(call, [line], { type: 'note', text: line })),
    );
    warn(
      world,
      warnings.split('\n').filter((line) => line.trim() !== ''),
    );
    const changes = stackChanges(before, await services(), startedAt);
    for (const { service, text } of changes.notes)
      printMessage(call, [`${service}: ${text}`], { type: 'note', service, text });
    if (changes.watched.length === 0 && refused.length === 0)
      throw new SwarmrollError('failed', `the stack ${name} has no services`);
    return followMany(call, engine, 'stack deploy', changes.watched, { removed: changes.removed, refused });
  },
};

/**
 * Deploys. With --rollback-on-failure, a failure of docker becomes the result of the stack: docker may have changed some
 * services before it, and they go back.
 */
async function deployed(
  call: Call,
  name: string,
  deploy: () => Promise<string>,
): Promise<{ readonly warnings: string; readonly refused: readonly Result[] }> {
  try {
    return { warnings: await deploy(), refused: [] };
  } catch (error) {
    const { given, world } = call;
    if (!restoresOnFailure(given) || !(error instanceof SwarmrollError) || world.interrupted.aborted)
      throw error;
    printMessage(call, [`swarmroll: ${error.message}`]);
    const subject = { action: 'update', service: { id: null, name } } as const;
    return { warnings: '', refused: [errorResult(subject, error, exitCodeOf(error))] };
  }
}

/** The flags of `docker stack deploy` that were given, as arguments. */
function dockerArguments({ given }: Call): readonly string[] {
  return DOCKER_FLAGS.flatMap((flag) => {
    if (!given.has(flag)) return [];
    const value: unknown = given.get(flag);
    return [value].flat().map((one) => `--${flag.name}=${String(one)}`);
  });
}
