/** Runs Docker Compose 2, the plugin of docker or `docker-compose` on the PATH: it reads the Compose files. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SwarmrollError, usageError } from '../errors.ts';
import { configFlag, endWithoutMessage, runProgram, startError } from '../held-writes/docker-command.ts';
import type { ProgramEnd } from '../held-writes/docker-command.ts';
import { failureIn, messagesIn } from '../held-writes/messages.ts';
import { objectIn } from '../values/exact-json.ts';
import type { CommandWorld } from '../world.ts';
import type { Tree } from './convert.ts';
import { withoutEscapes } from './escapes.ts';

/** What Compose reads. */
export interface ComposeOptions {
  /** Empty: those that Compose finds itself. "-" is `input`. */
  readonly files: readonly string[];
  readonly envFiles: readonly string[];
  readonly profiles: readonly string[];
  /** The name of the project. Absent: that of the files. */
  readonly project: string | undefined;
  /** The docker config folder, with the plugins of docker. */
  readonly configDir: string | undefined;
  /** What "-" among the files stands for. */
  readonly input: Uint8Array | undefined;
}

interface Project {
  /** The project as JSON, with nothing escaped. */
  readonly project: Tree;
  /** The merged files, with variables not replaced. Undefined: Compose cannot print that. */
  readonly model: Tree | undefined;
  readonly warnings: readonly string[];
}

type ComposeWorld = Pick<CommandWorld, 'cwd' | 'env' | 'interrupted' | 'waits' | 'spawn'>;

const INSTALL =
  'install the plugin docker-compose-plugin, or docker-compose 2 or newer: https://docs.docker.com/compose/install/';
const NO_COMPOSE =
  'Docker Compose 2 was not found: neither the plugin of docker nor docker-compose on the PATH';

/**
 * Lets Compose read, merge and interpolate the files.
 * @throws SwarmrollError `failed` if there is no Compose, or with its words if it refuses the files; `usage` if it would refuse
 * the name of the project
 */
export async function composeProject(options: ComposeOptions, world: ComposeWorld): Promise<Project> {
  const { files, project, input } = options;
  if (project !== undefined && !/^[a-z0-9][a-z0-9_-]*$/.test(project)) {
    throw usageError(
      `the stack name ${project} is not a valid project name for Compose`,
      'its names have lowercase letters, digits, "-" and "_" only; use such a name, or deploy without --compose',
    );
  }
  const words = [
    ...files.map((file) => `--file=${file}`),
    ...commonFlags(options),
    ...['config', '--format', 'json'],
  ];
  const [{ output, errors }, whole] = await Promise.all([
    runCompose(words, options, world, input),
    runCompose([...words, '--no-interpolate'], options, world, input).catch(() => undefined),
  ]);
  return {
    project: projectIn(output),
    model: objectIn(whole?.output ?? ''),
    warnings: messagesIn(errors).map(({ text }) => text),
  };
}

const commonFlags = ({ project, envFiles, profiles }: ComposeOptions): string[] => [
  ...(project === undefined ? [] : [`--project-name=${project}`]),
  ...envFiles.map((file) => `--env-file=${file}`),
  ...profiles.map((profile) => `--profile=${profile}`),
];

function projectIn(output: string): Tree {
  const printed = objectIn(output);
  const project = printed === undefined ? undefined : withoutEscapes(printed);
  if (project !== undefined) return project;
  const what = printed === undefined ? 'the output' : 'the "$" in the output';
  throw new SwarmrollError(
    'refused',
    `swarmroll does not know ${what} of this version of Compose; nothing was sent`,
    {
      hint: 'docker compose version shows it: use another one, and tell the developers of swarmroll',
    },
  );
}

/** @throws SwarmrollError `failed` */
async function runCompose(
  argv: readonly string[],
  { configDir }: ComposeOptions,
  world: ComposeWorld,
  input: Uint8Array | undefined,
): Promise<ProgramEnd> {
  /** Resolves with undefined if there is no such program. */
  const run = async (
    way: Way,
    words: readonly string[],
    from?: Uint8Array,
  ): Promise<ProgramEnd | undefined> => {
    const [program, ...start] = way;
    try {
      return await runProgram(program, [...start, ...words], 'docker compose', world, from);
    } catch (error) {
      if ((error as { code?: unknown } | undefined)?.code === 'ENOENT') return undefined;
      throw startError(program, 'Compose', error, INSTALL);
    }
  };
  const plugin: Way = ['docker', ...configFlag(configDir), 'compose'];
  let ended = await run(plugin, argv, input);
  if (ended?.code === 0) return ended;
  for (const way of [plugin, ['docker-compose'] as const]) {
    world.interrupted.throwIfAborted();
    // Without the plugin, docker takes the words for its own, and complains about them.
    const version = await run(way, ['version', '--short'], new Uint8Array());
    if (version?.code !== 0) continue;
    // Version 1 knows no formats, and prints YAML.
    if (/^v?[01]\./.test(version.output)) continue;
    if (way !== plugin) ended = await run(way, argv, input);
    world.interrupted.throwIfAborted();
    if (ended === undefined) continue;
    if (ended.code === 0) return ended;
    const { warnings, error } = failureIn(ended.errors);
    throw new SwarmrollError('failed', error || endWithoutMessage('docker compose config', ended), {
      warnings,
    });
  }
  throw new SwarmrollError('failed', NO_COMPOSE, { hint: INSTALL });
}

/** A program, and the words that come first. */
type Way = readonly [program: string, ...words: readonly string[]];

/**
 * The values of variables as Compose sees them: in the environment, in the files of --env-file, or in the `.env` of the project.
 * @returns undefined for a variable that is not set
 */
export async function composeVariables(
  names: readonly string[],
  options: ComposeOptions,
  world: ComposeWorld,
): Promise<ReadonlyMap<string, string | undefined>> {
  const known = names.filter((name) => /^[a-z_][a-z0-9_]*$/i.test(name));
  if (known.length === 0) return new Map();
  const environment = known.flatMap((name, index) => [
    [`SET_${index}`, `\${${name}+set}`],
    [`VALUE_${index}`, `\${${name}-}`],
  ]);
  const asked = {
    services: { variables: { image: 'none', environment: Object.fromEntries(environment) as Tree } },
  };
  const { output } = await runCompose(
    [
      `--project-directory=${projectFolder(options, world)}`,
      '--file=-',
      ...commonFlags(options),
      ...['config', '--format', 'json'],
    ],
    options,
    world,
    Buffer.from(JSON.stringify(asked)),
  );
  const { services } = projectIn(output) as {
    services: Record<string, { environment: Record<string, string> }>;
  };
  const values = services['variables']?.environment ?? {};
  return new Map(
    known.map((name, index) => [
      name,
      values[`SET_${index}`] === 'set' ? values[`VALUE_${index}`] : undefined,
    ]),
  );
}

const DEFAULT_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];

/** The folder of the project, in which Compose looks for `.env`: that of the first file (compose-go cli, GetWorkingDir). */
function projectFolder({ files: [file] }: ComposeOptions, { cwd, env }: ComposeWorld): string {
  if (file === '-') return cwd;
  if (file !== undefined) return dirname(resolve(cwd, file));
  const [named = ''] = (env['COMPOSE_FILE'] ?? '').split(
    env['COMPOSE_PATH_SEPARATOR'] ?? (cwd.includes('\\') ? ';' : ':'),
  );
  if (named !== '') return dirname(resolve(cwd, named));
  const hasFile = (folder: string): boolean => DEFAULT_FILES.some((name) => existsSync(join(folder, name)));
  let folder = cwd;
  while (!hasFile(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return hasFile(folder) ? folder : cwd;
}
