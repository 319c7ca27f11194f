/** How a wanted spec stands to the stored one. */
import type { Service, ServiceSpec } from '../api/service.ts';
import { sameSpec } from '../service-spec/same.ts';

/**
 * `different`; or the same, and what the engine is at: `rolling` (it is updating or rolling back), `paused`, or `idle`.
 */
export type Standing = 'different' | 'rolling' | 'paused' | 'idle';

export function standingOf(wanted: ServiceSpec, { Spec, UpdateStatus }: Service): Standing {
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
export const isSent = (standing: Standing, sendsAuth: boolean): boolean =>
  standing === 'different' || standing === 'paused' || (standing === 'idle' && sendsAuth);
