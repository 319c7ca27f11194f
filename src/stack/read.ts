/** Reads what a stack deployment needs: what docker would write, and what the swarm has before it. */
import type { Named, StoredObject } from '../api/cluster.ts';
import type { Service } from '../api/service.ts';
import { STACK_LABEL } from '../api/stack-labels.ts';
import type { Engine, ObjectKind } from '../engine/client.ts';
import { EngineError, SwarmrollError } from '../errors.ts';
import { objectName } from '../stack-plan/objects.ts';
import { networksOf } from '../stack-plan/plan.ts';
import type { Before } from '../stack-plan/plan.ts';
import { heldObjects, heldServices } from '../held-writes/held-writes.ts';
import type { HeldWrite } from '../held-writes/held-writes.ts';
import { storedName } from '../held-writes/snapshot.ts';
import type { Snapshot } from '../held-writes/snapshot.ts';
import { isObject } from '../values/exact-json.ts';
import { printable } from '../values/printable.ts';
import type { CommandWorld } from '../world.ts';

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

/** How long (ms) the end of networks is waited for: as long as the engine waits for a task that is to stop. */
const REMOVAL_LIMIT = 60_000;
const INTERVAL = 500;

/**
 * The networks of the stack that are being removed, after `docker stack rm` for example. The swarm has them no more, so a service that
 * names one is refused, but the manager lists them while it runs a task on them. Only then the list says which containers there are
 * (moby api/server/router/network getNetworksList; seen on 28.5).
 */
const beingRemoved = (networks: readonly Named[], stack: string): readonly Named[] =>
  networks.filter((one) => one['Scope'] === 'swarm' && isObject(one['Containers']) && stackOf(one) === stack);

/** Waits for the end of such networks. @returns false if there are none */
export async function waitForRemovals(
  engine: Engine,
  { clock, interrupted, waits }: CommandWorld,
  { networks }: Snapshot,
  stack: string,
): Promise<boolean> {
  const [one] = beingRemoved(networks, stack);
  if (one === undefined) return false;
  const giveUpAt = clock.now() + REMOVAL_LIMIT;
  const untilGone = async (): Promise<void> => {
    while (clock.now() < giveUpAt && beingRemoved(await engine.networks({}), stack).length > 0) {
      await clock.sleep(INTERVAL, interrupted);
      interrupted.throwIfAborted();
    }
  };
  await waits(`the engine to remove network ${printable(one.Name ?? '')}`, untilGone());
  return true;
}

const stored = (one: Named): readonly StoredObject[] => ('ID' in one ? [one as StoredObject] : []);

/**
 * With the ids of the networks that the services name. The engine's list lacks "host" and "bridge" (engine/lookup.ts).
 * @throws SwarmrollError `conflict` if another deployment of the stack has just created one of those that docker would create
 */
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
  const created = new Map(
    heldObjects(writes).flatMap(({ of, spec }) =>
      of === 'networks' ? [[spec.Name ?? '', spec] as const] : [],
    ),
  );
  const used = heldServices(writes).flatMap(({ spec }) => networksOf(spec));
  // The engine finds nothing by a name with a slash: it answers with another address.
  const names = new Set(used.filter((name) => !networks.has(name) && !name.includes('/')));
  const found = await Promise.all(
    [...names].map(async (name): Promise<readonly (readonly [string, string])[]> => {
      try {
        const network = await engine.network(name);
        const { Id } = network;
        // It was not there a moment ago.
        if (isOfSameStack(network, created.get(name)))
          throw justCreated(objectName({ of: 'networks', name }), stackOf(network));
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

/** The stack of a network, secret, config or service, or of the spec of one. */
const stackOf = ({ Spec, Labels }: Named): string | undefined =>
  ((Spec?.['Labels'] ?? Labels) as Record<string, string> | null | undefined)?.[STACK_LABEL];

const isOfSameStack = (stored: Named, written: Named = {}): boolean =>
  stackOf(stored) !== undefined && stackOf(stored) === stackOf(written);

/** The error when another deployment of the stack is under way. @param what "network app_net" */
const justCreated = (what: string, stack = '', cause?: unknown): SwarmrollError =>
  new SwarmrollError(
    'conflict',
    printable(`someone else is deploying the stack ${stack}: ${what} has just been created`),
    { hint: 'run the command again', cause },
  );

/**
 * Why something was not created: the engine's refusal or, if another deployment of the stack has created it meanwhile, that.
 * @param spec what was sent
 */
export async function notCreated(
  engine: Engine,
  of: ObjectKind | 'services',
  spec: Named,
  refusal: unknown,
): Promise<unknown> {
  if (!(refusal instanceof EngineError) || refusal.status !== 409) return refusal;
  const { Name: name = '' } = spec;
  const found = await byName(engine, of, name).catch(() => undefined);
  if (found === undefined || !isOfSameStack(found, spec)) return refusal;
  const what = of === 'services' ? `service ${name}` : objectName({ of, name });
  return justCreated(what, stackOf(found), refusal);
}

async function byName(engine: Engine, of: ObjectKind | 'services', name: string): Promise<Named | undefined> {
  const all: readonly Named[] = await engine[of]({ name: [name] });
  return all.find((one) => storedName(one) === name);
}

/** The id of what has this name; undefined if nothing has. */
export async function idByName(...of: Parameters<typeof byName>): Promise<string | undefined> {
  const found = await byName(...of);
  return found?.ID ?? found?.Id;
}

/** The services of a stack. */
export const ofStack = (services: readonly Service[], stack: string): readonly Service[] =>
  services.filter(({ Spec }) => Spec.Labels?.[STACK_LABEL] === stack);
