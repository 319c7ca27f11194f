/** Whether two specs are the same to the engine. */
import type { ServiceSpec } from '../api/service.ts';

/**
 * Whether storing the draft would change nothing. To the engine an absent list is the same as an empty one, and
 * taking out what is not there leaves the one or the other. Empty groups, zeros and `false` are stored.
 */
export function sameSpec(draft: ServiceSpec, stored: ServiceSpec): boolean {
  return canonical(draft) === canonical(stored);
}

/** One text for all that is the same: keys in order, and without null and []. */
function canonical(spec: ServiceSpec): string {
  return JSON.stringify(spec, (_key, value: unknown) => {
    if (value === null || (Array.isArray(value) && value.length === 0)) return undefined;
    if (typeof value === 'bigint') return `${value}`;
    if (typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
