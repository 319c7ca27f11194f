/** Finds what a task template uses and the engine no longer has, and refuses to roll back to it. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { Call } from '../command-line/command.ts';
import type { Engine } from '../engine/client.ts';
import { forShow } from '../engine/for-show.ts';
import { networkNames } from '../engine/lookup.ts';
import { SwarmrollError } from '../errors.ts';
import type { RollbackTarget } from '../rollout/evidence.ts';
import { shellWord } from '../values/shell-words.ts';
import { warn } from './warn.ts';

/** The networks that a spec uses, by their ids. */
export const networkIdsOf = (spec: ServiceSpec | undefined): readonly string[] =>
  (spec?.TaskTemplate.Networks ?? spec?.Networks ?? []).map(({ Target = '' }) => Target);

/**
 * The secrets, configs and networks of a spec that do not exist (any more): "secret app_key (id ...)", "network ID".
 * @param onFailure is called with the reason why some of them cannot be looked up; they count as existing
 * @param planned the ids of those that are to be created
 */
export async function missingObjects(
  engine: Engine,
  spec: ServiceSpec,
  onFailure: (reason: string) => void,
  planned: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const { Secrets, Configs } = spec.TaskTemplate.ContainerSpec ?? {};
  const isLookedUp = ({ id }: { readonly id: string }): boolean => !planned.has(id);
  const secrets = (Secrets ?? [])
    .map(({ SecretID: id = '', SecretName: name }) => ({ id, name }))
    .filter(isLookedUp);
  const configs = (Configs ?? [])
    .map(({ ConfigID: id = '', ConfigName: name }) => ({ id, name }))
    .filter(isLookedUp);
  const networks = networkIdsOf(spec).filter((id) => isLookedUp({ id }));
  const idsOf = (list: typeof secrets) => ({ id: list.map(({ id }) => id) });
  const [foundSecrets, foundConfigs, foundNetworks] = await Promise.all([
    secrets.length === 0 ? [] : forShow(engine.secrets(idsOf(secrets)), onFailure),
    configs.length === 0 ? [] : forShow(engine.configs(idsOf(configs)), onFailure),
    forShow(networkNames(engine, networks), onFailure),
  ]);
  const gone = (
    kind: string,
    list: typeof secrets,
    found: readonly { readonly ID?: string }[] | undefined,
  ): string[] =>
    list
      .filter(({ id }) => found?.every(({ ID }) => ID !== id))
      .map(({ id, name }) => `${kind} ${name} (id ${id})`);
  return [
    ...gone('secret', secrets, foundSecrets),
    ...gone('config', configs, foundConfigs),
    ...networks.filter((id) => foundNetworks?.has(id) === false).map((id) => `network ${id}`),
  ];
}

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
  const way = await usableTarget(world, engine, service, target);
  throw new SwarmrollError('refused', `${name}: cannot roll back: ${areGone(gone)}; nothing was sent`, {
    hint:
      way === undefined
        ? `there is no other generation to roll back to; see what is kept with: ${world.program} history ${word}`
        : way.kind === 'image'
          ? `set the image of generation ${way.id} with: ${world.program} update --image ${shellWord(way.image)} ${word}`
          : `roll back to another generation with: ${world.program} rollback --to ${way.id} ${word}`,
  });
}

/** "secret key (id x) is gone". */
export const areGone = (gone: readonly string[]): string =>
  `${gone.join(', ')} ${gone.length === 1 ? 'is' : 'are'} gone`;

type GenerationTarget = Extract<RollbackTarget, { readonly id: string }>;

/** The way to the newest generation that ran and of which nothing is missing: not the current one, nor that of `target`. */
async function usableTarget(
  { clock, interrupted }: Call['world'],
  engine: Engine,
  { ID }: Service,
  target: ServiceSpec,
): Promise<GenerationTarget | undefined> {
  const [{ readHistory }, { rollbackTargets }, { templateId }] = await Promise.all([
    import('../generations/read.ts'),
    import('../generations/rollback-targets.ts'),
    import('../generations/generations.ts'),
  ]);
  const history = await readHistory(engine, ID, interrupted);
  const other = templateId(target.TaskTemplate);
  for (const way of rollbackTargets(history, clock.date().getTime())) {
    if (!('id' in way) || way.id === other) continue;
    const template = history.generations.find(({ id }) => id === way.id)?.template;
    const spec = template && { TaskTemplate: template };
    if (spec !== undefined && (await missingObjects(engine, spec, () => undefined)).length === 0) return way;
  }
  return undefined;
}
