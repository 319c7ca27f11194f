/** Compares a wanted spec with the stored one. */
import type { Service, ServiceSpec } from '../api/service.ts';
import { samePart, sameSpec } from '../service-spec/same.ts';

/**
 * `different`: the specs differ. Else they are the same, and the engine is updating or rolling back (`rolling`), has paused
 * (`paused`), or does neither (`idle`).
 */
type Comparison = 'different' | 'rolling' | 'paused' | 'idle';

export function compareWithStored(wanted: ServiceSpec, { Spec, UpdateStatus }: Service): Comparison {
  if (!sameSpec(wanted, Spec)) return 'different';
  switch (UpdateStatus?.State) {
    case 'updating':
    case 'rollback_started':
      return 'rolling';
    case 'paused':
    case 'rollback_paused':
      return 'paused';
    default:
      return 'idle';
  }
}

/**
 * Whether an update is sent. Of the same spec, none is sent unless it resumes a paused update or brings new credentials
 * (send-update.ts, sendUpdate).
 */
export const mustSend = (comparison: Comparison, sendsAuth: boolean): boolean =>
  comparison === 'different' || comparison === 'paused' || (comparison === 'idle' && sendsAuth);

/**
 * What the engine has paused and an update with this spec resumes: one that makes the same tasks, whatever else it changes
 * (swarmkit manager/controlapi/service.go UpdateService clears the status, and the updater begins again).
 */
export function resumedBy(
  wanted: ServiceSpec,
  { Spec, UpdateStatus }: Service,
): 'update' | 'rollback' | undefined {
  const makesSameTasks =
    samePart('TaskTemplate', Spec.TaskTemplate, wanted.TaskTemplate) &&
    samePart('EndpointSpec', Spec.EndpointSpec, wanted.EndpointSpec);
  if (!makesSameTasks) return undefined;
  switch (UpdateStatus?.State) {
    case 'paused':
      return 'update';
    case 'rollback_paused':
      return 'rollback';
    default:
      return undefined;
  }
}
