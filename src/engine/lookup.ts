/** Names to ids, asked of an engine: what flags need to refer to networks, secrets and configs. */
import { SwarmrollError } from '../errors.ts';
import type { Engine } from './client.ts';
import type { Named } from '../api/cluster.ts';

/** PollHistory things up in an engine; a network by the engine's own rules, secrets and configs in one request each. */
export function lookupIn(engine: Engine) {
  return {
    network: async (text: string): Promise<string> => {
      const ref = text.trim();
      if (ref === '') throw new SwarmrollError('notFound', 'no network has an empty name');
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

/** The engine's name filter takes prefixes, so only whole names count here. */
function idsOf(kind: string, names: readonly string[], found: readonly Named[]): Map<string, string> {
  const ids = new Map(found.map(({ ID, Spec }) => [Spec?.Name ?? '', ID ?? '']));
  const missing = names.find((name) => !ids.has(name));
  if (missing !== undefined) throw new SwarmrollError('notFound', `${kind} not found: ${missing}`);
  return ids;
}
