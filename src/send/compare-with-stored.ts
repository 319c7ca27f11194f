/** Compares a wanted spec with the stored one. */
import type { Service, ServiceSpec } from '../api/service.ts';
import { sameSpec } from '../service-spec/same.ts';

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
