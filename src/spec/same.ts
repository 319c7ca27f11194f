/** Whether two specs are the same to the engine. */
import { isDeepStrictEqual } from 'node:util';
import type { ServiceSpec } from '../engine/wire.ts';

/**
 * Whether storing the draft would change nothing. To the engine an absent list is the same as an empty one, and
 * taking out what is not there leaves the one or the other. Empty groups, zeros and `false` are stored.
 */
export function sameSpec(draft: ServiceSpec, stored: ServiceSpec): boolean {
  return isDeepStrictEqual(withoutEmpty(draft), withoutEmpty(stored));
}

/** A copy without null and [] at any depth. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((one) => withoutEmpty(one));
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, one]) => [key, withoutEmpty(one)] as const)
      .filter(([, one]) => one !== undefined),
  );
}
