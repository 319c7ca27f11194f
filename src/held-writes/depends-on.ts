/** Which services of a stack wait for which: `depends_on` of the Compose file, and a label that says the same. Pure. */
import type { ServiceSpec } from '../api/service.ts';
import { STACK_LABEL } from '../api/stack-labels.ts';

/** A label of a service (`deploy.labels` of the Compose file): the services that it waits for, separated by commas. */
const LABEL = 'swarmroll.depends_on';

/** The services that each service waits for, by names. A service that waits for none is left out. */
export type Dependencies = ReadonlyMap<string, readonly string[]>;

/**
 * Whether a Compose file can have a `depends_on`. YAML can write the word in two other ways: with escapes (\x64), and in UTF-16,
 * which has zero bytes.
 */
export const mayHaveOrder = (file: Uint8Array): boolean =>
  /depends_on|\\[xuU]|\0/.test(Buffer.from(file).toString('latin1'));

/**
 * Reads `depends_on` from what `docker stack config` prints. Its indentation is fixed: 2 spaces before a service, 4 before its
 * keys, and 4 (seen with docker 26.1) or 6 (28.2, 28.5 and 29.7) before the items of a list. All other texts are indented further,
 * or are below another key that is not indented. docker itself refuses the long form of `depends_on`.
 */
export function dependenciesIn(config: string): Dependencies {
  const all = new Map<string, string[]>();
  let section = '';
  let service = '';
  let isList = false;
  for (const line of config.split('\n')) {
    if (/^\S/.test(line)) section = line;
    if (section !== 'services:') continue;
    const [, name] = /^ {2}(\S.*):/.exec(line) ?? [];
    const [, item] = (isList && /^ {4}(?: {2})?- (.+)$/.exec(line)) || [];
    if (item !== undefined) all.set(service, [...(all.get(service) ?? []), unquoted(item)]);
    else if (name !== undefined) service = unquoted(name);
    if (/^ {2}(?: {2})?[^ -]/.test(line)) isList = line === '    depends_on:';
  }
  return all;
}

/** A YAML scalar of one line. */
function unquoted(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1).replaceAll("''", "'");
  // YAML has more escapes than JSON. No name of a service needs one.
  return text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text;
}

/** A service by its name in the swarm. */
interface Named {
  readonly name: string;
  readonly spec: ServiceSpec;
}

/** The dependencies, or why there can be none. */
export interface Order {
  /** By the names in the swarm. Empty if there are problems. */
  readonly dependencies: Dependencies;
  readonly problems: readonly string[];
}

export const NO_ORDER: Order = { dependencies: new Map(), problems: [] };

/**
 * The order of the services of a stack.
 * @param services all services of the Compose file
 * @param ofFile `depends_on` of the file, by the names in the file
 */
export function orderOf(services: readonly Named[], ofFile: Dependencies, stack: string): Order {
  const names = new Set(services.map(({ name }) => name));
  const dependencies = new Map<string, readonly string[]>();
  for (const { name, spec } of services) {
    const own = ofFile.get(name.slice(stack.length + 1)) ?? [];
    const all = new Set([...own, ...labelled(spec)].map((one) => nameInSwarm(one, stack, names)));
    if (all.size > 0) dependencies.set(name, [...all]);
  }
  const problems = [...dependencies].flatMap(([name, all]) =>
    all
      .filter((one) => one === name || !names.has(one))
      .map((one) =>
        one === name
          ? `${name} depends on itself`
          : `${name} depends on ${one}, which the Compose file does not have: add ${one}, or leave it out of depends_on`,
      ),
  );
  return problems.length > 0 ? { ...NO_ORDER, problems } : withoutCycles(dependencies);
}

/** The order of services that are stored already, from their labels alone. A name that none of them has is ignored. */
export function storedOrder(services: readonly Named[]): Order {
  const names = new Set(services.map(({ name }) => name));
  const dependencies = new Map<string, readonly string[]>();
  for (const { name, spec } of services) {
    const stack = spec.Labels?.[STACK_LABEL] ?? '';
    const all = labelled(spec)
      .map((one) => nameInSwarm(one, stack, names))
      .filter((one) => one !== name && names.has(one));
    if (all.length > 0) dependencies.set(name, all);
  }
  return withoutCycles(dependencies);
}

/** A service of the stack may be named as in the file. */
const nameInSwarm = (name: string, stack: string, names: ReadonlySet<string>): string =>
  names.has(`${stack}_${name}`) ? `${stack}_${name}` : name;

const labelled = ({ Labels }: ServiceSpec): string[] =>
  (Labels?.[LABEL] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

function withoutCycles(dependencies: Dependencies): Order {
  const cycle = cycleOf(dependencies);
  if (cycle === undefined) return { dependencies, problems: [] };
  return { ...NO_ORDER, problems: [`${cycle.join(' depends on ')}: no service can be the first`] };
}

/** A cycle: each name depends on the next one, and the first name stands again at the end. Undefined if there is none. */
function cycleOf(dependencies: Dependencies): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const next of dependencies.get(name) ?? []) {
      const cycle = visit(next, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of dependencies.keys()) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
