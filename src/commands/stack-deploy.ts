/** swarmroll stack deploy and stack diff: docker reads the Compose file, and what it would send is planned. */
import { randomBytes } from 'node:crypto';
import type { Call, CommandBody } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import type { Flag } from '../command-line/flag.ts';
import { dryRun, noOrder, output, UNDO_FLAGS } from '../watch/rollout-flags.ts';
import type { ComposeOptions } from '../compose/compose-command.ts';
import { composeFiles } from '../held-writes/docker-runs.ts';
import type { Deployment } from '../stack/deploy.ts';
import { usageError } from '../errors.ts';
import { boolean, nonEmptyTexts, oneOf, strings } from '../values/value.ts';

export const composeFile: Flag<string[]> = {
  name: 'compose-file',
  short: 'c',
  type: nonEmptyTexts,
  group: 'Services',
  help: 'The path of a Compose file, or "-" for standard input',
};

const compose: Flag<boolean> = {
  name: 'compose',
  type: boolean,
  group: 'Services',
  help: 'Let Docker Compose read the files; what a swarm cannot do is refused',
};

const envFile: Flag<string[]> = {
  name: 'env-file',
  type: strings,
  group: 'Services',
  help: 'With --compose: a file with variables for the Compose file, instead of .env',
};

const profile: Flag<string[]> = {
  name: 'profile',
  type: strings,
  group: 'Services',
  help: 'With --compose: also deploy the services of this profile',
};

export const COMPOSE_FLAGS: readonly Flag[] = [compose, envFile, profile];

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

const service: Flag<string[]> = {
  name: 'service',
  type: nonEmptyTexts,
  group: 'Services',
  help: 'Only this service of the Compose file, with its networks, secrets and configs',
};

const keepReplicas: Flag<boolean> = {
  name: 'keep-replicas',
  type: boolean,
  group: 'Services',
  help: 'Services that exist keep their number of replicas',
};

const noRotate: Flag<boolean> = {
  name: 'no-rotate',
  type: boolean,
  group: 'Services',
  help: 'Fail if the content of a stored config or secret has changed, instead of storing it under another name',
};

const rotateNamed: Flag<boolean> = {
  name: 'rotate-named',
  type: boolean,
  group: 'Services',
  help: 'Rotate also configs and secrets with a "name:" of their own in the Compose file',
};

const keepRotated: Flag<boolean> = {
  name: 'keep-rotated',
  type: boolean,
  group: 'Services',
  help: 'Do not remove old configs and secrets that nothing refers to any more',
};

const DOCKER_FLAGS: readonly Flag[] = [composeFile, prune, resolveImage, withRegistryAuth];

/** The flags that decide how a stack is planned. */
const PLAN_FLAGS: readonly Flag[] = [
  ...[...DOCKER_FLAGS, ...COMPOSE_FLAGS, service, keepReplicas, noOrder, noRotate, rotateNamed],
];

export const stackDeploy: CommandBody = {
  operands: [{ kind: 'stack' }],
  flags: [...PLAN_FLAGS, keepRotated, dryRun, ...UNDO_FLAGS],
  examples: [
    ['swarmroll stack deploy -c compose.yml --timeout 10m app', 'in CI: deploy, and fail if a service fails'],
  ],
  run: async (call) => {
    const { given, world } = call;
    const deployment = await deploymentOf(call);
    const engine = await world.engine();
    if (given.get(dryRun) === true) {
      const { showDeployment } = await import('../stack/show.ts');
      return (await showDeployment(call, engine, deployment, 'planned')).exitCode;
    }
    const { deploy } = await import('../stack/deploy.ts');
    return deploy(call, engine, deployment);
  },
};

export const stackDiff: CommandBody = {
  operands: [{ kind: 'stack' }],
  flags: [...PLAN_FLAGS, output],
  exits: { done: 'nothing would change', others: ['differs', 'notOurs'] },
  examples: [
    ['swarmroll stack diff -c compose.yml app', 'in CI: does the swarm run what the file says? 6 if not'],
  ],
  run: async (call) => {
    const deployment = await deploymentOf(call);
    const engine = await call.world.engine();
    const { showDeployment } = await import('../stack/show.ts');
    return (await showDeployment(call, engine, deployment, 'compared')).exitCode;
  },
};

async function deploymentOf(call: Call): Promise<Deployment> {
  const { given, operands } = call;
  const [stack = ''] = operands;
  const isOff = given.get(noRotate) === true;
  const isForAll = given.get(rotateNamed) === true;
  if (isOff && isForAll) throw usageError('--no-rotate and --rotate-named exclude each other');
  const read = await composeOptions(call, stack);
  if (read === undefined && !given.has(composeFile))
    throw usageError(
      'specify a Compose file with --compose-file',
      'with --compose, Compose finds its files itself',
    );
  return {
    ...(read === undefined ? {} : { compose: read }),
    stack,
    dockerFlags: dockerArguments(call),
    only: given.get(service) ?? [],
    keepsReplicas: given.get(keepReplicas) === true,
    isOrdered: given.get(noOrder) !== true,
    keepsDigests: given.get(resolveImage) !== 'never',
    looksUpImages: (given.get(resolveImage) ?? 'always') === 'always' && given.get(withRegistryAuth) !== true,
    rotates: isOff ? 'none' : isForAll ? 'all' : 'own',
    randomSuffix: () => randomBytes(4).toString('hex'),
    keepsRotated: given.get(keepRotated) === true,
  };
}

/**
 * What Compose reads; undefined without --compose.
 * @param project the name of the project; undefined: that of the files
 */
export async function composeOptions(
  { given, world }: Call,
  project: string | undefined,
): Promise<ComposeOptions | undefined> {
  const { configDir } = connectionOptions(given);
  const named = given.get(composeFile) ?? [];
  if (given.get(compose) !== true) {
    const other = [envFile, profile].find((flag) => given.has(flag));
    if (other !== undefined) throw usageError(`--${other.name} needs --compose`);
    return undefined;
  }
  const { paths, input } = await composeFiles(named, world);
  return {
    ...{ project, configDir, input, files: paths },
    envFiles: given.get(envFile) ?? [],
    profiles: given.get(profile) ?? [],
  };
}

/** The flags of `docker stack deploy` that were given, as arguments. */
function dockerArguments({ given }: Call): readonly string[] {
  return DOCKER_FLAGS.flatMap((flag) => {
    if (!given.has(flag)) return [];
    const value: unknown = given.get(flag);
    return [value].flat().map((one) => `--${flag.name}=${String(one)}`);
  });
}
