/** Whether two specs are the same to the engine. */
import { isDeepStrictEqual } from 'node:util';
import type { ServiceSpec } from '../engine/wire.ts';

/**
 * Whether storing the draft would change nothing. To the engine an absent list, map or group is the same as an
 * empty one, and taking out what is not there leaves the one or the other. Zeros and `false` are values.
 */
export function sameSpec(draft: ServiceSpec, stored: ServiceSpec): boolean {
  return isDeepStrictEqual(withoutEmpty(draft), withoutEmpty(stored));
}

/** A copy without null, [] and {} at any depth; undefined where nothing is left. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((one) => withoutEmpty(one));
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const kept = Object.entries(value)
    .map(([key, one]) => [key, withoutEmpty(one)] as const)
    .filter(([, one]) => one !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
