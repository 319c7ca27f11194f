/** From Compose files to a file for `docker stack deploy`. */
import { join } from 'node:path';
import type { Call } from '../command-line/command.ts';
import { usageError } from '../errors.ts';
import { variableName } from '../held-writes/docker-command.ts';
import { printable } from '../values/printable.ts';
import { composeProject, composeVariables } from './compose-command.ts';
import type { ComposeOptions } from './compose-command.ts';
import { writeFiles } from './content-files.ts';
import type { FileToWrite } from './content-files.ts';
import { stackFileText } from './escapes.ts';
import { leftOut, rewrite } from './rewrite.ts';
import type { ContentFile, Rewritten } from './rewrite.ts';
import type { EmptyVariable } from './services.ts';

export interface StackFile extends Pick<Rewritten, 'dependencies' | 'gates'> {
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
  if (folder !== undefined) writeFiles(folder, await filesOf(contents, options, world));
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

async function filesOf(
  contents: readonly ContentFile[],
  options: ComposeOptions,
  world: Call['world'],
): Promise<readonly FileToWrite[]> {
  const names = contents.flatMap(({ content }) => ('variable' in content ? [content.variable] : []));
  const values =
    names.length === 0 ? new Map<string, string>() : await composeVariables(names, options, world);
  return contents.map(({ path, of, content }) => {
    if ('text' in content) return { path, text: content.text };
    const text = values.get(content.variable);
    if (text === undefined)
      throw usageError(`${of}: the environment variable ${content.variable} is not set; nothing was sent`);
    return { path, text };
  });
}
