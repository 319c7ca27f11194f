/** Resolves the names of networks, secrets and configs in flags to ids. */
import { EngineError, SwarmrollError } from '../errors.ts';
import type { Engine } from './client.ts';
import type { Named, Network } from '../api/cluster.ts';

/**
 * The lookups of an engine. `network` takes a name, id or unique id prefix and returns the id; `secrets` and `configs`
 * take names and return a map name → id, with one request.
 * @throws (all three) SwarmrollError `notFound`, or an EngineError
 */
export function lookupIn(engine: Engine) {
  return {
    network: async (text: string): Promise<string> => {
      const ref = text.trim();
      if (ref === '') throw new SwarmrollError('notFound', 'the name of a network is empty');
      const { Id: id } = await engine.network(ref);
      if (id === undefined) throw new SwarmrollError('notFound', `network ${ref} not found`);
      return id;
    },
    secrets: async (names: readonly string[]) =>
      idsOf('secret', names, await engine.secrets({ name: names })),
    configs: async (names: readonly string[]) =>
      idsOf('config', names, await engine.configs({ name: names })),
  };
}

/** Keeps full names only: the engine's name filter also matches prefixes. */
function idsOf(kind: string, names: readonly string[], found: readonly Named[]): Map<string, string> {
  const ids = new Map(found.map(({ ID, Spec }) => [Spec?.Name ?? '', ID ?? '']));
  const missing = names.find((name) => !ids.has(name));
  if (missing !== undefined) throw new SwarmrollError('notFound', `${kind} not found: ${missing}`);
  return ids;
}

/**
 * Networks, by id; those that do not exist are left out. Each is asked for by its id, because the engine's list does not
 * contain the networks "host" and "bridge" of services (moby daemon/cluster/networks.go filterPredefinedNetworks; seen on
 * 28.5).
 * @throws EngineError if the engine cannot answer
 */
export async function networksById(
  engine: Engine,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Network>> {
  const found = await Promise.all([...new Set(ids)].map((id) => networkWithId(engine, id)));
  return new Map(found.flatMap((one) => (one.Id === undefined ? [] : [[one.Id, one] as const])));
}

/** The names of networks, by id. */
export const namesOf = (networks: ReadonlyMap<string, Network>): ReadonlyMap<string, string> =>
  new Map([...networks].map(([id, { Name }]) => [id, Name ?? id]));

/** The names of networks, by id; those that do not exist are left out. @throws EngineError as networksById */
export const networkNames = async (
  engine: Engine,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> => namesOf(await networksById(engine, ids));

/** The network with this id. The engine also takes names and prefixes of ids: a network that matches only so is none. */
async function networkWithId(engine: Engine, id: string): Promise<Network> {
  try {
    const found = await engine.network(id);
    return found.Id === id ? found : {};
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'notFound') return {};
    throw error;
  }
}
