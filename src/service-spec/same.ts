/** Compares specs as the engine stores them. */
import type { ServiceSpec } from '../api/service.ts';

/**
 * Whether the engine would store the same for both specs. The order of keys does not matter, and a list that is
 * absent, null or empty is the same, because the engine stores specs as protobuf messages. (Edits can leave any
 * of the three.) An empty object, 0 and `false` differ from an absent field.
 */
export function sameSpec(draft: ServiceSpec, stored: ServiceSpec): boolean {
  return canonical(draft) === canonical(stored);
}

/** Writes a spec, or a part of one, as JSON with sorted keys and without null and []. */
export function canonical(spec: object): string {
  return JSON.stringify(spec, (_key, value: unknown) => {
    if (value === null || (Array.isArray(value) && value.length === 0)) return undefined;
    if (typeof value === 'bigint') return `${value}`;
    if (typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
