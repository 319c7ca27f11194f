/** Where two stored specs differ. */
import { stringifyExact } from '../../src/engine/exact-json.ts';
import type { ServiceSpec } from '../../src/api/service.ts';

/**
 * Lists whose order docker itself leaves to chance, as it collects them in a map without order: the variables on
 * update, the ports of a range on create. The same members in another order are the same.
 */
const BY_CHANCE = {
  create: ['Secrets', 'Configs', 'GenericResources', 'Ports'],
  update: ['Secrets', 'Configs', 'GenericResources', 'Env'],
};

/** The first differing field with both values, in the order of the fields' names; undefined when the same. */
export function firstDifference(
  verb: 'create' | 'update',
  docker: ServiceSpec,
  ours: ServiceSpec,
): string | undefined {
  return differenceAt('', { ...docker, Name: '' }, { ...ours, Name: '' }, BY_CHANCE[verb]);
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

/** With every digit; what is not there is shown as such. */
const shown = (value: unknown): string => (value === undefined ? 'undefined' : stringifyExact(value));

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map(shown).sort() : value;
}
