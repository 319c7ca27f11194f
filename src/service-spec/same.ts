/** Compares specs as the engine stores them. */
import type { ServiceSpec } from '../api/service.ts';
import { isSameForm } from '../rollout/stored-form.ts';

/** Whether the engine would store the same for both specs: nothing would change. */
export function sameSpec(draft: ServiceSpec, stored: ServiceSpec): boolean {
  return isSameForm(draft, stored);
}
