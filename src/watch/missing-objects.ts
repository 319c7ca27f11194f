/** Finds what a task template uses and the engine no longer has. */
import type { ServiceSpec } from '../api/service.ts';
import type { Engine } from '../engine/client.ts';
import { forShow } from '../engine/for-show.ts';
import { networkNames } from '../engine/lookup.ts';

/** The networks that a spec uses, by their ids. */
export const networkIdsOf = (spec: ServiceSpec | undefined): readonly string[] =>
  (spec?.TaskTemplate.Networks ?? spec?.Networks ?? []).map(({ Target = '' }) => Target);

/**
 * The secrets, configs and networks of a spec that do not exist (any more): "secret app_key (id ...)", "network ID".
 * @param onFailure is called with what cannot be looked up, and the reason; it counts as existing
 * @param planned the ids of those that are to be created
 */
export async function missingObjects(
  engine: Engine,
  spec: ServiceSpec,
  onFailure: (reason: string) => void,
  planned: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const { Secrets, Configs } = spec.TaskTemplate.ContainerSpec ?? {};
  const secrets = (Secrets ?? []).map(({ SecretID, SecretName }) => used('secret', SecretName, SecretID));
  const configs = (Configs ?? []).map(({ ConfigID, ConfigName }) => used('config', ConfigName, ConfigID));
  const networks = networkIdsOf(spec).map((id) => ({ id, text: `network ${id}` }));
  const gone = async (
    kinds: string,
    all: readonly Used[],
    read: (ids: readonly string[]) => Promise<readonly (string | undefined)[]>,
  ): Promise<string[]> => {
    const asked = all.filter(({ id }) => !planned.has(id));
    if (asked.length === 0) return [];
    const found = await forShow(read(asked.map(({ id }) => id)), (reason) =>
      onFailure(`whether the ${kinds} of the spec exist: ${reason}`),
    );
    return asked.filter(({ id }) => found?.includes(id) === false).map(({ text }) => text);
  };
  const all = await Promise.all([
    gone('secrets', secrets, async (id) => (await engine.secrets({ id })).map(({ ID }) => ID)),
    gone('configs', configs, async (id) => (await engine.configs({ id })).map(({ ID }) => ID)),
    gone('networks', networks, async (ids) => [...(await networkNames(engine, ids)).keys()]),
  ]);
  return all.flat();
}

interface Used {
  readonly id: string;
  readonly text: string;
}

const used = (kind: string, name: string, id = ''): Used => ({ id, text: `${kind} ${name} (id ${id})` });

/** "secret key (id x) is gone". */
export const areGone = (gone: readonly string[]): string =>
  `${gone.join(', ')} ${gone.length === 1 ? 'is' : 'are'} gone`;
