/**
 * Updates several services and watches all of them at the same time. They are sent one after the other before the watch, or during
 * it if some wait for others.
 */
import type { Service } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { SwarmrollError } from '../errors.ts';
import { printable } from '../values/printable.ts';
import type { Result } from '../rollout/result.ts';
import { followMany } from './follow-many.ts';
import { refusedChange, sendLater } from './send-later.ts';
import { detach, dryRun } from '../watch/rollout-flags.ts';
import { sendUpdate } from '../send/send-update.ts';
import type { Update } from '../send/send-update.ts';
import type { AnyChange } from '../watch/sequence.ts';
import type { LaterChange } from '../watch/targets.ts';

/** A change of one service. All changes are built, and so checked, before the first one is sent. */
interface ServiceChange extends Required<Pick<Update, 'spec' | 'named'>> {
  /** The service as the user named it. */
  readonly ref: string;
  readonly service: Service;
  /** The changes that have to converge before this one is sent, by `ref`. */
  readonly waitsFor?: readonly string[];
  /** Whether others wait for the end of its tasks. */
  readonly mustComplete?: boolean;
}

/**
 * With --dry-run, prints what each change would do. Else sends each change, then watches those that the engine has accepted.
 * If the engine refuses a change, its verdict is `error`, and the others go on.
 * @param onSent is called with the `ref` of each change that was accepted
 * @returns the exit code of the worst verdict
 * @throws SwarmrollError if a signal came while a change was being sent
 */
export async function updateMany(
  call: Call,
  engine: Engine,
  action: 'scale' | 'restart',
  changes: readonly ServiceChange[],
  onSent?: (ref: string) => void,
): Promise<number> {
  if (call.given.get(dryRun) === true) {
    const { showChanges } = await import('../dry-run/dry-run.ts');
    const shown = changes.map(({ ref, service, spec }) => ({
      action: 'update' as const,
      name: ref,
      before: service,
      after: spec,
    }));
    return showChanges(call, engine, action, shown);
  }
  const isWatched = call.given.get(detach) !== true;
  const hasOrder = changes.some(({ waitsFor = [] }) => waitsFor.length > 0);
  if (isWatched && hasOrder) {
    const later = changes.map((one) => toSendLater(engine, one));
    return followMany(call, engine, action, later);
  }
  const accepted: AnyChange[] = [];
  const refused: Result[] = [];
  for (const { ref, service, spec, named } of changes) {
    try {
      accepted.push(await sendUpdate(call, engine, service, ref, { spec, named }));
      onSent?.(ref);
    } catch (error) {
      // After a signal, no further change is sent.
      if (!(error instanceof SwarmrollError) || call.world.interrupted.aborted) throw error;
      const change = { action: 'update', serviceId: service.ID, name: printable(ref) } as const;
      refused.push(refusedChange(call, change, error));
    }
  }
  // On stdout, scale prints docker's lines instead of the verdicts.
  return followMany(call, engine, action, accepted, {
    refused,
    linesTo: action === 'scale' ? 'stderr' : 'stdout',
  });
}

/** A change that waits for others. If the engine refuses it, its verdict is `error`. */
function toSendLater(
  engine: Engine,
  { ref, service, spec, named, waitsFor = [], mustComplete = false }: ServiceChange,
): LaterChange {
  const change = { action: 'update', name: printable(ref), serviceId: service.ID } as const;
  return {
    ...change,
    waitsFor,
    send: (call) =>
      sendLater(call, change, async () => {
        const sent = await sendUpdate(call, engine, service, ref, { spec, named });
        return { ...sent, waitsFor, ...(mustComplete ? { mustComplete } : {}) };
      }),
  };
}
