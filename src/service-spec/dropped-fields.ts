/** The fields of a spec that the engine drops, without a word, from a request in an older version of the API. */
import type { ServiceSpec } from '../api/service.ts';
import { isApiAtLeast } from './api-version.ts';
import { storedForm } from './same.ts';

const CONTAINER = 'TaskTemplate.ContainerSpec';

/**
 * The API version that each field needs, and its name for people; docs/engines.md shows this table (moby daemon/server/router/swarm/helpers.go adjustForAPIVersion at
 * v28.5.2 and at b985e23, which has the last two).
 */
export const FIELDS_SINCE: readonly (readonly [version: string, path: string, name: string])[] = [
  ['1.40', `${CONTAINER}.Sysctls`, 'sysctl'],
  ['1.40', `${CONTAINER}.Privileges.CredentialSpec.Config`, 'credential-spec'],
  ['1.40', `${CONTAINER}.Configs.Runtime`, 'config of the credential-spec'],
  ['1.40', 'TaskTemplate.Placement.MaxReplicas', 'replicas-max-per-node'],
  ['1.41', `${CONTAINER}.CapabilityAdd`, 'cap-add'],
  ['1.41', `${CONTAINER}.CapabilityDrop`, 'cap-drop'],
  ['1.41', `${CONTAINER}.Ulimits`, 'ulimit'],
  ['1.41', 'TaskTemplate.Resources.Limits.Pids', 'limit-pids'],
  ['1.41', 'Mode.ReplicatedJob', 'mode replicated-job'],
  ['1.41', 'Mode.GlobalJob', 'mode global-job'],
  ['1.44', `${CONTAINER}.Privileges.Seccomp`, 'seccomp profile'],
  ['1.44', `${CONTAINER}.Privileges.AppArmor`, 'AppArmor profile'],
  ['1.44', `${CONTAINER}.Privileges.NoNewPrivileges`, 'no-new-privileges'],
  ['1.44', `${CONTAINER}.Healthcheck.StartInterval`, 'health-start-interval'],
  ['1.46', `${CONTAINER}.Mounts.TmpfsOptions.Options`, 'options of a tmpfs mount'],
  ['1.46', `${CONTAINER}.OomScoreAdj`, 'oom-score-adj'],
  ['1.52', 'TaskTemplate.Resources.SwapBytes', 'memory-swap'],
  ['1.52', 'TaskTemplate.Resources.MemorySwappiness', 'memory-swappiness'],
];

/** A field that a spec has and a version of the API does not. */
interface DroppedField {
  readonly name: string;
  /** The version that has it, "1.41". */
  readonly since: string;
}

/** The fields of a spec that the engine drops from a request. @param apiVersion the version of the request, "1.40" */
export function droppedFields(spec: ServiceSpec, apiVersion: string): DroppedField[] {
  const form = storedForm(spec);
  return FIELDS_SINCE.filter(
    ([since, path]) => !isApiAtLeast(apiVersion, since) && has(form, path.split('.')),
  ).map(([since, , name]) => ({ name, since }));
}

/** Whether a form has a value at a path; of a list, whether one of its items has. */
function has(form: unknown, path: readonly string[]): boolean {
  const [key, ...rest] = path;
  if (key === undefined) return form !== undefined;
  if (Array.isArray(form)) return form.some((item) => has(item, path));
  return typeof form === 'object' && form !== null && has((form as Record<string, unknown>)[key], rest);
}
