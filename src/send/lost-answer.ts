/** After a change was sent and its reply was lost: finds out whether the engine has stored it. It is never sent again. */
import type { Engine } from '../engine/client.ts';
import type { Service, ServiceSpec } from '../api/service.ts';
import { EngineError, SwarmrollError } from '../errors.ts';
import { findService } from '../engine/find-services.ts';
import { sameSpec, storedForm } from '../service-spec/same.ts';
import { printable } from '../values/printable.ts';
import type { CommandWorld, World } from '../world.ts';
import { updateConflict } from './not-sent.ts';

/** The interval between reads (ms, as all constants here); it doubles while the manager cannot be reached. */
const POLL_INTERVAL = 200;
const MAX_INTERVAL = 2_000;
/** After the first read that succeeds, the change may still be stored for this long. */
const SETTLE_TIME = 3_000;
/** The timeout if the manager cannot be reached. */
const TIMEOUT = 60_000;
/** The request may have been sent this long before the time that the caller gives. */
const CLOCK_TOLERANCE = 500;

/** Whether a stored value contains everything that was sent. The engine adds further fields, such as Isolation. */
function contains(stored: unknown, sent: unknown): boolean {
  if (typeof sent !== 'object' || sent === null) return stored === sent || String(stored) === String(sent);
  if (typeof stored !== 'object' || stored === null) return false;
  if (Array.isArray(sent) && Array.isArray(stored) && sent.length !== stored.length) return false;
  return Object.entries(sent).every(([key, value]) =>
    contains((stored as Record<string, unknown>)[key], value as unknown),
  );
}

/**
 * Reads again and again until the change is stored, or until it is certain that it was not stored.
 * @param name the service, for messages
 * @param lost the error of the change
 * @param read returns undefined while the change is not stored; else its result is returned
 * @throws SwarmrollError `failed` if nothing was changed, or if that is unknown after the timeout
 */
export async function readBack<T>(
  world: CommandWorld,
  name: string,
  lost: EngineError,
  read: () => Promise<T | undefined>,
): Promise<T> {
  const { clock, interrupted } = world;
  const began = clock.now();
  let answeredAt: number | undefined;
  let interval = POLL_INTERVAL;
  const unknown = (why: string, hint: string): SwarmrollError =>
    new SwarmrollError('failed', `${name}: the change may or may not be stored: ${why}`, {
      hint,
      cause: lost,
    });
  const untilKnown = async (): Promise<T> => {
    for (;;) {
      try {
        const found = await read();
        if (found !== undefined) return found;
        answeredAt ??= clock.now();
        interval = POLL_INTERVAL;
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        // Without permission to read the service, nothing more can be known.
        if (error.fault === 'final')
          throw unknown(`${lost.message}; then ${error.message}`, 'check with: docker service ls');
        if (error.fault !== 'transient') throw error;
        interval = Math.min(2 * interval, MAX_INTERVAL);
      }
      if (answeredAt !== undefined && clock.now() - answeredAt >= SETTLE_TIME) {
        throw new SwarmrollError(
          'failed',
          `${name}: the change did not reach the engine, nothing was changed: ${lost.message}`,
          { hint: 'run the command again', cause: lost },
        );
      }
      if (clock.now() - began >= TIMEOUT) {
        throw unknown(lost.message, 'once the manager answers again, check with: docker service ls');
      }
      await clock.sleep(interval, interrupted);
      interrupted.throwIfAborted();
    }
  };
  return world.waits(`the engine to say what is stored of ${printable(name)}`, untilKnown());
}

/**
 * Finds the service of a create request whose reply was lost: it has the spec that was sent, and is new.
 * @param sentAt when the request was sent (World.clock)
 * @returns its id; undefined if there is none yet, or several
 */
export async function createdService(
  engine: Engine,
  { clock, interrupted }: World,
  sent: ServiceSpec,
  sentAt: number,
): Promise<string | undefined> {
  const { Name = '' } = sent;
  const candidates = await engine.services(Name === '' ? {} : { name: [Name] }, interrupted);
  const oldest = (await engine.systemTime(interrupted)) - (clock.now() - sentAt) - CLOCK_TOLERANCE;
  const isNew = ({ CreatedAt }: Service): boolean => Date.parse(CreatedAt) >= oldest;
  const wanted = storedForm(sent);
  const isSent = ({ Spec }: Service): boolean =>
    contains(storedForm(Spec), wanted) && (Name === '' || Spec.Name === Name);
  const found = candidates.filter((service) => isSent(service) && isNew(service));
  return found.length === 1 ? found[0]?.ID : undefined;
}

/**
 * After an update whose reply was lost: true if the update is stored, undefined if not (yet).
 * @throws SwarmrollError `conflict` if another change is stored
 */
export async function storedUpdate(
  engine: Engine,
  signal: AbortSignal,
  read: Service,
  wanted: ServiceSpec,
): Promise<true | undefined> {
  const now = await findService(engine, read.ID, signal);
  const isChanged = !sameSpec(now.Spec, read.Spec);
  if (sameSpec(wanted, now.Spec)) {
    // If the spec is the same as before, only the update status shows that the update is stored: every update clears it.
    const isCleared = now.UpdateStatus?.StartedAt !== read.UpdateStatus?.StartedAt;
    return isChanged || isCleared ? true : undefined;
  }
  if (isChanged) throw updateConflict(read.Spec.Name ?? read.ID, 'this change is not stored');
  return undefined;
}
