/** Keys of the Compose specification whose setting a stack file has under another key. Pure. */
import { isObject } from '../values/exact-json.ts';
import { newTree, number, text } from './convert.ts';
import type { Tree } from './convert.ts';

/** What a moved key can change. */
export interface MoveContext {
  readonly stack: string;
  /** The names below the top, "services", "web". */
  readonly names: readonly string[];
  /** What is written so far. */
  readonly file: Tree;
  /** The object that has the key, as it is written. */
  readonly parent: Tree;
  readonly refuse: (instead: string) => void;
  readonly ignore: () => void;
  /** The path of the file that will have the content of a config or secret. */
  readonly toFile: (content: Content) => string;
  readonly waits: (after: Dependency) => void;
}

/** What a config or a secret contains. */
export type Content = { readonly text: string } | { readonly variable: string };

/** A service that another one waits for. */
export interface Dependency {
  readonly name: string;
  readonly condition: string;
  /** Whether the file must have it. Compose itself refuses a file without it. */
  readonly required: boolean;
}

export type MoveKey = (value: unknown, context: MoveContext) => void;

/** The object below a key; it is made if there is none. */
function child(parent: Tree, key: string): Tree {
  const there = parent[key];
  if (isObject(there)) return there;
  const made = newTree();
  parent[key] = made;
  return made;
}

/**
 * docker itself gives the name STACK_KEY. An object with another name is treated as shared with others
 * (stack-plan/objects.ts).
 */
export const name: MoveKey = (value, { parent, stack, names }) => {
  if (parent['external'] === true || value !== `${stack}_${names[1] ?? ''}`) parent['name'] = value;
};

export const content: MoveKey = (value, { parent, toFile }) => {
  parent['file'] = toFile({ text: String(value) });
};

export const environment: MoveKey = (value, { parent, toFile }) => {
  parent['file'] = toFile({ variable: String(value) });
};

/** Compose 2 completes it: "key" → "/run/secrets/key". docker stores the target as it is. */
export const secretTarget: MoveKey = (value, { parent }) => {
  const target = String(value).replace(/^\/run\/secrets\/(?=[^/]+$)/, '');
  if (target !== parent['source']) parent['target'] = target;
};

/** A published range for one port is for containers of Compose, which take the first that is free. */
export const publishedPort: MoveKey = (value, { parent, refuse }) => {
  const port = number(value);
  if (typeof port !== 'number') {
    refuse('a swarm publishes one port for each: write one number');
    return;
  }
  if (port !== 0) parent['published'] = port;
};

/** A limit of a service, if it is not given below `deploy`. Compose refuses two that differ. 0 and less is no limit. */
export const toResources =
  (kind: 'limits' | 'reservations', key: 'cpus' | 'memory' | 'pids'): MoveKey =>
  (value, { parent }) => {
    if (Number(value) <= 0) return;
    const resources = child(child(child(parent, 'deploy'), 'resources'), kind);
    resources[key] ??= key === 'pids' ? value : text(value);
  };

export const replicas: MoveKey = (value, { parent }) => {
  child(parent, 'deploy')['replicas'] ??= value;
};

const CONDITIONS: ReadonlyMap<string, string> = new Map([
  ['always', 'any'],
  ['unless-stopped', 'any'],
  ['on-failure', 'on-failure'],
  ['no', 'none'],
]);

/** The restart policies of containers (docker/cli opts.ParseRestartPolicy). Other than docker, "no" is obeyed. */
export const restartPolicy: MoveKey = (value, { parent, refuse }) => {
  const [, policy = '', attempts = ''] = /^([a-z-]+)(?::(\d+))?$/.exec(String(value)) ?? [];
  const condition = CONDITIONS.get(policy);
  if (condition === undefined) {
    refuse('write deploy.restart_policy');
    return;
  }
  const deploy = child(parent, 'deploy');
  deploy['restart_policy'] ??= {
    condition,
    ...(Number(attempts) > 0 ? { max_attempts: Number(attempts) } : {}),
  };
};

/** A network of the node, which is named as an external one. */
export const networkMode: MoveKey = (value, { parent, file, refuse }) => {
  const mode = String(value);
  // "none" has no counterpart that a service could name (seen on 28.5).
  if (mode !== 'host' && mode !== 'bridge') {
    refuse(
      mode === 'none'
        ? 'use a network with internal: true'
        : 'put both services on one network, and use the name of the service',
    );
    return;
  }
  const networks = child(file, 'networks');
  const isIt = (key: string): boolean => {
    const network = networks[key];
    return (
      network === undefined || (isObject(network) && network['name'] === mode && network['external'] === true)
    );
  };
  let key = mode;
  while (!isIt(key)) key += '_';
  networks[key] = { external: true, name: mode };
  parent['networks'] = { [key]: {} };
};

export const networkDriver: MoveKey = (value, { parent, refuse }) => {
  if (value === 'bridge' || value === 'host') {
    refuse('a swarm uses the driver overlay by itself: leave it out');
    return;
  }
  if (value !== '') parent['driver'] = value;
};

/** Tasks find the services of their networks by name. Another name for one is more. */
export const links: MoveKey = (value, { refuse, ignore }) => {
  const hasAlias = [value].flat().some((link) => {
    const [service, alias = service] = String(link).split(':');
    return alias !== service;
  });
  if (hasAlias) refuse('give the other name in networks.NAME.aliases of the service that is linked');
  else ignore();
};

/** What the engine mounts a tmpfs with anyway (moby daemon/oci_linux.go). */
const DEFAULT_OPTIONS = ['rw', 'noexec', 'nosuid', 'nodev', ''];
const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** "/run:size=64m" → a volume of type tmpfs. docker reads this key, and ignores it. */
export const tmpfs: MoveKey = (value, { parent, refuse }) => {
  for (const one of [value].flat()) {
    const [target = '', options = ''] = String(one).split(/:(.*)/s);
    const others = options.split(',').filter((option) => !DEFAULT_OPTIONS.includes(option));
    const [, count = '', unit = ''] = /^size=(\d+)([kmg]?)$/i.exec(others[0] ?? '') ?? [];
    if (others.length > 1 || (others.length === 1 && count === '')) {
      refuse('a stack file has no options of a tmpfs other than size: leave them out');
      return;
    }
    const size = Number(count) * (UNITS[unit.toLowerCase()] ?? 1);
    const volumes = Array.isArray(parent['volumes']) ? (parent['volumes'] as unknown[]) : [];
    parent['volumes'] = [...volumes, { type: 'tmpfs', target, ...(size > 0 ? { tmpfs: { size } } : {}) }];
  }
};

/** The conditions are stored separately: a stack file has only a list of names here, and docker ignores it. */
export const dependsOn: MoveKey = (value, { waits }) => {
  if (!isObject(value)) return;
  for (const [after, options] of Object.entries(value)) {
    const { condition, required } = isObject(options) ? options : {};
    waits({
      name: after,
      condition: typeof condition === 'string' ? condition : 'service_started',
      required: required !== false,
    });
  }
};
