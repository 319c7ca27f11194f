/** The services of a plan in their order. */
import type { Call } from '../command-line/command.ts';
import { sendLater } from '../deploy/send-later.ts';
import { isGate } from '../service-spec/mode.ts';
import { printable } from '../values/printable.ts';
import { printMessage } from '../watch/print.ts';
import { detach } from '../watch/rollout-flags.ts';
import type { ChangeToWatch, LaterChange } from '../watch/targets.ts';
import { takesPort } from '../stack-plan/order.ts';
import type { ServiceWrite, StackPlan } from '../stack-plan/plan.ts';
import type { SendService, Sent } from './send.ts';
import { tellSent } from './tell.ts';

/** Which services are sent at once, and which when others have converged. */
export function inTime(
  call: Call,
  { stages, waitsFor }: StackPlan,
): { readonly now: StackPlan['stages']; readonly later: readonly ServiceWrite[] } {
  if (waitsFor.size > 0 && call.given.get(detach) === true) {
    const text =
      'with --detach nothing is watched: the services are sent in their order, and none waits for another';
    printMessage(call, [`swarmroll: ${text}`], { type: 'note', text });
    return { now: stages, later: [] };
  }
  return {
    now: stages.map((stage) => stage.filter(({ name }) => !waitsFor.has(name))),
    later: stages.flat().filter(({ name }) => waitsFor.has(name)),
  };
}

/** A function that says of a change what it came after, and whether others wait for the end of its tasks. */
export function orderOfPlan({
  waitsFor,
  removedFirst,
  gates,
}: StackPlan): (change: ChangeToWatch) => ChangeToWatch {
  const awaited = new Set([...waitsFor.values()].flat());
  return (change) => {
    const { name, wanted, before } = change;
    const taker = { name, spec: wanted, ...(before === undefined ? {} : { before }) };
    const holders = removedFirst.filter((service) => takesPort(taker, service));
    const names = [...(waitsFor.get(name) ?? []), ...holders.map(({ Spec }) => Spec.Name ?? '')];
    return {
      ...change,
      ...(names.length === 0 ? {} : { waitsFor: names }),
      ...(awaited.has(name) && (isGate(wanted) || gates.has(name)) ? { mustComplete: true as const } : {}),
    };
  };
}

/** A service that is sent when others have converged. If the engine refuses it, that is its verdict: the others go on. */
export function laterChange(
  plan: StackPlan,
  write: ServiceWrite,
  send: SendService,
  sent: readonly Sent[],
): LaterChange {
  const { name, before } = write;
  const change = {
    action: before === undefined ? 'create' : 'update',
    name: printable(name),
    ...(before === undefined ? {} : { serviceId: before.ID }),
  } as const;
  return {
    ...change,
    waitsFor: plan.waitsFor.get(name) ?? [],
    send: (call) =>
      sendLater(call, change, async () => {
        const count = sent.length;
        const accepted = orderOfPlan(plan)(await send(call, write));
        const removed = sent
          .slice(count)
          .filter((one) => one.kind === 'removed' && takesPort(write, one.service));
        tellSent(call, removed, [accepted], new Set([accepted]));
        return accepted;
      }),
  };
}
