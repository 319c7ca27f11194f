/** What a deployment has to send, and in which order. Pure. */
import type { Service, ServiceSpec } from '../api/service.ts';
import type { StoredObject } from '../api/cluster.ts';
import { sameText, wantedSpec } from './wanted-spec.ts';
import { STACK_LABEL } from '../api/stack-labels.ts';
import type { ObjectKind } from '../engine/client.ts';
import { isJobSpec } from '../service-spec/mode.ts';
import { refusedBySpec } from '../service-spec/refused.ts';
import { sameSpec } from '../service-spec/same.ts';
import { NO_ORDER, orderOf } from './depends-on.ts';
import type { Dependencies, Order } from './depends-on.ts';
import type { HeldWrite, ObjectSpec } from './held-writes.ts';
import { inStages, takesPort } from './order.ts';

/** What the swarm has before the deployment. */
export interface Before {
  /** All services of the swarm. */
  readonly services: readonly Service[];
  readonly secrets: readonly StoredObject[];
  readonly configs: readonly StoredObject[];
  /** The ids of networks by their names. */
  readonly networkIds: ReadonlyMap<string, string>;
}

export interface PlanOptions {
  readonly stack: string;
  /** Only these services of the file, by their names in the file or in the swarm. Empty: all. */
  readonly only: readonly string[];
  /** Services that are there keep their number of replicas. */
  readonly keepsReplicas: boolean;
  /** Whether an image keeps the stored digest of its tag if the registry gave none. */
  readonly keepsDigests: boolean;
  /** `depends_on` of the Compose file, by the names in the file. Absent: there is no order, and the labels say none. */
  readonly dependencies?: Dependencies;
}

/** A network, secret or config to create, or one whose labels change. */
export interface ObjectWrite {
  readonly of: ObjectKind;
  readonly name: string;
  readonly spec: ObjectSpec;
  /** The made-up id of one to create. */
  readonly madeUp: string;
  /** The one to change; absent: it is created. */
  readonly before?: StoredObject;
}

/** A service to create or to update. */
export interface ServiceWrite {
  readonly name: string;
  /** With the ids of what exists, and the names or made-up ids of what is to be created. */
  readonly spec: ServiceSpec;
  readonly auth: string | undefined;
  /** Absent: it is created. */
  readonly before?: Service;
}

export interface StackPlan {
  readonly objects: readonly ObjectWrite[];
  /** Services to send; those of one stage at the same time. */
  readonly stages: readonly (readonly ServiceWrite[])[];
  /** The services that have to converge before one of the stages is sent, by their names (order.ts). */
  readonly waitsFor: Dependencies;
  /** Services of the file that are stored as they are wanted: nothing is sent for them. */
  readonly unchanged: readonly Service[];
  /** Services to remove before the others are sent, because they hold a port that another one wants. */
  readonly removedFirst: readonly Service[];
  /** Services to remove when all others have converged. */
  readonly removedLast: readonly Service[];
  /** Why the deployment cannot go well. */
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

/** Makes the plan from what docker would have written. */
export function planStack(writes: readonly HeldWrite[], before: Before, options: PlanOptions): StackPlan {
  const warnings: string[] = [];
  const services: ServiceWrite[] = [];
  const unchanged: Service[] = [];
  const known = new Map(before.services.map((service) => [service.ID, service]));
  const removed: Service[] = [];
  for (const write of writes) {
    if (write.of !== 'services') continue;
    const stored = write.kind === 'create' ? undefined : known.get(write.id);
    if (write.kind === 'remove') {
      if (stored !== undefined) removed.push(stored);
      continue;
    }
    const name = write.spec.Name ?? '';
    if (!isWanted(name, options)) continue;
    const spec = wantedSpec(write.spec, stored, { ...before, ...options }, (warning) =>
      warnings.push(warning),
    );
    if (stored === undefined) services.push({ name, spec, auth: write.auth });
    else if (runsAgain(spec) || isPaused(stored) || write.auth !== undefined || !sameSpec(spec, stored.Spec))
      services.push({ name, spec, auth: write.auth, before: stored });
    else unchanged.push(stored);
  }
  const order =
    options.dependencies === undefined ? NO_ORDER : orderIn(writes, options.dependencies, options);
  const { stages, waitsFor, cycle } = inStages(
    services,
    order.dependencies,
    unchanged.map(({ Spec }) => Spec.Name ?? ''),
  );
  const objects = objectWrites(writes, before, services, options);
  const first = removed.filter((service) => services.some((one) => takesPort(one, service)));
  return {
    objects,
    stages,
    waitsFor,
    unchanged,
    removedFirst: first,
    removedLast: removed.filter((service) => !first.includes(service)),
    refusals: [
      ...unknownNames(writes, options),
      ...order.problems,
      ...objects.flatMap((object) => foreign(object, options.stack)),
      ...objects.flatMap((object) => networkTaken(object, before)),
      ...objects.filter(isOtherConfig).map(otherContent),
      ...services.flatMap((service) => nameTaken(service, before)),
      ...portsTaken(services, before, removed),
      ...(cycle.length === 0
        ? []
        : [
            order.dependencies.size === 0
              ? `${cycle.join(' and ')} swap published ports: deploy this in two steps`
              : `${cycle.join(' and ')} pass published ports on against the order of depends_on: deploy this in two steps`,
          ]),
    ],
    warnings,
  };
}

/** The order of all services of the file, also of those that are not to be sent. */
const orderIn = (writes: readonly HeldWrite[], ofFile: Dependencies, { stack }: PlanOptions): Order =>
  orderOf(
    writes.flatMap((write) =>
      write.of === 'services' && write.kind !== 'remove'
        ? [{ name: write.spec.Name ?? '', spec: write.spec }]
        : [],
    ),
    ofFile,
    stack,
  );

/** Whether the engine runs a job again at every update of its service (seen on 28.5). docker stack deploy relies on it. */
export const runsAgain = isJobSpec;

/** The engine goes on with a paused rollout when the same spec is sent again. */
const isPaused = ({ UpdateStatus }: Service): boolean => UpdateStatus?.State?.endsWith('paused') === true;

const isWanted = (name: string, { only, stack }: PlanOptions): boolean =>
  only.length === 0 || only.some((one) => name === one || name === `${stack}_${one}`);

/** The networks, secrets and configs to write, in docker's order. With some services only, those that these use. */
function objectWrites(
  writes: readonly HeldWrite[],
  before: Before,
  services: readonly ServiceWrite[],
  { only }: PlanOptions,
): ObjectWrite[] {
  const used = only.length === 0 ? undefined : new Set(services.flatMap(({ spec }) => referencesOf(spec)));
  return writes.flatMap((write): ObjectWrite[] => {
    if (write.kind === 'remove' || write.of === 'services') return [];
    const { of, id, spec } = write;
    const name = spec.Name ?? '';
    if (used !== undefined && !used.has(id) && !used.has(name)) return [];
    if (write.kind === 'create') return [{ of, name, spec, madeUp: id }];
    const stored = before[write.of].find(({ ID }) => ID === id);
    if (stored === undefined || isSameObject(write.of, spec, stored)) return [];
    return [{ of, name, spec, madeUp: id, before: stored }];
  });
}

/** The networks that services name. */
export const networkTargets = (writes: readonly HeldWrite[]): string[] =>
  writes.flatMap((write) =>
    write.of === 'services' && write.kind !== 'remove'
      ? (write.spec.TaskTemplate.Networks ?? write.spec.Networks ?? []).map(({ Target = '' }) => Target)
      : [],
  );

/** The ids, and the names of networks, that a spec refers to. */
const referencesOf = ({ TaskTemplate, Networks }: ServiceSpec): string[] => {
  const { Secrets, Configs, Privileges } = TaskTemplate.ContainerSpec ?? {};
  return [
    ...(TaskTemplate.Networks ?? Networks ?? []).map(({ Target = '' }) => Target),
    ...(Secrets ?? []).map(({ SecretID = '' }) => SecretID),
    ...(Configs ?? []).map(({ ConfigID = '' }) => ConfigID),
    Privileges?.CredentialSpec?.Config ?? '',
  ];
};

/** Whether nothing of an object would change. The engine never shows the data of a secret: it has to compare it itself. */
const isSameObject = (of: 'secrets' | 'configs', spec: ObjectSpec, { Spec }: StoredObject): boolean =>
  of === 'configs' && FIELDS.every((field) => sameText(spec[field], Spec[field]));

const FIELDS = ['Data', 'Labels', 'Templating'] as const;

/** Whether a change of an object changes more than perhaps the data of a secret. */
export const isKnownToDiffer = ({ of, spec, before }: ObjectWrite): boolean =>
  FIELDS.some(
    (field) => !(of === 'secrets' && field === 'Data') && !sameText(spec[field], before?.Spec[field]),
  );

const WORD: Readonly<Record<ObjectKind, string>> = {
  networks: 'network',
  secrets: 'secret',
  configs: 'config',
};

/** "secret app_key". */
export const objectName = ({ of, name }: Pick<ObjectWrite, 'of' | 'name'>): string => `${WORD[of]} ${name}`;

/** The services that were asked for and that the file does not have. */
function unknownNames(writes: readonly HeldWrite[], { only, stack }: PlanOptions): string[] {
  const names = writes.flatMap((one) =>
    one.of === 'services' && one.kind !== 'remove' ? [one.spec.Name] : [],
  );
  return only
    .filter((name) => !names.includes(name) && !names.includes(`${stack}_${name}`))
    .map((name) => `the Compose file has no service ${name}`);
}

/** docker takes a secret or config of the same name over, and writes its label on it. */
function foreign(object: ObjectWrite, stack: string): string[] {
  if (object.before === undefined) return [];
  const owner = object.before.Spec.Labels?.[STACK_LABEL];
  if (owner === stack) return [];
  const whose = owner === undefined ? 'belongs to no stack' : `belongs to the stack ${owner}`;
  return [`${objectName(object)} ${whose}: declare it as external, or give it another name`];
}

/** What a config has cannot change, and the engine ignores another template driver (seen on 28.5). */
const isOtherConfig = ({ of, spec, before }: ObjectWrite): boolean =>
  of === 'configs' &&
  before !== undefined &&
  (['Data', 'Templating'] as const).some((field) => !sameText(spec[field], before.Spec[field]));

/** Why the engine refuses the update of a secret or config. */
export const otherContent = (object: ObjectWrite): string =>
  `${objectName(object)}: its content is another one, and cannot change: give it another name in the Compose file`;

/** docker creates a network that has not the label of the stack. The engine would refuse a second one of the same name. */
const networkTaken = ({ of, name }: ObjectWrite, { networkIds }: Before): string[] =>
  of === 'networks' && networkIds.has(name)
    ? [`a network named ${name} exists that does not belong to the stack: declare it as external`]
    : [];

function nameTaken({ name, before }: ServiceWrite, { services }: Before): string[] {
  if (before !== undefined || services.every(({ Spec }) => Spec.Name !== name)) return [];
  return [`a service named ${name} exists that does not belong to the stack`];
}

/** The ports that another service has when all is sent. Any other refusal of the engine comes when the service is sent. */
function portsTaken(
  services: readonly ServiceWrite[],
  before: Before,
  removed: readonly Service[],
): string[] {
  const wanted = new Map(
    services.flatMap((one) => (one.before === undefined ? [] : [[one.before.ID, one.spec]])),
  );
  const after = before.services
    .filter((service) => !removed.includes(service))
    .map((service) => {
      const spec = wanted.get(service.ID);
      return spec === undefined
        ? service
        : { ...service, Spec: spec, Endpoint: { Ports: spec.EndpointSpec?.Ports ?? [] } };
    });
  return services.flatMap(({ name, spec, before: own }) =>
    refusedBySpec(spec, after, own).flatMap(({ kind, message }) =>
      kind === 'port' ? [`${name}: ${message}`] : [],
    ),
  );
}
