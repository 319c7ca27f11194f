/** Runs rows of the tables with both clients and compares the specs that the engine has stored. */
import { spawn } from 'node:child_process';
import { parseExact, stringifyExact } from '../../src/values/exact-json.ts';
import type { ContainerSpec, Service, ServiceSpec } from '../../src/api/service.ts';
import { httpOf, run, swarm, uniqueName } from '../integration/support/swarm.ts';
import type { Case } from './case.ts';
import { firstDifference } from './compare.ts';
import { DIRECTORY, FILES, VARIABLES, post, remove } from './fixtures.ts';
import { EXECUTABLE } from '../support/command.ts';

/** The rows that one shell runs with docker. A shell in the manager's container takes longer than docker's command lines. */
const BATCH = 40;
/** The number of swarmroll processes that run at the same time. */
const PARALLEL = 2;

/** The result of one command line. `code` is null after a signal. */
interface CommandResult {
  readonly code: number | null;
  readonly stderr: string;
}

/**
 * The service that one client creates or updates, and the ports that it may publish. No two services share a
 * port.
 */
interface TestService {
  readonly name: string;
  readonly firstPort: number;
}

const FIRST_PORT = 20_000;
const PORTS_PER_SERVICE = 4;

let portBlock = 0;

/** Gives a service the next block of ports. The services of a batch, two for each row, have different blocks. */
function testService(name: string): TestService {
  portBlock = (portBlock + 1) % (2 * BATCH);
  return { name, firstPort: FIRST_PORT + portBlock * PORTS_PER_SERVICE };
}

/**
 * Runs every row with both clients.
 * @returns for each row a text that describes the difference, or undefined if there is none
 */
export async function compareAll(
  client: DockerClient,
  cases: readonly Case[],
): Promise<(string | undefined)[]> {
  const results: (string | undefined)[] = [];
  for (let at = 0; at < cases.length; at += BATCH) {
    results.push(...(await compareBatch(client, cases.slice(at, at + BATCH))));
  }
  return results;
}

async function compareBatch(client: DockerClient, cases: readonly Case[]): Promise<(string | undefined)[]> {
  const pairs = cases.map((row) => {
    const name = uniqueName('parity');
    return { row, docker: testService(`${name}-d`), ours: testService(`${name}-s`) };
  });
  try {
    await Promise.all(
      pairs.map(async ({ row, docker, ours }) => {
        for (const { name } of row.base === undefined ? [] : [docker, ours]) {
          await post('/services/create', { ...row.base, Name: name });
        }
      }),
    );
    const before = await storedSpecs();
    const [dockerResults, ourResults] = await Promise.all([
      runDocker(
        client,
        pairs.map(({ row, docker }) => shellCommand(row, 'docker service', docker)),
      ),
      runSwarmroll(pairs.map(({ row, ours }) => shellCommand(row, '"$SWARMROLL"', ours))),
    ]);
    const after = await storedSpecs();
    return pairs.map(({ row, docker, ours }, index) => {
      const [dockerResult, ourResult] = [dockerResults[index], ourResults[index]];
      if (dockerResult === undefined || ourResult === undefined) return `${row.line}: was not run`;
      const problem = compareRow(row, dockerResult, ourResult, {
        docker: specOf(docker, after),
        before: specOf(ours, before),
        ours: specOf(ours, after),
      });
      return problem === undefined ? undefined : `${row.verb} ${row.line}\n    ${problem}`;
    });
  } finally {
    await Promise.all(
      pairs.flatMap(({ docker, ours }) => [docker, ours]).map(({ name }) => remove(`/services/${name}`)),
    );
  }
}

/** The shell command that sets `$P0`, `$P1`, ... to the ports of the service and runs the client. */
function shellCommand({ verb, line }: Case, program: string, { name, firstPort }: TestService): string {
  const ports = Array.from({ length: PORTS_PER_SERVICE }, (_, index) => `P${index}=${firstPort + index};`);
  const rest = verb === 'create' ? `--detach --name ${name} ${line}` : `--detach ${line} ${name}`;
  return `${ports.join(' ')} ${program} ${verb} ${rest}`;
}

/**
 * The stored spec. The ports of the service are replaced by 1, 2, ..., so that the specs of two services can be
 * equal.
 */
function specOf(
  { name, firstPort }: TestService,
  stored: ReadonlyMap<string, ServiceSpec>,
): ServiceSpec | undefined {
  const spec = structuredClone(stored.get(name));
  for (const port of spec?.EndpointSpec?.Ports ?? []) {
    const index = (port.PublishedPort ?? 0) - firstPort;
    if (index >= 0 && index < PORTS_PER_SERVICE) port.PublishedPort = index + 1;
  }
  return spec;
}

/** What is stored: docker's service after the command line, and ours before and after it. Undefined where there is none. */
interface Stored {
  readonly docker: ServiceSpec | undefined;
  readonly before: ServiceSpec | undefined;
  readonly ours: ServiceSpec | undefined;
}

/** Describes the difference between the two clients; undefined if there is none. */
function compareRow(
  row: Case,
  docker: CommandResult,
  ours: CommandResult,
  stored: Stored,
): string | undefined {
  if (row.differs === 'refused') return compareRefusal(ours, [2], stored);
  if (docker.code === 0 && row.refused === undefined) return compareStored(row, ours, stored);
  if (docker.code === 0) return 'docker succeeds, but the table expects it to fail';
  if (row.refused === undefined && row.aspect !== 'random') return `docker fails: ${docker.stderr.trim()}`;
  if (ours.code === 0) return `docker fails (${docker.stderr.split('\n')[0] ?? ''}), swarmroll succeeds`;
  return compareRefusal(ours, row.refused === undefined ? [1, 2] : [row.refused === 'usage' ? 2 : 1], stored);
}

/** Compares what is stored after docker has accepted the command line. */
function compareStored(
  { verb, differs }: Case,
  ourResult: CommandResult,
  { docker, ours }: Stored,
): string | undefined {
  if (ourResult.code !== 0) return `docker succeeds, ${failureOf(ourResult)}`;
  if (docker === undefined || ours === undefined) return 'the engine has not stored both services';
  const theirContainer = docker.TaskTemplate.ContainerSpec ?? {};
  const ourContainer = ours.TaskTemplate.ContainerSpec ?? {};
  const forms = formsOf(differs, ourContainer);
  const fields = Object.keys(forms.docker29);
  const stored = [theirContainer, ourContainer].map((container) =>
    stringifyExact(fields.map((field) => container[field] ?? null)),
  );
  const [docker28, docker29, wanted] = [forms.docker28, forms.docker29, forms.swarmroll].map((form) =>
    stringifyExact(Object.values(form)),
  );
  if (stored[0] !== docker28 && stored[0] !== docker29)
    return `docker stores another form: ${stored[0] ?? ''}`;
  if (stored[1] !== wanted) return `swarmroll must store ${wanted ?? ''}, but stores ${stored[1] ?? ''}`;
  const rest = structuredClone(docker);
  rest.TaskTemplate.ContainerSpec = { ...theirContainer, ...forms.swarmroll };
  // Without the digest docker has no platforms of the image either.
  if (differs === 'no digest' && stored[0] !== docker28)
    rest.TaskTemplate.Placement = ours.TaskTemplate.Placement ?? {};
  return firstDifference(verb, rest, ours);
}

/** The fields of the container that the clients store in different forms. */
interface Forms {
  readonly docker28: ContainerSpec;
  readonly docker29: ContainerSpec;
  readonly swarmroll: ContainerSpec;
}

function formsOf(differs: Case['differs'], { Image = '' }: ContainerSpec): Forms {
  if (differs === undefined || differs === 'refused') return { docker28: {}, docker29: {}, swarmroll: {} };
  if (differs !== 'no digest') return { ...differs, swarmroll: differs.docker29 };
  const [tag = '', digest = 'a digest'] = Image.split('@');
  const withDigest = { Image: `${tag}@${digest}` };
  return { docker28: withDigest, docker29: { Image: tag }, swarmroll: withDigest };
}

/** Checks that swarmroll has failed with one of these exit codes, a clear error and no change. */
function compareRefusal(
  result: CommandResult,
  exitCodes: readonly number[],
  { before, ours }: Stored,
): string | undefined {
  if (!exitCodes.includes(result.code ?? -1)) return failureOf(result);
  if (!/^swarmroll: [^\n]+\n(?: {2}[^\n]+\n)?$/.test(result.stderr)) {
    return `swarmroll's error is not one line and at most one hint: ${result.stderr}`;
  }
  if (stringifyExact(before ?? {}) !== stringifyExact(ours ?? {}))
    return 'swarmroll fails, but the stored spec has changed';
  return undefined;
}

const failureOf = ({ code, stderr }: CommandResult): string =>
  `swarmroll ends with ${code === null ? 'a signal' : `exit code ${code}`}: ${stderr.trim()}`;

/** All stored specs by the names of their services. Numbers keep every digit. */
async function storedSpecs(): Promise<Map<string, ServiceSpec>> {
  const reply = await fetch(`${httpOf(swarm.host)}/services`);
  const services = parseExact(await reply.text()) as Service[];
  return new Map(services.map(({ Spec }) => [Spec.Name ?? '', Spec]));
}

/** Writes FILES to DIRECTORY on this machine, for swarmroll, and where docker runs. */
export async function writeFiles({ shell }: DockerClient): Promise<void> {
  const script = Object.entries(FILES).map(
    ([name, text]) =>
      `printf '%s' '${Buffer.from(text).toString('base64')}' | base64 -d > ${DIRECTORY}/${name}`,
  );
  const all = [`mkdir -p ${DIRECTORY}`, ...script].join('\n');
  await runIn(['sh'], all);
  await runIn(shell, all);
}

/** Removes DIRECTORY on both sides. */
export async function removeFiles({ shell }: DockerClient): Promise<void> {
  await runIn(['sh'], `rm -rf ${DIRECTORY}`);
  await runIn(shell, `rm -rf ${DIRECTORY}`);
}

/** The oldest docker on this machine that the rows are for. */
const OLDEST = 28;

/** The docker client that swarmroll is compared with: its version, and the shell where `docker` is that client. */
export interface DockerClient {
  readonly version: string;
  readonly shell: readonly [program: string, ...args: string[]];
}

const IN_MANAGER: DockerClient['shell'] = [
  'docker',
  '-H',
  swarm.outerHost,
  'exec',
  '-i',
  swarm.manager,
  'sh',
];

/** The client of this machine; where that is older than OLDEST, the one in the manager's container. */
export async function dockerClient(): Promise<DockerClient> {
  for (const shell of [['sh'], IN_MANAGER] as const) {
    const version = (await runIn(shell, 'docker --version')).replace(/^Docker version ([^,]+),.*$/s, '$1');
    if (parseInt(version) >= OLDEST) return { version, shell };
  }
  throw new Error(`the parity tests need docker ${OLDEST} or later`);
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Runs command lines with docker, one after the other. */
async function runDocker({ shell }: DockerClient, lines: readonly string[]): Promise<CommandResult[]> {
  const variables = Object.entries(VARIABLES).map(([name, value]) => `export ${name}=${quoted(value)}`);
  // docker fails if the engine changes the service between docker's read and its write. swarmroll tries again, so the
  // script does the same for docker.
  const commands = lines.map((line) =>
    [
      `attempt() { ${line}; } </dev/null >/dev/null 2>stderr`,
      'attempt; code=$?; while grep -q "update out of sequence" stderr; do attempt; code=$?; done',
      `printf '\\n@@ %s\\n' $code; cat stderr`,
    ].join('\n'),
  );
  const stdout = await runIn(shell, [`cd ${DIRECTORY}`, ...variables, ...commands].join('\n'));
  return stdout
    .split('\n@@ ')
    .slice(1)
    .map((output) => {
      const end = output.indexOf('\n');
      return { code: Number(output.slice(0, end)), stderr: output.slice(end + 1) };
    });
}

/** Runs a script in a shell; resolves to its stdout. */
export async function runIn([program, ...args]: DockerClient['shell'], script: string): Promise<string> {
  return (await run(program, args, { input: script })).stdout;
}

/** Runs command lines with the built executable, PARALLEL processes at a time. */
async function runSwarmroll(lines: readonly string[]): Promise<CommandResult[]> {
  const results: CommandResult[] = [];
  const queue = [...lines.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, line] = next;
      results[index] = await runShell(line);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return results;
}

/** Runs a script on this machine, in DIRECTORY. */
function runShell(script: string): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn('sh', ['-c', script], {
      cwd: DIRECTORY,
      env: { PATH, HOME, ...VARIABLES, DOCKER_HOST: swarm.host, SWARMROLL: EXECUTABLE },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr }));
  });
}
