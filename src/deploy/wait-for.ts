/** What is watched of a service that this command did not change. */
import type { Service } from '../api/service.ts';
import { printable } from '../values/printable.ts';
import type { Accepted } from './targets.ts';

/** @param startedAt when the wait began (ms) @param image the image that has to be stored, if any */
export function waitFor(service: Service, startedAt: number, image?: string): Accepted {
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
