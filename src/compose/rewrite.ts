/** Rewrites what `docker compose config` prints to a file for `docker stack deploy`, by the table of keys.ts. Pure. */
import { isObject } from '../values/exact-json.ts';
import { newTree } from './convert.ts';
import type { Tree } from './convert.ts';
import { KEYS, PARENTS, kept } from './keys.ts';
import type { Rule } from './keys.ts';
import type { Content, Dependency, MoveContext } from './moves.ts';
import {
  clearImageCommand,
  emptyVariablesOf,
  gatesIn,
  giveRestartPolicy,
  noImage,
  namedServices,
} from './services.ts';
import type { EmptyVariable } from './services.ts';

/** A file that docker reads for a config or a secret. */
export interface ContentFile {
  readonly path: string;
  /** "config web_conf" */
  readonly of: string;
  readonly content: Content;
}

export interface Rewritten {
  /** The stack file. No `$` is escaped in it. */
  readonly file: Tree;
  /** Why the file cannot be deployed: the place, the key, and what to use instead. */
  readonly refusals: readonly string[];
  /** The keys that are left out: "service web: build, container_name". */
  readonly ignored: readonly string[];
  readonly contents: readonly ContentFile[];
  readonly emptyVariables: readonly EmptyVariable[];
  /** The services that each service waits for, by the names in the file. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** The services that have to complete for others, although the engine would start them again after a failure. */
  readonly gates: ReadonlySet<string>;
}

/** Where a key stands. */
interface Place {
  /** In the table. */
  readonly path: string;
  /** In the file. */
  readonly names: readonly string[];
}

/** What is collected meanwhile. */
interface Findings {
  readonly file: Tree;
  readonly stack: string;
  readonly fileOf: (name: string) => string;
  readonly refusals: string[];
  readonly ignored: Map<string, string[]>;
  readonly contents: ContentFile[];
  readonly waits: Map<string, Dependency[]>;
}

const KINDS: Readonly<Record<string, string>> = {
  services: 'service',
  networks: 'network',
  volumes: 'volume',
  configs: 'config',
  secrets: 'secret',
};

/**
 * @param project what Compose prints, without escapes (`withoutEscapes`)
 * @param fileOf the path for the content of a config or secret, by a name such as "config-web_conf"
 */
export function rewrite(project: Tree, stack: string, fileOf: (name: string) => string): Rewritten {
  const file = newTree();
  const findings: Findings = {
    ...{ file, stack, fileOf },
    ...{ refusals: [], ignored: new Map(), contents: [], waits: new Map() },
  };
  // Services come last: a moved key of theirs can need a network.
  const { services: all, ...others } = project;
  writeObject({ ...others, services: all ?? {} }, file, { path: '', names: [] }, findings);
  const { refusals, ignored, contents, waits } = findings;
  const services = isObject(file['services']) ? file['services'] : newTree();
  // A service that is refused may need no image.
  if (refusals.length === 0) refusals.push(...namedServices(services).flatMap(noImage));
  refusals.push(...namedServices(services).flatMap(clearImageCommand));
  const { gates, refusals: ofOrder } = gatesIn(services, waits);
  refusals.push(...ofOrder);
  for (const name of gates) giveRestartPolicy(services[name]);
  const dependencies = new Map<string, readonly string[]>();
  for (const [name, all] of waits) {
    const names = all.filter((one) => one.required || one.name in services).map((one) => one.name);
    const service = services[name];
    if (names.length === 0 || !isObject(service)) continue;
    dependencies.set(name, names);
    // docker knows no conditions. It ignores the list; who deploys the printed file with swarmroll gets the order.
    service['depends_on'] = names;
  }
  return {
    ...{ file, refusals, contents, gates, dependencies },
    emptyVariables: namedServices(services).flatMap(emptyVariablesOf),
    ignored: [...ignored].map(([where, keys]) => `${where}: ${keys.join(', ')}`),
  };
}

/** Writes the keys of an object. Kept keys are written first, because the functions for moved keys read them. */
function writeObject(from: Tree, to: Tree, { path, names }: Place, findings: Findings): void {
  const isMap = `${path}.*` in KEYS || PARENTS.has(`${path}.*`);
  const entries = Object.entries(from).map(([key, value]): Entry => {
    const own = isMap ? `${path}.*` : path === '' ? key : `${path}.${key}`;
    return { key, value, place: { path: own, names: [...names, key] }, rule: ruleOf(own, key, isMap) };
  });
  const isMoved = ({ rule }: Entry): number => Number(rule?.fate === 'moved');
  for (const entry of entries.sort((a, b) => isMoved(a) - isMoved(b))) writeKey(entry, to, findings);
}

/** One key while it is rewritten. */
interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly place: Place;
  readonly rule: Rule | undefined;
}

const EXTENSION: Rule = { fate: 'applied', text: 'an extension: it means nothing to docker' };
/** Where a stack file can have extensions: at the top, and in a service, a network, a volume, a config, a secret. */
const HAS_EXTENSIONS = /^(?:[a-z]+\.\*\.)?x-/;

function ruleOf(path: string, key: string, isMap: boolean): Rule | undefined {
  const rule = Object.hasOwn(KEYS, path) ? KEYS[path] : undefined;
  if (isMap) return rule ?? kept;
  if (key.startsWith('x-')) return HAS_EXTENSIONS.test(path) ? kept : EXTENSION;
  return rule;
}

function writeKey({ key, value, place, rule }: Entry, to: Tree, findings: Findings): void {
  // Compose prints some keys that the file does not have as null.
  if (value === null && !place.path.endsWith('*')) return;
  const context = contextOf(to, place, findings);
  switch (rule?.fate) {
    case undefined:
      context.refuse('this version of swarmroll does not know this key of Compose');
      return;
    case 'applied':
      return;
    case 'ignored':
      context.ignore();
      return;
    case 'refused':
      if (!isEmpty(value) && !rule.harmless.includes(value)) context.refuse(rule.text);
      return;
    case 'moved':
      rule.move(value, context);
      return;
    case 'kept': {
      const written = writeValue(rule.as?.(value) ?? value, place, findings);
      if (rule.mayBeEmpty !== true || !isEmpty(written)) to[key] = written;
    }
  }
}

const isEmpty = (value: unknown): boolean =>
  (Array.isArray(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);

/** A value with the values below it. Without a row below it in the table, it is as it is. */
function writeValue(value: unknown, { path, names }: Place, findings: Findings): unknown {
  if (isObject(value) && PARENTS.has(path)) {
    const written = newTree();
    writeObject(value, written, { path, names }, findings);
    return written;
  }
  if (Array.isArray(value) && PARENTS.has(`${path}.[]`))
    return value.map((item: unknown, index) =>
      writeValue(item, { path: `${path}.[]`, names: [...names, String(index)] }, findings),
    );
  return value;
}

function contextOf(
  parent: Tree,
  { names }: Place,
  { file, stack, fileOf, refusals, ignored, contents, waits }: Findings,
): MoveContext {
  const [family = '', name = ''] = names;
  const kind = KINDS[family] ?? family;
  return {
    ...{ stack, names, file, parent },
    refuse: (text) => void refusals.push(`${where(names)}: ${text}`),
    ignore: () => {
      const [whose, what] = split(names);
      ignored.set(whose, [...(ignored.get(whose) ?? []), what]);
    },
    toFile: (content) => {
      // Some file systems ignore the case of names.
      const isTaken = (path: string): boolean =>
        contents.some((one) => one.path.toLowerCase() === path.toLowerCase());
      let path = fileOf(`${kind}-${name}`);
      for (let count = 2; isTaken(path); count += 1) path = fileOf(`${kind}-${name}-${count}`);
      contents.push({ path, of: `${kind} ${name}`, content });
      return path;
    },
    waits: (after) => waits.set(name, [...(waits.get(name) ?? []), after]),
  };
}

/** ["services", "web", "ports", "0", "host_ip"] → "service web", "ports[0].host_ip". */
function split([family = '', name = '', ...more]: readonly string[]): readonly [whose: string, what: string] {
  const kind = KINDS[family];
  if (kind === undefined || name === '')
    return ['the file', [family, name, ...more].filter((one) => one !== '').join('.')];
  return [`${kind} ${name}`, more.join('.').replaceAll(/\.(\d+)(?=\.|$)/g, '[$1]')];
}

const where = (names: readonly string[]): string =>
  split(names)
    .filter((one) => one !== '')
    .join(': ');

/** What Compose leaves out without a word. @param model what it prints with --no-interpolate: all that the files have */
export function leftOut(model: Tree): {
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
} {
  const objects = (family: string): readonly (readonly [string, Tree])[] =>
    Object.entries(isObject(model[family]) ? model[family] : {}).map(([name, value]) => [
      name,
      isObject(value) ? value : {},
    ]);
  const isUsed = (family: string, name: string): boolean =>
    objects('services').some(([, service]) =>
      [service[family]].flat().some((one) => one === name || (isObject(one) && one['source'] === name)),
    );
  return {
    refusals: objects('volumes').flatMap(([name, volume]) =>
      'x-cluster-spec' in volume
        ? [`volume ${name}: x-cluster-spec: Compose does not print it: deploy this file without --compose`]
        : [],
    ),
    warnings: ['configs', 'secrets'].flatMap((family) =>
      objects(family).flatMap(([name, { external }]) =>
        external === true || isUsed(family, name)
          ? []
          : [`${KINDS[family]} ${name}: no service uses it, and Compose leaves it out: it is not stored`],
      ),
    ),
  };
}
