/** Before a service takes a published port from another one of the stack: the engine has to let the port go first. */
import type { Service } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { printable } from '../values/printable.ts';
import { takesPort } from '../stack-plan/order.ts';
import type { ServiceWrite } from '../stack-plan/plan.ts';

/** The interval between reads (ms). */
const POLL_INTERVAL = 100;
/** After this long (ms) the engine is asked all the same: it says what is in the way. */
const LIMIT = 30_000;

/**
 * Waits until the engine has let the ports go that these services take from services that were sent before. It refuses a port
 * that another service has in its spec or still has allocated (swarmkit manager/controlapi/service.go, checkPortConflicts), and
 * its allocator changes that some time after the spec (seen on 28.5, when the engine was short of processor time).
 * @param next the services that are about to be sent
 * @param sent the services that the engine has accepted
 * @throws EngineError, or the reason of the signal
 */
export async function portsReleased(
  { world }: Call,
  engine: Engine,
  next: readonly ServiceWrite[],
  sent: readonly ServiceWrite[],
): Promise<void> {
  const { clock, interrupted } = world;
  const isTaken = (from: Service): boolean => next.some((one) => takesPort(one, from));
  const release = async (id: string): Promise<void> => {
    const giveUpAt = clock.now() + LIMIT;
    for (;;) {
      const service = await engine.service(id, { signal: interrupted });
      const Ports = service.Endpoint?.Ports ?? [];
      const allocated = { ...service, Spec: { ...service.Spec, EndpointSpec: { Ports } } };
      if (!isTaken(allocated) || clock.now() >= giveUpAt) return;
      await clock.sleep(POLL_INTERVAL, interrupted);
      interrupted.throwIfAborted();
    }
  };
  for (const { name, before } of sent) {
    if (before !== undefined && isTaken(before))
      await world.waits(`the engine to release the ports of ${printable(name)}`, release(before.ID));
  }
}
