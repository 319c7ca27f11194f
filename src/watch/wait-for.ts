/** Watches a service that this command did not change. */
import type { Service } from '../api/service.ts';
import { printable } from '../values/printable.ts';
import type { ChangeToWatch } from './targets.ts';

/**
 * The target for a service that is only watched.
 * @param startedAt when the wait began (ms, World.clock)
 * @param image the image that the service must have, if any
 */
export function waitFor(service: Service, startedAt: number, image?: string): ChangeToWatch {
  return {
    action: 'wait',
    serviceId: service.ID,
    name: printable(service.Spec.Name ?? service.ID),
    startedAt,
    posted: false,
    wanted: service.Spec,
    before: service,
    ...(image === undefined ? {} : { image }),
  };
}
