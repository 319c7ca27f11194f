/** Compares stored specs. */
import { stringifyExact } from '../../src/values/exact-json.ts';
import type { ServiceSpec } from '../../src/api/service.ts';

/**
 * Lists that docker stores in a random order, because it collects their members in a Go map: for example variables on
 * update and the ports of a range on create. These lists are equal if they have the same members.
 */
const RANDOM_ORDER = {
  create: ['Secrets', 'Configs', 'GenericResources', 'Ports'],
  update: ['Secrets', 'Configs', 'GenericResources', 'Env'],
};

/**
 * Describes the first field that differs, with both values; undefined if the specs are equal. Fields are
 * compared in the order of their names. The name of the service does not matter.
 */
export function firstDifference(
  verb: 'create' | 'update',
  docker: ServiceSpec,
  ours: ServiceSpec,
): string | undefined {
  return differenceAt('', { ...docker, Name: '' }, { ...ours, Name: '' }, RANDOM_ORDER[verb]);
}

function differenceAt(
  path: string,
  docker: unknown,
  ours: unknown,
  unordered: readonly string[],
): string | undefined {
  if (isObject(docker) && isObject(ours)) {
    const keys = [...new Set([...Object.keys(docker), ...Object.keys(ours)])].sort();
    for (const key of keys) {
      const pair = [docker[key], ours[key]].map((value) => (unordered.includes(key) ? sorted(value) : value));
      const found = differenceAt(path === '' ? key : `${path}.${key}`, pair[0], pair[1], unordered);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const [shownDocker, shownOurs] = [shown(docker), shown(ours)];
  return shownDocker === shownOurs ? undefined : `${path}: docker ${shownDocker}, swarmroll ${shownOurs}`;
}

/** Writes a value as JSON with every digit of its numbers. */
const shown = (value: unknown): string => (value === undefined ? 'undefined' : stringifyExact(value));

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map(shown).sort() : value;
}
