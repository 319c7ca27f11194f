/** Reads what a stack deployment needs: what docker would write, and what the swarm has before it. */
import type { Named, StoredObject } from '../api/cluster.ts';
import type { Service } from '../api/service.ts';
import { STACK_LABEL } from '../api/stack-labels.ts';
import type { Engine, ObjectKind } from '../engine/client.ts';
import { EngineError } from '../errors.ts';
import { networksOf } from '../stack-plan/plan.ts';
import type { Before } from '../stack-plan/plan.ts';
import { heldServices } from '../held-writes/held-writes.ts';
import type { HeldWrite } from '../held-writes/held-writes.ts';
import { storedName } from '../held-writes/snapshot.ts';
import type { Snapshot } from '../held-writes/snapshot.ts';

/** What the swarm has now. */
export async function snapshotOf(engine: Engine, signal: AbortSignal): Promise<Snapshot> {
  const [services, secrets, configs, networks] = await Promise.all([
    engine.services({}, signal),
    engine.secrets({}),
    engine.configs({}),
    engine.networks({}),
  ]);
  return { services, secrets: secrets.flatMap(stored), configs: configs.flatMap(stored), networks };
}

const stored = (one: Named): readonly StoredObject[] => ('ID' in one ? [one as StoredObject] : []);

/** With the ids of the networks that the services name. The engine's list lacks "host" and "bridge" (engine/lookup.ts). */
export async function withNetworks(
  engine: Engine,
  before: Snapshot,
  writes: readonly HeldWrite[],
): Promise<Before> {
  const networks = new Map(
    before.networks.flatMap(({ Name = '', Id = '', Scope }) =>
      Scope === 'swarm' ? [[Name, Id] as const] : [],
    ),
  );
  const used = heldServices(writes).flatMap(({ spec }) => networksOf(spec));
  const names = new Set(used.filter((name) => !networks.has(name)));
  const found = await Promise.all(
    [...names].map(async (name): Promise<readonly (readonly [string, string])[]> => {
      try {
        const { Id } = await engine.network(name);
        return Id === undefined ? [] : [[name, Id]];
      } catch (error) {
        // The engine says so itself when the service is sent.
        if (error instanceof EngineError && error.kind === 'notFound') return [];
        throw error;
      }
    }),
  );
  return { ...before, networkIds: new Map([...networks, ...found.flat()]) };
}

/** The id of what has this name; undefined if nothing has. */
export async function idByName(
  engine: Engine,
  of: ObjectKind | 'services',
  name: string,
): Promise<string | undefined> {
  const all: readonly Named[] = await engine[of]({ name: [name] });
  const found = all.find((one) => storedName(one) === name);
  return found?.ID ?? found?.Id;
}

/** The services of a stack. */
export const ofStack = (services: readonly Service[], stack: string): readonly Service[] =>
  services.filter(({ Spec }) => Spec.Labels?.[STACK_LABEL] === stack);
