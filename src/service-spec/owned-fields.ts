/** What a change owns of a spec: who changes one of these fields later has replaced the change. */
import type { ServiceSpec } from '../api/service.ts';
import { CREATE_FLAGS, UPDATE_FLAGS } from './build.ts';
import type { Given } from '../command-line/flag.ts';

/** A field of a spec outside of its task template and ports: ["Mode"], ["Labels", "team"], ["UpdateConfig", "Delay"]. */
export type FieldPath = readonly string[];

/** The fields that the command line names beside the task template and the ports. */
export function namedFields(given: Given): readonly FieldPath[] {
  return [...new Set([...CREATE_FLAGS, ...UPDATE_FLAGS])].flatMap((flag) =>
    given.has(flag) ? (flag.fields?.(given.get(flag)) ?? []) : [],
  );
}

/** The parts of a spec that a change owns: the whole task template, the ports, and the fields that were named. */
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
