/** The lists of a swarm, read once, and what they answer to docker's requests. Pure. */
import type { Named, StoredObject } from '../api/cluster.ts';
import type { Service } from '../api/service.ts';
import { parseExact } from '../values/exact-json.ts';

/** All of each kind that the swarm has. */
export interface Snapshot {
  readonly services: readonly Service[];
  readonly secrets: readonly StoredObject[];
  readonly configs: readonly StoredObject[];
  readonly networks: readonly Named[];
}

/** A secret or config that docker believes to have created. */
export interface MadeUp {
  readonly of: keyof Snapshot;
  readonly object: StoredObject;
}

/** What the engine would answer. */
interface Answer {
  readonly status: 200 | 404;
  readonly value: object;
}

/**
 * The answer to a GET request of docker; undefined if only the engine can give it.
 * @param path without the API version
 * @param madeUp stand in lists only, as docker asks for the ids of what it has just created
 */
export function answerFrom(
  snapshot: Snapshot,
  madeUp: readonly MadeUp[],
  path: string,
  query: URLSearchParams,
): Answer | undefined {
  const [, family = '', ref] = /^\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (!isFamily(family)) return undefined;
  if (ref !== undefined) return query.size === 0 ? one(snapshot, family, decodeURIComponent(ref)) : undefined;
  const matches = matcher(query, family);
  if (matches === undefined) return undefined;
  const made = madeUp.flatMap(({ of, object }) => (of === family ? [object] : []));
  return { status: 200, value: [...snapshot[family], ...made].filter(matches) };
}

const isFamily = (name: string): name is keyof Snapshot =>
  ['services', 'secrets', 'configs', 'networks'].includes(name);

const idOf = ({ ID, Id }: Named): string => ID ?? Id ?? '';
/** The name of a service, network, secret or config. */
export const storedName = ({ Name, Spec }: Named): string | undefined => Spec?.Name ?? Name;

/** The engine compares ids, then names, then beginnings of ids (moby daemon/cluster/helpers.go, getSecret and getConfig). */
function one(snapshot: Snapshot, family: keyof Snapshot, ref: string): Answer | undefined {
  // The engine has networks that its list of a swarm lacks. Nobody asks for one service.
  if (family === 'services') return undefined;
  const all: readonly Named[] = snapshot[family];
  const named = all.filter((object) => storedName(object) === ref);
  const [found] = named;
  const hasId = all.some((object) => idOf(object).startsWith(ref));
  if (named.length === 1 && found !== undefined && !hasId) return { status: 200, value: found };
  if (named.length > 0 || hasId || family === 'networks') return undefined;
  return { status: 404, value: { message: `${family.slice(0, -1)} ${ref} not found` } };
}

/** What a list is filtered by: names, or one label with its value. Undefined for anything else. */
function matcher(query: URLSearchParams, family: keyof Snapshot): ((object: Named) => boolean) | undefined {
  const filters = (parseExact(query.get('filters') ?? 'null') ?? {}) as Record<string, unknown>;
  const [[by, wanted] = [], ...more] = Object.entries(filters);
  const isOther = [...query.keys()].some((key) => key !== 'filters');
  if (by === undefined || typeof wanted !== 'object' || wanted === null || more.length > 0 || isOther)
    return undefined;
  const values: readonly unknown[] = Array.isArray(wanted) ? wanted : Object.keys(wanted);
  if (by === 'name') return (object) => values.includes(storedName(object));
  const [, label = '', value] = /^([^=]+)=(.+)$/s.exec(by === 'label' ? String(values[0]) : '') ?? [];
  if (value === undefined || values.length !== 1) return undefined;
  // docker asks for the networks of the stack and writes the others of the file: so it writes all, and they can be compared
  // (stack-plan/networks.ts).
  if (family === 'networks') return () => false;
  return ({ Spec }) => (Spec?.['Labels'] as Record<string, string> | null | undefined)?.[label] === value;
}
