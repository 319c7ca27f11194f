/** Takes a change back out of a spec that may have got other changes since. */
import type { ServiceSpec } from '../api/service.ts';
import { samePart } from './same.ts';

/** These fields are never merged: whoever changes a part of one owns all of it (owned-fields.ts). */
const WHOLE: ReadonlySet<string> = new Set(['TaskTemplate', 'EndpointSpec']);

const CONFLICT = Symbol('conflict');

type Fields = Readonly<Record<string, unknown>>;

/**
 * The stored spec without our change: what our change set has its value from before, and what others have changed since
 * stays as it is.
 * @param before the spec before our change
 * @param ours the spec with our change
 * @param stored the spec as it is now
 * @returns undefined if another has changed a field that our change set
 */
export function withoutChange(
  before: ServiceSpec,
  ours: ServiceSpec,
  stored: ServiceSpec,
): ServiceSpec | undefined {
  const merged = merge(before, ours, stored);
  return merged === CONFLICT ? undefined : (merged as ServiceSpec);
}

function merge(before: unknown, ours: unknown, stored: unknown, path = ''): unknown {
  if (samePart(path, stored, ours)) return before;
  if (samePart(path, ours, before) || samePart(path, stored, before)) return stored;
  const [was, set, is] = [before, ours, stored].map(fieldsOf);
  if (WHOLE.has(path) || was === undefined || set === undefined || is === undefined) return CONFLICT;
  const fields = [...new Set([...Object.keys(is), ...Object.keys(was)])]
    .map(
      (name) =>
        [name, merge(was[name], set[name], is[name], path === '' ? name : `${path}.${name}`)] as const,
    )
    .filter(([, value]) => value !== undefined);
  return fields.some(([, value]) => value === CONFLICT) ? CONFLICT : Object.fromEntries(fields);
}

/** The fields of an object, none if it is absent; undefined for any other value. */
function fieldsOf(value: unknown): Fields | undefined {
  if (value === undefined || value === null) return {};
  return typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : undefined;
}
