/** Refuses to roll back to what cannot run any more. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { SwarmrollError } from '../errors.ts';
import { shellWord } from '../values/shell-words.ts';
import { areGone, missingObjects } from './missing-objects.ts';
import { warn } from './warn.ts';

/**
 * Refuses to roll back to a spec that uses a secret, config or network that is gone. The engine would accept its own rollback
 * to it, and no task would start: they stay "new" without a reason (seen on 28.5).
 * @param name the service as the user named it
 * @param target the spec to roll back to
 * @throws SwarmrollError `refused`; its hint names a generation to roll back to, if one is kept
 */
export async function refuseMissing(
  { world }: Call,
  engine: Engine,
  service: Service,
  name: string,
  target: ServiceSpec,
): Promise<void> {
  const gone = await missingObjects(engine, target, (reason) => warn(world, [`not checked: ${reason}`]));
  if (gone.length === 0) return;
  const word = shellWord(name);
  const { generationBeside } = await import('./rollback-target.ts');
  const now = world.clock.date().getTime();
  const way = await generationBeside(engine, service, target, now, world.interrupted);
  throw new SwarmrollError('refused', `${name}: cannot roll back: ${areGone(gone)}; nothing was sent`, {
    hint:
      way === undefined
        ? `there is no other generation to roll back to; see what is kept with: ${world.program} history ${word}`
        : way.kind === 'image'
          ? `set the image of generation ${way.id} with: ${world.program} update --image ${shellWord(way.image)} ${word}`
          : `roll back to another generation with: ${world.program} rollback --to ${way.id} ${word}`,
  });
}
