/** Updates several services one after the other, then watches all of them at the same time. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { SwarmrollError } from '../errors.ts';
import { printable } from '../values/printable.ts';
import type { Result } from '../rollout/result.ts';
import type { FieldPath } from '../service-spec/owned-fields.ts';
import { followMany } from './follow-many.ts';
import { refusedChange, sendLater } from './send-later.ts';
import { detach, dryRun } from '../watch/rollout-flags.ts';
import { sendUpdate } from '../send/send-update.ts';
import type { AnyChange } from '../watch/sequence.ts';
import type { LaterChange } from '../watch/targets.ts';

/** A change of one service. All changes are built, and so checked, before the first one is sent. */
export interface ServiceChange {
  /** The service as the user named it. */
  readonly ref: string;
  readonly service: Service;
  readonly draft: ServiceSpec;
  /** The changed fields (ChangeToWatch.named). */
  readonly named: readonly FieldPath[];
  /** The changes that have to converge before this one is sent, by `ref`. */
  readonly waitsFor?: readonly string[];
  /** Whether others wait for the end of its tasks. */
  readonly mustComplete?: boolean;
}

/**
 * With --dry-run, prints what each change would do. Else sends each change, then watches those that the engine has accepted. If the engine refuses a change, its verdict is
 * `error`, and the others go on.
 * @param onSent is called after each change that was accepted
 * @returns the exit code of the worst verdict
 * @throws SwarmrollError if a signal came while a change was being sent
 */
export async function updateMany<C extends ServiceChange>(
  call: Call,
  engine: Engine,
  action: 'scale' | 'restart',
  changes: readonly C[],
  onSent?: (change: C) => void,
): Promise<number> {
  if (call.given.get(dryRun) === true) {
    const { showChanges } = await import('../dry-run/dry-run.ts');
    const shown = changes.map(({ ref, service, draft }) => ({
      action: 'update' as const,
      name: ref,
      before: service,
      after: draft,
    }));
    return showChanges(call, engine, action, shown);
  }
  const isWatched = call.given.get(detach) !== true;
  const hasOrder = changes.some(({ waitsFor = [] }) => waitsFor.length > 0);
  if (isWatched && hasOrder)
    return followMany(
      call,
      engine,
      action,
      changes.map((one) => later(engine, one)),
    );
  const accepted: AnyChange[] = [];
  const refused: Result[] = [];
  for (const change of changes) {
    const { ref, service, draft, named } = change;
    try {
      accepted.push(await sendUpdate(call, engine, service, ref, { draft, named }));
      onSent?.(change);
    } catch (error) {
      // After a signal, no further change is sent.
      if (!(error instanceof SwarmrollError) || call.world.interrupted.aborted) throw error;
      const subject = { action: 'update', service: { id: service.ID, name: printable(ref) } } as const;
      refused.push(refusedChange(call, subject, error));
    }
  }
  // On stdout, scale prints docker's lines instead of the verdicts.
  return followMany(call, engine, action, accepted, {
    refused,
    linesTo: onSent === undefined ? 'stdout' : 'stderr',
  });
}

/** A change that waits for others. If the engine refuses it, that is its verdict. */
function later(
  engine: Engine,
  { ref, service, draft, named, waitsFor = [], mustComplete = false }: ServiceChange,
): LaterChange {
  const name = printable(ref);
  return {
    action: 'update',
    name,
    serviceId: service.ID,
    waitsFor,
    send: (call) =>
      sendLater(call, { action: 'update', service: { id: service.ID, name } }, async () => {
        const sent = await sendUpdate(call, engine, service, ref, { draft, named });
        return { ...sent, waitsFor, ...(mustComplete ? { mustComplete } : {}) };
      }),
  };
}
