/** What a deployment has to send, and in which order. Pure. */
import type { Service, ServiceSpec } from '../api/service.ts';
import { wantedSpec } from './wanted-spec.ts';
import { isJobSpec } from '../service-spec/mode.ts';
import type { Risk } from '../service-spec/planned.ts';
import { ingressJoined, refusedBySpec } from '../service-spec/refused.ts';
import { sameSpec } from '../service-spec/same.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { NO_ORDER, orderOf } from '../held-writes/depends-on.ts';
import type { Dependencies, Order } from '../held-writes/depends-on.ts';
import { heldObjects, heldServices } from '../held-writes/held-writes.ts';
import type { HeldObject, HeldWrite } from '../held-writes/held-writes.ts';
import { planObjects } from './objects.ts';
import type { ObjectWrite, PlannedObjects, RotationOptions, SecretAnswers } from './objects.ts';
import type { Snapshot } from '../held-writes/snapshot.ts';
import { notResolved } from '../values/registry-error.ts';
import { inStages, takesPort } from './order.ts';
import type { ServiceToSend } from './order.ts';
import { idsIn, withReferences } from './rotation.ts';

export interface Before extends Snapshot {
  /** The ids of networks by their names. */
  readonly networkIds: ReadonlyMap<string, string>;
}

export interface PlanOptions extends RotationOptions {
  /** Only these services of the file, by their names in the file or in the swarm. Empty: all. */
  readonly only: readonly string[];
  /** Services that are there keep their number of replicas. */
  readonly keepsReplicas: boolean;
  /** Whether an image keeps the stored digest of its tag if the registry gave none. */
  readonly keepsDigests: boolean;
  /** The images whose look-up has failed, and of which docker has not warned. */
  readonly unresolved?: ReadonlySet<string>;
  /** `depends_on` of the Compose file, by the names in the file. Absent: there is no order, and the labels say none. */
  readonly dependencies?: Dependencies;
  /** Services that have to complete for others, by the names in the file. Whether a spec alone says so: `isGate`. */
  readonly gates?: ReadonlySet<string>;
}

/** A service to create or to update. */
export interface ServiceWrite extends ServiceToSend {
  /** The value of X-Registry-Auth. */
  readonly auth: string | undefined;
}

export interface StackPlan extends Omit<PlannedObjects, 'references'> {
  /** Services to send; those of one stage at the same time. */
  readonly stages: readonly (readonly ServiceWrite[])[];
  /** The services that have to converge before one of the stages is sent, by their names (order.ts). */
  readonly waitsFor: Dependencies;
  /** Those of them that have to complete, whatever their specs say, by their names. */
  readonly gates: ReadonlySet<string>;
  /** Services of the file that are stored as they are wanted: nothing is sent for them. */
  readonly unchanged: readonly Service[];
  /** Services to remove before the others are sent, because they hold a port that another one wants. */
  readonly removedFirst: readonly Service[];
  /** Services to remove when all others have converged. */
  readonly removedLast: readonly Service[];
  /** Why the deployment cannot go well. */
  readonly refusals: readonly string[];
  /** What of it the engine refuses in the services to send, by their names. */
  readonly refused: ReadonlyMap<string, readonly Risk[]>;
}

/**
 * Makes the plan from what docker would have written.
 * @param answers which secrets are stored. Without them, each secret counts as stored, and the plan has questions
 */
export function planStack(
  writes: readonly HeldWrite[],
  before: Before,
  options: PlanOptions,
  answers: SecretAnswers = new Map(),
): StackPlan {
  const { references, ...planned } = planObjects(wantedObjects(writes, options), before, options, answers);
  const warnings = [...planned.warnings];
  const services: ServiceWrite[] = [];
  const unchanged: Service[] = [];
  const known = new Map(before.services.map((service) => [service.ID, service]));
  const removed = writes.flatMap(({ kind, id }) => (kind === 'remove' ? (known.get(id) ?? []) : []));
  for (const { id, spec: held, auth } of heldServices(writes)) {
    const name = held.Name ?? '';
    if (!isWanted(name, options)) continue;
    const stored = known.get(id);
    const spec = wantedSpec(withReferences(held, references), stored, { ...before, ...options }, (warning) =>
      warnings.push(warning),
    );
    if (stored === undefined) {
      services.push({ name, spec, auth });
      warnings.push(...withoutDigest(spec, options));
    } else if (isJobSpec(spec) || isPaused(stored) || auth !== undefined || !sameSpec(spec, stored.Spec))
      services.push({ name, spec, auth, before: stored });
    else unchanged.push(stored);
  }
  const order =
    options.dependencies === undefined ? NO_ORDER : orderIn(writes, options.dependencies, options);
  const { stages, waitsFor, cycle } = inStages(
    services,
    order.dependencies,
    unchanged.map(({ Spec }) => Spec.Name ?? ''),
  );
  const refused = refusedServices(services, before, removed);
  const first = removed.filter((service) => services.some((one) => takesPort(one, service)));
  return {
    ...planned,
    // With some services only, the others are not watched: they may still need what is left over.
    leftOver: options.only.length === 0 ? planned.leftOver : [],
    stages,
    waitsFor,
    gates: new Set([...(options.gates ?? [])].map((name) => `${options.stack}_${name}`)),
    unchanged,
    removedFirst: first,
    removedLast: removed.filter((service) => !first.includes(service)),
    refusals: [
      ...unknownNames(writes, options),
      ...order.problems,
      ...planned.refusals,
      ...planned.objects.flatMap((object) => networkTaken(object, before)),
      ...services.flatMap((service) => nameTaken(service, before)),
      ...[...refused].flatMap(([name, risks]) => risks.map(({ message }) => `${name}: ${message}`)),
      ...(cycle.length === 0
        ? []
        : [
            order.dependencies.size === 0
              ? `${cycle.join(' and ')} swap published ports: first deploy the file without the ports of one, then with both`
              : `${cycle.join(' and ')} pass published ports on against the order of depends_on: first deploy the file without these ports, then with them`,
          ]),
    ],
    refused,
    warnings,
  };
}

/** The warning that `docker stack deploy` prints only of a service that exists. */
function withoutDigest({ TaskTemplate }: ServiceSpec, { unresolved }: PlanOptions): readonly string[] {
  const { Image = '' } = TaskTemplate.ContainerSpec ?? {};
  return unresolved?.has(Image) === true ? [notResolved(Image)] : [];
}

/** The order of all services of the file, also of those that are not to be sent. */
const orderIn = (writes: readonly HeldWrite[], ofFile: Dependencies, { stack }: PlanOptions): Order =>
  orderOf(
    heldServices(writes).map(({ spec }) => ({ name: spec.Name ?? '', spec })),
    ofFile,
    stack,
  );

/** The engine goes on with a paused rollout when the same spec is sent again. */
const isPaused = ({ UpdateStatus }: Service): boolean => UpdateStatus?.State?.endsWith('paused') === true;

const isWanted = (name: string, { only, stack }: PlanOptions): boolean =>
  only.length === 0 || only.some((one) => name === one || name === `${stack}_${one}`);

/** The networks, secrets and configs to write. With some services only, those that these use. */
function wantedObjects(writes: readonly HeldWrite[], options: PlanOptions): readonly HeldObject[] {
  const objects = heldObjects(writes);
  if (options.only.length === 0) return objects;
  const wanted = heldServices(writes).filter(({ spec }) => isWanted(spec.Name ?? '', options));
  const used = new Set(wanted.flatMap(({ spec }) => [...networksOf(spec), ...idsIn(spec.TaskTemplate)]));
  return objects.filter(({ id, spec }) => used.has(id) || used.has(spec.Name ?? ''));
}

/** The networks of a spec: their ids, or the names of those that do not exist yet. */
export const networksOf = ({ TaskTemplate, Networks }: ServiceSpec): readonly string[] =>
  (TaskTemplate.Networks ?? Networks ?? []).map(({ Target = '' }) => Target);

/** The services that were asked for and that the file does not have. */
function unknownNames(writes: readonly HeldWrite[], { only, stack }: PlanOptions): string[] {
  const names = heldServices(writes).map(({ spec }) => spec.Name);
  return only
    .filter((name) => !names.includes(name) && !names.includes(`${stack}_${name}`))
    .map((name) => `the Compose file has no service ${name}`);
}

/** docker creates a network that has not the label of the stack. The engine would refuse a second one of the same name. */
const networkTaken = ({ of, name }: ObjectWrite, { networkIds }: Before): string[] =>
  of === 'networks' && networkIds.has(name)
    ? [
        `a network named ${name} exists that does not belong to the stack: declare it as external, or give it another name`,
      ]
    : [];

function nameTaken({ name, before }: ServiceWrite, { services }: Before): string[] {
  if (before !== undefined || services.every(({ Spec }) => Spec.Name !== name)) return [];
  return [`a service named ${name} exists that does not belong to the stack`];
}

/** What the engine refuses in each service, with the ports that the others have when all is sent. */
function refusedServices(
  services: readonly ServiceWrite[],
  { services: all, networks }: Before,
  removed: readonly Service[],
): ReadonlyMap<string, readonly Risk[]> {
  const ingress = networks.find(({ Ingress }) => Ingress === true);
  const kept = all.filter(
    (one) => !removed.includes(one) && services.every(({ before }) => before?.ID !== one.ID),
  );
  const sent = [...services]
    .sort((a, b) => compareNaturally(a.name, b.name))
    .map((write) => ({ write, stored: whenSent(write) }));
  return new Map(
    sent.map(({ write: { name, spec, before }, stored }) => {
      const others = sent.flatMap((one) => (one.stored === stored ? [] : [one.stored]));
      const risks = refusedBySpec(spec, [...kept, ...others], before);
      const { Id = '', Name = '' } = ingress ?? {};
      return [name, networksOf(spec).includes(Id) ? [...risks, ingressJoined(Name)] : risks];
    }),
  );
}

/** A service as it is stored when it was sent. */
const whenSent = ({ name, spec, before }: ServiceWrite): Service => ({
  ...{ ID: name, Version: { Index: 0 }, CreatedAt: '', UpdatedAt: '' },
  ...before,
  Spec: spec,
  Endpoint: {},
});
