/**
 * The fields of a spec that a change owns. If one of them is changed later, the change has been superseded;
 * changes of other fields (somebody scales the service or sets a label) do not matter.
 */
import { createHash } from 'node:crypto';
import type { ServiceSpec } from '../api/service.ts';
import { CREATE_FLAGS, UPDATE_FLAGS } from './build.ts';
import type { Given } from '../command-line/flag.ts';
import { jsonOf, storedForm } from './same.ts';

/**
 * The path of a field outside of the task template and EndpointSpec: ["Mode"], ["Labels", "team"],
 * ["UpdateConfig", "Delay"].
 */
export type FieldPath = readonly string[];

/** The fields outside of the task template and EndpointSpec that the flags of a command line set. */
export function namedFields(given: Given): readonly FieldPath[] {
  return [...new Set([...CREATE_FLAGS, ...UPDATE_FLAGS])].flatMap((flag) =>
    given.has(flag) ? (flag.fields?.(given.get(flag)) ?? []) : [],
  );
}

/**
 * A digest of the parts of a spec that a change owns: the whole task template, EndpointSpec, and the named fields. Two specs
 * have equal digests if no owned field differs: what was posted and what is stored have.
 */
export function ownedDigest(spec: ServiceSpec, named: readonly FieldPath[]): string {
  const form = storedForm(spec);
  const { TaskTemplate, EndpointSpec } = form;
  const owned = { TaskTemplate, EndpointSpec, named: named.map((path) => valueAt(form, path)) };
  return createHash('sha256').update(jsonOf(owned)).digest('hex').slice(0, 16);
}

const valueAt = (form: object, path: FieldPath): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
    form,
  );
