/** From Compose files to a file for `docker stack deploy`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Call } from '../command-line/command.ts';
import { SwarmrollError, usageError } from '../errors.ts';
import { variableName } from '../held-writes/docker-command.ts';
import { printable } from '../values/printable.ts';
import { composeProject, composeVariables } from './compose-command.ts';
import type { ComposeOptions } from './compose-command.ts';
import { stackFileText } from './escapes.ts';
import { leftOut, rewrite } from './rewrite.ts';
import type { ContentFile, Rewritten } from './rewrite.ts';
import type { EmptyVariable } from './services.ts';

interface StackFile extends Pick<Rewritten, 'dependencies' | 'gates'> {
  /** JSON, for docker. */
  readonly text: Uint8Array;
  /**
   * The variables that docker must not have: the file has them as empty or as not set, and docker would put its own values there
   * (docker/cli cli/compose/loader/loader.go, updateEnvironment).
   */
  readonly hiddenVariables: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Makes a stack file of what Compose reads.
 * @param folder where the content of configs and secrets is written; undefined: there is no place for it
 * @throws SwarmrollError `usage` if the files have what a swarm cannot do; `failed` if Compose refuses them
 */
export async function stackFile(
  { world }: Pick<Call, 'world'>,
  options: ComposeOptions,
  folder: string | undefined,
): Promise<StackFile> {
  const { project, model, warnings } = await composeProject(options, world);
  const stack = options.project ?? String(project['name']);
  const { file, refusals, ignored, contents, dependencies, gates, emptyVariables } = rewrite(
    project,
    stack,
    (name) => join(folder ?? '', name),
  );
  const left = leftOut(model ?? {});
  const problems = [...refusals, ...left.refusals, ...emptyVariables.flatMap(neededByDocker(world.env))];
  if (problems.length > 0) throw usageError(`${problems.map(printable).join('; ')}; nothing was sent`);
  const [first] = contents;
  if (folder === undefined && first !== undefined) {
    throw usageError(
      `${first.of}: a stack file cannot contain the content of configs and secrets`,
      'name a folder for it with --files',
    );
  }
  if (folder !== undefined && first !== undefined)
    writeFiles(folder, await filesOf(contents, options, world));
  return {
    ...{ dependencies, gates, text: Buffer.from(stackFileText(file)) },
    hiddenVariables: emptyVariables.map(({ name }) => name),
    warnings: [
      ...warnings,
      ...left.warnings,
      ...(model === undefined ? [UNCHECKED] : []),
      ...(ignored.length === 0 ? [] : [`ignored, because a swarm has no use for it: ${ignored.join('; ')}`]),
    ],
  };
}

const UNCHECKED =
  'Compose cannot print the files with their variables not replaced: swarmroll cannot tell which configs, secrets and settings of volumes (x-cluster-spec) it leaves out';

/** The variables that docker itself needs, although it connects to a socket. */
const OF_DOCKER = [
  ...['PATH', 'HOME', 'USERPROFILE', 'SYSTEMROOT'],
  ...['DOCKER_CONFIG', 'DOCKER_AUTH_CONFIG', 'DOCKER_API_VERSION', 'DOCKER_CUSTOM_HEADERS'],
];

/** Why a variable cannot be hidden from docker. */
const neededByDocker =
  (env: Call['world']['env']) =>
  ({ of, name }: EmptyVariable): readonly string[] => {
    const own = variableName(name);
    const isSet = Object.entries(env).some(([one, value = '']) => variableName(one) === own && value !== '');
    return isSet && OF_DOCKER.includes(own)
      ? [
          `${of}: environment.${name}: docker needs this variable, and would put its own value here: write a value, or leave the variable out`,
        ]
      : [];
  };

/** The content of configs and secrets, by the paths of their files. @throws SwarmrollError `usage` if a variable with it is not set */
async function filesOf(
  contents: readonly ContentFile[],
  options: ComposeOptions,
  world: Call['world'],
): Promise<ReadonlyMap<string, string>> {
  const names = contents.flatMap(({ content }) => ('variable' in content ? [content.variable] : []));
  const values = await composeVariables(names, options, world);
  return new Map(
    contents.map(({ path, of, content }) => {
      if ('text' in content) return [path, content.text];
      const text = values.get(content.variable);
      if (text !== undefined) return [path, text];
      throw usageError(`${of}: the environment variable ${content.variable} is not set; nothing was sent`);
    }),
  );
}

/**
 * Writes new files that only this user can read. A file or a symbolic link of the same name is removed before.
 * @param folder is made if it is not there
 * @throws SwarmrollError `failed`
 */
function writeFiles(folder: string, files: ReadonlyMap<string, string>): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const [path, text] of files) {
      rmSync(path, { force: true });
      writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    }
  } catch (error) {
    const { code = 'no reason given' } = error as { code?: string };
    throw new SwarmrollError(
      'failed',
      `cannot write the files for configs and secrets to ${folder}: ${code}`,
      { hint: 'name a folder that you can write with --files', cause: error },
    );
  }
}
