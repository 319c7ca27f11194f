/** Runs the rows of the table with both clients and compares what the engine has stored. */
import { spawn } from 'node:child_process';
import { parseExact, stringifyExact } from '../../src/engine/exact-json.ts';
import type { Service, ServiceSpec } from '../../src/api/service.ts';
import { EXECUTABLE, httpOf, run, swarm, uniqueName } from '../integration/support/swarm.ts';
import type { Case } from './case.ts';
import { firstDifference } from './compare.ts';
import { DIRECTORY, FILES, VARIABLES, post, remove } from './fixtures.ts';

/** One `docker exec` runs so many of docker's command lines: entering the container costs more than they do. */
const BATCH = 40;
const PARALLEL = 2;

interface Said {
  readonly code: number | null;
  readonly stderr: string;
}

/** A service of one client, and the ports that it may publish: two services can't publish the same. */
interface Subject {
  readonly name: string;
  readonly firstPort: number;
}

const FIRST_PORT = 20_000;
const PORTS_EACH = 4;

let slot = 0;

function subject(name: string): Subject {
  slot = (slot + 1) % (2 * BATCH);
  return { name, firstPort: FIRST_PORT + slot * PORTS_EACH };
}

/** Runs every case by both; the result has a text for each that is not the same, or undefined. */
export async function compareAll(cases: readonly Case[]): Promise<(string | undefined)[]> {
  const results: (string | undefined)[] = [];
  for (let at = 0; at < cases.length; at += BATCH) {
    results.push(...(await compareBatch(cases.slice(at, at + BATCH))));
  }
  return results;
}

async function compareBatch(cases: readonly Case[]): Promise<(string | undefined)[]> {
  const pairs = cases.map((one) => {
    const name = uniqueName('parity');
    return { one, docker: subject(`${name}-d`), ours: subject(`${name}-s`) };
  });
  try {
    await Promise.all(
      pairs.map(async ({ one, docker, ours }) => {
        for (const { name } of one.base === undefined ? [] : [docker, ours]) {
          await post('/services/create', { ...one.base, Name: name });
        }
      }),
    );
    const before = await storedSpecs();
    const [dockerSaid, oursSaid] = await Promise.all([
      runDocker(pairs.map(({ one, docker }) => words(one, 'docker service', docker))),
      runOurs(pairs.map(({ one, ours }) => words(one, '"$SWARMROLL"', ours))),
    ]);
    const after = await storedSpecs();
    return pairs.map(({ one, docker, ours }, index) => {
      const [theirs, own] = [dockerSaid[index], oursSaid[index]];
      if (theirs === undefined || own === undefined) return `${one.line}: was not run`;
      const problem =
        theirs.code === 0 && one.refused === undefined
          ? accepted(one, own, specOf(docker, after), specOf(ours, after))
          : refusedByBoth(one, theirs, own, specOf(ours, before), specOf(ours, after));
      return problem === undefined ? undefined : `${one.verb} ${one.line}\n    ${problem}`;
    });
  } finally {
    await Promise.all(
      pairs.flatMap(({ docker, ours }) => [docker, ours]).map(({ name }) => remove(`/services/${name}`)),
    );
  }
}

/** Sets the ports, then runs the client. */
function words({ verb, line }: Case, program: string, { name, firstPort }: Subject): string {
  const ports = Array.from({ length: PORTS_EACH }, (_, index) => `P${index}=${firstPort + index};`);
  const rest = verb === 'create' ? `--detach --name ${name} ${line}` : `--detach ${line} ${name}`;
  return `${ports.join(' ')} ${program} ${verb} ${rest}`;
}

/** What is stored, with the subject's own ports counted from 1 so that two subjects can be compared. */
function specOf(
  { name, firstPort }: Subject,
  stored: ReadonlyMap<string, ServiceSpec>,
): ServiceSpec | undefined {
  const spec = structuredClone(stored.get(name));
  for (const port of spec?.EndpointSpec?.Ports ?? []) {
    const own = (port.PublishedPort ?? 0) - firstPort;
    if (own >= 0 && own < PORTS_EACH) port.PublishedPort = own + 1;
  }
  return spec;
}

function accepted(
  { verb }: Case,
  own: Said,
  docker: ServiceSpec | undefined,
  ours: ServiceSpec | undefined,
): string | undefined {
  if (own.code !== 0)
    return `docker accepts, swarmroll exits ${own.code ?? 'by a signal'}: ${own.stderr.trim()}`;
  if (docker === undefined || ours === undefined) return 'the engine has not stored both';
  return firstDifference(verb, docker, ours);
}

function refusedByBoth(
  one: Case,
  theirs: Said,
  own: Said,
  before: ServiceSpec | undefined,
  after: ServiceSpec | undefined,
): string | undefined {
  if (theirs.code === 0) return 'docker accepts what the table says is refused';
  if (one.refused === undefined && one.aspect !== 'drawn') return `docker refuses: ${theirs.stderr.trim()}`;
  if (own.code === 0) return `docker refuses (${theirs.stderr.split('\n')[0] ?? ''}), swarmroll accepts`;
  const wanted = one.refused === undefined ? [1, 2] : [one.refused === 'usage' ? 2 : 1];
  if (!wanted.includes(own.code ?? -1))
    return `swarmroll exits ${own.code ?? 'by a signal'}: ${own.stderr.trim()}`;
  if (!/^swarmroll: [^\n]+\n(?: {2}[^\n]+\n)?$/.test(own.stderr)) return `not one clear line: ${own.stderr}`;
  if (stringifyExact(before ?? {}) !== stringifyExact(after ?? {}))
    return 'swarmroll refuses, but something was stored';
  return undefined;
}

/** With every digit of their numbers. */
async function storedSpecs(): Promise<Map<string, ServiceSpec>> {
  const reply = await fetch(`${httpOf(swarm.host)}/services`);
  const services = parseExact(await reply.text()) as Service[];
  return new Map(services.map(({ Spec }) => [Spec.Name ?? '', Spec]));
}

/** Puts the files where docker's command lines and ours look for them. */
export async function writeFiles(): Promise<void> {
  const script = Object.entries(FILES).map(
    ([name, text]) =>
      `printf '%s' '${Buffer.from(text).toString('base64')}' | base64 -d > ${DIRECTORY}/${name}`,
  );
  const all = [`mkdir -p ${DIRECTORY}`, ...script].join('\n');
  await run('sh', ['-c', all]);
  await inManager(all);
}

export async function removeFiles(): Promise<void> {
  await run('rm', ['-r', DIRECTORY]);
  await inManager(`rm -r ${DIRECTORY}`);
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Docker's own client, in the manager, one command line after the other. */
async function runDocker(lines: readonly string[]): Promise<Said[]> {
  const variables = Object.entries(VARIABLES).map(([name, value]) => `export ${name}=${quoted(value)}`);
  // docker gives up when the engine itself touches the service between its read and its write; we read again.
  const commands = lines.map((line) =>
    [
      `said() { ${line}; } </dev/null >/dev/null 2>stderr`,
      'said; code=$?; while grep -q "update out of sequence" stderr; do said; code=$?; done',
      `printf '\\n@@ %s\\n' $code; cat stderr`,
    ].join('\n'),
  );
  const stdout = await inManager([`cd ${DIRECTORY}`, ...variables, ...commands].join('\n'));
  return stdout
    .split('\n@@ ')
    .slice(1)
    .map((said) => {
      const end = said.indexOf('\n');
      return { code: Number(said.slice(0, end)), stderr: said.slice(end + 1) };
    });
}

async function inManager(script: string): Promise<string> {
  const { stdout } = await run('docker', ['-H', swarm.outerHost, 'exec', '-i', swarm.manager, 'sh'], {
    input: script,
  });
  return stdout;
}

/** The built executable, a process a command line, a few at a time. */
async function runOurs(lines: readonly string[]): Promise<Said[]> {
  const said: Said[] = [];
  const rest = [...lines.entries()];
  const worker = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const [index, line] = next;
      said[index] = await shell(line);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return said;
}

function shell(script: string): Promise<Said> {
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
