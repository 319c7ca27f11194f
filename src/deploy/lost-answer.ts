/** A change was sent and its answer was lost: reads back whether the engine has stored it. It is never sent again. */
import type { Engine } from '../engine/client.ts';
import { withoutEmpty, canonicalDigest } from '../engine/convert.ts';
import type { Service, ServiceSpec } from '../api/service.ts';
import { EngineError, SwarmrollError } from '../errors.ts';
import type { World } from '../world.ts';

/** Milliseconds: between two reads, how long a change may still come in, and how long a manager may stay away. */
const PAUSE = 200;
const SETTLED = 3_000;
const GIVE_UP = 60_000;
/** Our request may have been under way for a moment before we took its time. */
const SENT_EARLIER = 500;

/** Whether an error leaves it open what became of a change. */
export const isUnknown = (error: unknown): error is EngineError =>
  error instanceof EngineError && error.fault === 'unknown';

/** Whether a stored service has the spec that an update has sent. */
export const isStored = (sent: ServiceSpec, stored: ServiceSpec): boolean =>
  canonicalDigest(sent) === canonicalDigest(stored);

/** Whether a stored value holds all that was sent. The engine adds fields of its own, such as Isolation. */
function holds(stored: unknown, sent: unknown): boolean {
  if (typeof sent !== 'object' || sent === null) return stored === sent || String(stored) === String(sent);
  if (typeof stored !== 'object' || stored === null) return false;
  if (Array.isArray(sent) && Array.isArray(stored) && sent.length !== stored.length) return false;
  return Object.entries(sent).every(([key, value]) =>
    holds((stored as Record<string, unknown>)[key], value as unknown),
  );
}

/**
 * Reads until the change is found, or for long enough to know that it is not there.
 * @param read gives what is wanted of the stored change; undefined where it is not stored (yet)
 * @param lost the error that the change ended with
 * @throws SwarmrollError `failed`: nothing was changed, or nobody knows
 */
export async function readBack<T>(
  { clock, interrupted }: World,
  name: string,
  lost: EngineError,
  read: () => Promise<T | undefined>,
): Promise<T> {
  const began = clock.now();
  let answeredAt: number | undefined;
  for (;;) {
    try {
      const found = await read();
      if (found !== undefined) return found;
      answeredAt ??= clock.now();
    } catch (error) {
      if (!(error instanceof EngineError) || error.fault !== 'transient') throw error;
    }
    if (answeredAt !== undefined && clock.now() - answeredAt >= SETTLED) {
      throw new SwarmrollError(
        'failed',
        `${name}: the change did not get to the engine, nothing was changed: ${lost.message}`,
        {
          hint: 'run the command again',
          cause: lost,
        },
      );
    }
    if (clock.now() - began >= GIVE_UP) {
      throw new SwarmrollError('failed', `${name}: the change may or may not be stored: ${lost.message}`, {
        hint: 'once the manager answers again, look with: docker service ls',
        cause: lost,
      });
    }
    await clock.sleep(PAUSE, interrupted);
    interrupted.throwIfAborted();
  }
}

/**
 * The id of the service that a `create` has made whose answer was lost.
 * @param sentAt when the request was sent, by our clock
 * @returns undefined where there is none yet
 */
export async function createdService(
  engine: Engine,
  { clock, interrupted }: World,
  sent: ServiceSpec,
  sentAt: number,
): Promise<string | undefined> {
  const { Name = '' } = sent;
  const candidates = await engine.services(Name === '' ? {} : { name: [Name] }, interrupted);
  const oldest = (await engine.systemTime(interrupted)) - (clock.now() - sentAt) - SENT_EARLIER;
  const isNew = ({ CreatedAt }: Service): boolean => Date.parse(CreatedAt) >= oldest;
  const wanted = withoutEmpty(sent);
  const isSent = ({ Spec }: Service): boolean =>
    holds(withoutEmpty(Spec), wanted) && (Name === '' || Spec.Name === Name);
  const found = candidates.filter((service) => isSent(service) && isNew(service));
  return found.length === 1 ? found[0]?.ID : undefined;
}
