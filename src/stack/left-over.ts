/** Removes the configs and secrets that rotations have left over and that nobody can need any more. */
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { EngineError } from '../errors.ts';
import { warn } from '../watch/warn.ts';
import { objectName } from '../stack-plan/objects.ts';
import type { LeftOver } from '../stack-plan/objects.ts';
import { neededIds } from '../stack-plan/rotation.ts';
import { together } from './send.ts';

/** The ids that the services and tasks of the whole swarm refer to now (rotation.ts, neededIds). @throws EngineError */
export async function readNeededIds(engine: Engine, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const [services, tasks] = await Promise.all([engine.services({}, signal), engine.tasks({}, signal)]);
  return neededIds(services, tasks);
}

/**
 * Removes those that nothing refers to. If the engine refuses that, they stay: that is no failure of the deployment.
 * @returns the names of what is removed: "config app_conf"
 */
export async function removeLeftOvers(
  { world }: Call,
  engine: Engine,
  leftOver: readonly LeftOver[],
): Promise<readonly string[]> {
  if (leftOver.length === 0) return [];
  const { interrupted } = world;
  const removed: string[] = [];
  const tellKept = (error: unknown, what: string): void => {
    if (!(error instanceof EngineError)) throw error;
    // Somebody has begun to use it, or has removed it.
    const isExpected = error.kind === 'notFound' || /in use/.test(error.message);
    if (!isExpected) warn(world, [`${what} not removed: ${error.message}`]);
  };
  try {
    const needed = await readNeededIds(engine, interrupted);
    const unused = leftOver.filter(({ object }) => !needed.has(object.ID));
    await together(unused, async ({ of, object }) => {
      const name = objectName({ of, name: object.Spec.Name ?? object.ID });
      try {
        await engine.removeObject(of, object.ID, interrupted);
        removed.push(name);
      } catch (error) {
        tellKept(error, name);
      }
    });
  } catch (error) {
    tellKept(error, 'old configs and secrets');
  }
  return removed;
}
