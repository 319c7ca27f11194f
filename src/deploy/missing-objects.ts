/** Finds what a task template uses and the engine no longer has. */
import type { ServiceSpec } from '../api/service.ts';
import type { Engine } from '../engine/client.ts';
import { forShow } from '../engine/for-show.ts';

/** The networks that a spec uses, by their ids. */
export const networkIdsOf = (spec: ServiceSpec | undefined): readonly string[] =>
  (spec?.TaskTemplate.Networks ?? spec?.Networks ?? []).map(({ Target = '' }) => Target);

/** The names of those networks that exist, by id. */
export async function networkNames(
  engine: Engine,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const found = await engine.networks({ id: [...new Set(ids)] });
  return new Map(found.map(({ Id = '', Name = '' }) => [Id, Name]));
}

/**
 * The secrets, configs and networks of a spec that do not exist (any more): "secret app_key (id ...)", "network ID".
 * @param onFailure is called with the reason why some of them cannot be looked up; they count as existing
 */
export async function missingObjects(
  engine: Engine,
  spec: ServiceSpec,
  onFailure: (reason: string) => void,
): Promise<string[]> {
  const { Secrets, Configs } = spec.TaskTemplate.ContainerSpec ?? {};
  const secrets = (Secrets ?? []).map(({ SecretID: id = '', SecretName: name }) => ({ id, name }));
  const configs = (Configs ?? []).map(({ ConfigID: id = '', ConfigName: name }) => ({ id, name }));
  const networks = networkIdsOf(spec);
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
