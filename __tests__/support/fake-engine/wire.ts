/** What the fake engine answers to a request, in the terms of the Engine API. Texts and statuses are those of engine 28.5. */
import type { NodeSpec } from '../../../src/api/cluster.ts';
import type { PortConfig, Service, ServiceSpec } from '../../../src/api/service.ts';
import type { Request, Store } from './engine.ts';
import type { Reply } from './faults.ts';
import { digestOf, imageOf } from './images.ts';
import { createObject, removeObject, shownObjects, updateObject } from './objects.ts';

const API_VERSION = '1.51';

const ok = (body?: unknown): Reply => ({ status: 200, body });
const fault = (status: number, message: string): Reply => ({ status, body: { message } });
const grpc = (status: number, code: string, message: string): Reply =>
  fault(status, `rpc error: code = ${code} desc = ${message}`);

type Filters = Readonly<Record<string, readonly string[]>>;
type Route = (request: Request, store: Store, ...parts: readonly string[]) => Reply;

const ROUTES: readonly (readonly [method: string, path: RegExp, Route])[] = [
  ['GET', /^\/_ping$/, () => ok('OK')],
  ['GET', /^\/version$/, () => ok({ Version: '28.5.2', ApiVersion: API_VERSION, MinAPIVersion: '1.24' })],
  [
    'GET',
    /^\/info$/,
    (_, { clock }) =>
      ok({
        SystemTime: clock.date().toISOString(),
        Swarm: { NodeID: 'n1', LocalNodeState: 'active', ControlAvailable: true },
      }),
  ],
  ['GET', /^\/swarm$/, () => ok({ ID: 'swarm', Spec: { Orchestration: { TaskHistoryRetentionLimit: 5 } } })],
  [
    'GET',
    /^\/services$/,
    (request, store) => ok(store.services().filter(matchesService(filtersOf(request)))),
  ],
  ['POST', /^\/services\/create$/, create],
  [
    'GET',
    /^\/services\/(.+)$/,
    ({ query }, store, ref = '') =>
      withService(store, ref, (service) =>
        ok(query.get('insertDefaults') === 'true' ? withDefaults(service) : service),
      ),
  ],
  ['POST', /^\/services\/(.+)\/update$/, update],
  [
    'DELETE',
    /^\/services\/(.+)$/,
    (_, store, ref = '') =>
      withService(store, ref, ({ ID }) => {
        store.remove(ID);
        return ok();
      }),
  ],
  ['GET', /^\/tasks$/, tasks],
  ['GET', /^\/tasks\/(.+)\/logs$/, logs],
  [
    'GET',
    /^\/nodes$/,
    (request, { nodes }) => ok(nodes().filter(({ ID }) => isOneOf(filtersOf(request)['id'], ID))),
  ],
  [
    'POST',
    /^\/nodes\/(.+)\/update$/,
    ({ body, query }, store, id = '') => {
      const node = store.nodes().find(({ ID }) => ID === id);
      if (node === undefined) return fault(404, `node ${id} not found`);
      if (Number(query.get('version')) !== node.Version?.Index)
        return grpc(500, 'Unknown', 'update out of sequence');
      store.updateNode(id, body as NodeSpec);
      return ok();
    },
  ],
  [
    'GET',
    /^\/networks$/,
    (request, { names }) =>
      ok(
        [...names.networks]
          .map(network)
          .filter(
            ({ Id, Name }) =>
              isOneOf(filtersOf(request)['id'], Id) && isOneOf(filtersOf(request)['name'], Name),
          ),
      ),
  ],
  [
    'GET',
    /^\/networks\/(.+)$/,
    (_, { names }, ref = '') => {
      const found = [...names.networks].map(network).find(({ Id, Name }) => Id === ref || Name === ref);
      return found === undefined ? fault(404, `network ${ref} not found`) : ok(found);
    },
  ],
  [
    'GET',
    /^\/(secrets|configs)$/,
    (request, store, kind) =>
      ok(
        [
          ...[...store.names[kind as 'secrets']].map(object),
          ...shownObjects(store, kind as 'secrets'),
        ].filter(
          ({ ID, Spec }) =>
            isOneOf(filtersOf(request)['id'], ID) && isOneOf(filtersOf(request)['name'], Spec.Name ?? ''),
        ),
      ),
  ],
  [
    'POST',
    /^\/(secrets|configs)\/create$/,
    (request, store, kind) => createObject(request, store, kind as 'secrets'),
  ],
  [
    'POST',
    /^\/(secrets|configs)\/(.+)\/update$/,
    (request, store, kind, id = '') => updateObject(request, store, kind as 'secrets', id),
  ],
  [
    'DELETE',
    /^\/(secrets|configs)\/(.+)$/,
    (request, store, kind, id = '') => removeObject(request, store, kind as 'secrets', id),
  ],
  [
    'GET',
    /^\/distribution\/(.+)\/json$/,
    (_, __, image = '') => {
      const digest = digestOf(image);
      return digest === undefined
        ? fault(404, 'manifest unknown: manifest unknown')
        : ok({
            Descriptor: {
              mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
              digest,
              size: 528,
            },
            Platforms: [{ architecture: 'amd64', os: 'linux' }],
          });
    },
  ],
  ['GET', /^\/events$/, () => ok('')],
];

/** The reply to a request. @throws if the fake engine has no such endpoint */
export function answerTo(request: Request, store: Store): Reply {
  const path = request.path.replace(/^\/v1\.\d+\//, '/');
  for (const [method, pattern, route] of ROUTES) {
    const parts = pattern.exec(path);
    if (method === request.method && parts !== null) return route(request, store, ...parts.slice(1));
  }
  throw new Error(`the fake engine does not know ${request.method} ${request.path}`);
}

const filtersOf = ({ query }: Request): Filters => {
  const filters = JSON.parse(query.get('filters') ?? '{}') as Record<
    string,
    string[] | Record<string, boolean>
  >;
  // docker sends a map of each value to true.
  return Object.fromEntries(
    Object.entries(filters).map(([name, values]) => [
      name,
      Array.isArray(values) ? values : Object.keys(values),
    ]),
  );
};

/** Whether a value begins with one of those that a filter accepts; every value if there is no filter. */
const isOneOf = (accepted: readonly string[] | undefined, value: string): boolean =>
  accepted?.some((prefix) => value.startsWith(prefix)) ?? true;

const matchesService =
  ({ id, name, label, mode }: Filters) =>
  ({ ID, Spec }: Service): boolean =>
    isOneOf(id, ID) &&
    isOneOf(name, Spec.Name ?? '') &&
    (label ?? []).every((one) => {
      const [key = '', ...value] = one.split('=');
      const stored = Spec.Labels?.[key];
      return stored !== undefined && (value.length === 0 || stored === value.join('='));
    }) &&
    (mode?.includes(Spec.Mode?.Global === undefined ? 'replicated' : 'global') ?? true);

const object = (name: string) => ({ ID: `${name}-id`, Spec: { Name: name } });
const network = (name: string) => ({ Id: `${name}-id`, Name: name, Scope: 'swarm' });

/** A service by its id, its name or the unique beginning of its id (moby daemon/cluster/helpers.go, getService). */
function withService(store: Store, ref: string, then: (service: Service) => Reply): Reply {
  const all = store.services();
  const exact = all.find(({ ID }) => ID === ref) ?? all.find(({ Spec }) => Spec.Name === ref);
  const found = exact === undefined ? all.filter(({ ID }) => ID.startsWith(ref)) : [exact];
  const [service] = found;
  if (service === undefined) return fault(404, `service ${ref} not found`);
  return found.length === 1
    ? then(service)
    : fault(400, `service ${ref} is ambiguous (${found.length} matches found)`);
}

function create({ body }: Request, store: Store): Reply {
  const spec = body as ServiceSpec;
  const refusal = refusalOf(spec, store, undefined);
  if (refusal !== undefined) return refusal;
  if (spec.Name !== undefined && store.services().some(({ Spec }) => Spec.Name === spec.Name))
    return grpc(
      409,
      'AlreadyExists',
      `name conflicts with an existing object: service ${spec.Name} already exists`,
    );
  return { status: 201, body: { ID: store.create(spec).ID, Warnings: null } };
}

function update({ body, query }: Request, store: Store, ref = ''): Reply {
  const version = query.get('version') ?? '';
  if (!/^\d+$/.test(version))
    return fault(
      400,
      `invalid service version '${version}': strconv.ParseUint: parsing "${version}": invalid syntax`,
    );
  return withService(store, ref, (service) => {
    const isRollback = query.get('rollback') === 'previous';
    const spec = body as ServiceSpec;
    const refusal = isRollback ? undefined : refusalOf(spec, store, service);
    if (refusal !== undefined) return refusal;
    if (Number(version) !== service.Version.Index) return grpc(500, 'Unknown', 'update out of sequence');
    if (!isRollback && (spec.Mode?.Global === undefined) !== (service.Spec.Mode?.Global === undefined))
      return grpc(501, 'Unimplemented', 'service mode change is not allowed');
    if (isRollback && service.PreviousSpec === undefined)
      return grpc(400, 'FailedPrecondition', `service ${service.ID} does not have a previous spec`);
    store.update(service.ID, isRollback ? 'previous' : spec);
    return ok({ Warnings: null });
  });
}

/** Why a spec is refused before anything is stored (swarmkit manager/controlapi/service.go). */
function refusalOf(spec: ServiceSpec, store: Store, service: Service | undefined): Reply | undefined {
  const { Secrets, Configs, Image = '' } = spec.TaskTemplate.ContainerSpec ?? {};
  if (Image === '') return grpc(400, 'InvalidArgument', 'ContainerSpec: image reference must be provided');
  const isMissing = (kind: 'secrets' | 'configs', name: string, id = ''): boolean =>
    !store.names[kind].has(name) &&
    store.objects[kind].every((one) => one.ID !== id || one.Spec.Name !== name);
  const secret = Secrets?.find(({ SecretName, SecretID }) => isMissing('secrets', SecretName, SecretID));
  if (secret !== undefined) return grpc(400, 'InvalidArgument', `secret not found: ${secret.SecretName}`);
  const config = Configs?.find(({ ConfigName, ConfigID }) => isMissing('configs', ConfigName, ConfigID));
  if (config !== undefined) return grpc(400, 'InvalidArgument', `config not found: ${config.ConfigName}`);
  const numbers = (of: readonly PortConfig[] | null | undefined): readonly (number | undefined)[] =>
    (of ?? []).map(({ PublishedPort }) => PublishedPort);
  const taken = ({ Spec, Endpoint }: Service): readonly (number | undefined)[] => [
    ...numbers(Spec.EndpointSpec?.Ports),
    ...numbers(Endpoint?.Ports),
  ];
  for (const port of numbers(spec.EndpointSpec?.Ports)) {
    const other = store
      .services()
      .find((one) => one.ID !== service?.ID && port !== undefined && taken(one).includes(port));
    if (other !== undefined)
      return grpc(
        400,
        'InvalidArgument',
        `port '${String(port)}' is already in use by service '${other.Spec.Name ?? ''}' (${other.ID}) as an ingress port`,
      );
  }
  return undefined;
}

function tasks(request: Request, store: Store): Reply {
  const filters = filtersOf(request);
  const services = filters['service']?.map(
    (ref) => store.services().find(({ ID, Spec }) => ID === ref || Spec.Name === ref)?.ID,
  );
  if (services?.includes(undefined) === true)
    return fault(404, `service ${filters['service']?.[services.indexOf(undefined)] ?? ''} not found`);
  return ok(
    store
      .tasks()
      .filter(
        ({ task, isUpToDate, name }) =>
          (services?.includes(task.ServiceID) ?? true) &&
          isOneOf(filters['id'], task.ID) &&
          isOneOf(filters['name'], name) &&
          isOneOf(filters['node'], task.NodeID ?? '') &&
          isOneOf(filters['desired-state'], task.DesiredState) &&
          (filters['_up-to-date'] === undefined || isUpToDate),
      )
      .map(({ task }) => task),
  );
}

/** The log of a task that has started, on stderr, in the engine's frames (moby api/server/httputils/write_log_stream.go). */
function logs(_: Request, store: Store, id = ''): Reply {
  const task = store.tasks().find(({ task }) => task.ID === id)?.task;
  if (task === undefined) return fault(404, `task ${id} not found`);
  const { log } = imageOf(task.Spec.ContainerSpec?.Image ?? '');
  const hasRun = ['running', 'failed', 'complete', 'shutdown'].includes(task.Status.State);
  if (log === undefined || !hasRun) return ok(Buffer.alloc(0));
  const text = Buffer.from(`${(task.Status.Timestamp ?? '').replace('Z', '000000Z')} ${log}\n`);
  const header = Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(text.length, 4);
  return ok(Buffer.concat([header, text]));
}

/** The defaults that the engine fills in (swarmkit api/defaults/service.go). */
function withDefaults(service: Service): Service {
  const config = {
    Parallelism: 1,
    FailureAction: 'pause',
    Monitor: 5e9,
    MaxFailureRatio: 0,
    Order: 'stop-first',
  };
  const { TaskTemplate, ...spec } = service.Spec;
  return {
    ...service,
    Spec: {
      UpdateConfig: config,
      RollbackConfig: config,
      EndpointSpec: { Mode: 'vip' },
      ...spec,
      TaskTemplate: {
        ...TaskTemplate,
        ContainerSpec: { StopGracePeriod: 10e9, DNSConfig: {}, ...TaskTemplate.ContainerSpec },
        RestartPolicy: { Condition: 'any', Delay: 5e9, MaxAttempts: 0, ...TaskTemplate.RestartPolicy },
        Placement: { ...TaskTemplate.Placement },
      },
    },
  };
}
