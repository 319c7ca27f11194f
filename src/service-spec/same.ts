/** Compares specs as the engine stores them. */
import type { ServiceSpec } from '../api/service.ts';
import { isSameForm } from '../rollout/stored-form.ts';

/** Whether the engine would store the same for both specs: nothing would change. */
export function sameSpec(draft: ServiceSpec, stored: ServiceSpec): boolean {
  return isSameForm(draft, stored);
}

/** Whether two parts of stored specs are the same. An absent list, null and an empty one are the same to the engine. */
export const sameValue = (draft: unknown, stored: unknown): boolean => canonical(draft) === canonical(stored);

/** Writes a part of a spec as JSON with sorted keys and without null and []. */
export function canonical(part: unknown): string {
  return JSON.stringify(part, (_key, value: unknown) => {
    if (value === null || (Array.isArray(value) && value.length === 0)) return undefined;
    if (typeof value === 'bigint') return `${value}`;
    if (typeof value !== 'object' || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
