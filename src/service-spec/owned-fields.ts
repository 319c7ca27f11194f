/**
 * The fields of a spec that a change owns. If one of them is changed later, the change has been superseded;
 * changes of other fields (somebody scales the service or sets a label) do not matter.
 */
import type { ServiceSpec } from '../api/service.ts';
import { CREATE_FLAGS, UPDATE_FLAGS } from './build.ts';
import type { Given } from '../command-line/flag.ts';

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
 * Returns the parts of a spec that a change owns: the whole task template, EndpointSpec, and the named fields.
 * Two specs have equal results if no owned field differs.
 */
export function ownedPart(spec: ServiceSpec, named: readonly FieldPath[]): object {
  return {
    TaskTemplate: spec.TaskTemplate,
    EndpointSpec: spec.EndpointSpec,
    named: named.map((path) =>
      path.reduce<unknown>(
        (value, key) =>
          typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined,
        spec,
      ),
    ),
  };
}
