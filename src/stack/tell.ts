/** What became of each service and object of a deployment, on stderr. */
import type { Call } from '../command-line/command.ts';
import { isJobSpec } from '../service-spec/mode.ts';
import { printable } from '../values/printable.ts';
import { printMessage } from '../watch/print.ts';
import type { ChangeToWatch } from '../watch/targets.ts';
import { changesNothing, objectName } from '../stack-plan/objects.ts';
import type { StackPlan } from '../stack-plan/plan.ts';
import type { Sent } from './send.ts';

export const tell = (call: Call, service: string, text: string): void =>
  printMessage(call, [`${service}: ${text}`], { type: 'note', service, text });

/** @param changed those of the watched that were sent */
export function tellSent(
  call: Call,
  sent: readonly Sent[],
  watched: readonly ChangeToWatch[],
  changed: ReadonlySet<ChangeToWatch>,
): void {
  for (const one of sent) {
    if (one.kind !== 'object' || one.object.isRotation === true) continue;
    const { object } = one;
    tell(
      call,
      objectName(object),
      object.before === undefined ? 'created' : changesNothing(object) ? 'unchanged' : 'updated',
    );
  }
  for (const one of watched) {
    const { name, action, posted, wanted } = one;
    const isJob = isJobSpec(wanted);
    const isSent = changed.has(one) && (isJob || posted !== false);
    const text = !isSent ? 'unchanged' : isJob ? 'runs again' : 'changed';
    tell(call, name, action === 'create' ? 'created' : text);
  }
  for (const one of sent) {
    if (one.kind === 'removed') tell(call, printable(one.service.Spec.Name ?? one.service.ID), 'removed');
  }
}

export function tellRotations(call: Call, { rotations }: StackPlan): void {
  for (const { of, name, to, isNew, reason } of rotations) {
    const known = isNew ? '' : ', which was stored already';
    tell(call, objectName({ of, name }), `rotated to ${to.name}${known} (${reason} differs)`);
  }
}
