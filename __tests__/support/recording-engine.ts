/** An engine in this process: it has one service whose tasks run, and notes every call. */
import type { Service, ServiceSpec, Task } from '../../src/api/service.ts';
import type { Engine } from '../../src/engine/client.ts';
import { EngineError } from '../../src/errors.ts';

/** A call of a function of Engine, with its arguments. */
export interface EngineCall {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** The functions of Engine that change nothing. Any other function is a write. */
const READS: ReadonlySet<string> = new Set([
  'version',
  'apiVersion',
  'systemTime',
  'ownNodeId',
  'service',
  'services',
  'servicesWithStatus',
  'tasks',
  'exactTasks',
  'nodes',
  'clusterVolumes',
  'networks',
  'network',
  'secrets',
  'configs',
  'distribution',
  'events',
  'taskLogs',
]);

export const isWrite = ({ name }: EngineCall): boolean => !READS.has(name);

const specOf = (tag: string): ServiceSpec => ({
  Name: 'web',
  Labels: { 'com.docker.stack.namespace': 'app' },
  TaskTemplate: { ContainerSpec: { Image: `ping:${tag}` }, ForceUpdate: 0, Runtime: 'container' },
  Mode: { Replicated: { Replicas: 1 } },
  EndpointSpec: { Mode: 'vip' },
});

/** The specs that the service `web` has had. */
export const PREVIOUS = specOf('1.0');
const CURRENT = specOf('1.1');

/** Makes the engine, and the list of the calls of it. */
export function recordingEngine(): { readonly engine: Engine; readonly calls: readonly EngineCall[] } {
  const calls: EngineCall[] = [];
  let web: Service = {
    ID: 'webid',
    Version: { Index: 2 },
    CreatedAt: '2026-01-01T00:00:00Z',
    UpdatedAt: '2026-01-01T00:00:00Z',
    Spec: CURRENT,
    PreviousSpec: PREVIOUS,
  };
  /** A task that has run for long, and one of the spec before that has ended. */
  const tasks = (): Task[] => {
    const { Runtime: _, ...template } = web.Spec.TaskTemplate;
    const { Runtime: __, ...before } = PREVIOUS.TaskTemplate;
    const count = web.Spec.Mode?.Replicated?.Replicas ?? 1;
    const task = { ServiceID: web.ID, NodeID: 'node', DesiredState: 'running' };
    const Timestamp = '2026-01-01T00:00:00Z';
    return [
      ...Array.from({ length: count }, (_, index) => ({
        ...task,
        ID: `new${web.Version.Index}${index}`,
        Slot: index + 1,
        CreatedAt: `2026-01-01T00:0${web.Version.Index}:00Z`,
        Spec: template,
        Status: { State: 'running', Timestamp },
      })),
      {
        ...task,
        ID: 'old',
        Slot: 1,
        CreatedAt: '2026-01-01T00:00:00Z',
        DesiredState: 'shutdown',
        Spec: before,
        Status: { State: 'shutdown', Timestamp },
      },
    ];
  };
  const changed = (Spec: ServiceSpec): void => {
    web = { ...web, Version: { Index: web.Version.Index + 1 }, PreviousSpec: web.Spec, Spec };
  };
  const named = (ref: string) => ({ Id: ref, ID: ref, Name: ref, Spec: { Name: ref } });
  const found = ({ name = [], id = [] }: Readonly<Record<string, readonly string[]>>) =>
    Promise.resolve([...name, ...id].map(named));
  const answers: Engine = {
    host: 'unix:///here',
    parallel: true,
    pinnedApiVersion: undefined,
    close: () => undefined,
    apiVersion: () => Promise.resolve('1.53'),
    systemTime: () => Promise.resolve(Date.parse('2026-01-02T00:00:00Z')),
    ownNodeId: () => Promise.resolve('node'),
    service: (ref) =>
      ref === web.ID || ref === web.Spec.Name
        ? Promise.resolve(web)
        : Promise.reject(new EngineError('notFound', `service ${ref} not found`, { fault: 'gone' })),
    services: () => Promise.resolve([web]),
    servicesWithStatus: () => Promise.resolve([web]),
    tasks: (filters) =>
      Promise.resolve(tasks().filter(({ ID }) => filters['_up-to-date'] === undefined || ID !== 'old')),
    exactTasks: () => Promise.resolve(tasks()),
    nodes: () =>
      Promise.resolve([
        {
          ID: 'node',
          Spec: { Role: 'manager', Availability: 'active' },
          Description: { Hostname: 'one', Platform: { OS: 'linux', Architecture: 'x86_64' } },
          Status: { State: 'ready' },
        },
      ]),
    clusterVolumes: () => Promise.resolve([]),
    networks: found,
    network: (ref) => Promise.resolve(named(ref)),
    secrets: found,
    configs: found,
    createService: (spec) => {
      web = { ...web, Version: { Index: 1 }, Spec: { Name: 'new', ...spec } };
      delete web.PreviousSpec;
      return Promise.resolve({ ID: web.ID, Warnings: [] });
    },
    updateService: (_, spec, { rollback }) => {
      changed(rollback === true ? (web.PreviousSpec ?? web.Spec) : spec);
      return Promise.resolve({ Warnings: [] });
    },
    removeService: () => Promise.resolve(),
    distribution: () => Promise.resolve({ Descriptor: { digest: `sha256:${'0'.repeat(64)}` } }),
    // An event stream without events.
    events: (_, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      }),
    createObject: () => Promise.resolve('made'),
    updateObject: () => Promise.resolve(),
    removeObject: () => Promise.resolve(),
    updateNode: () => Promise.resolve(),
    forward: () => Promise.reject(new EngineError('refused', 'not here', { fault: 'final' })),
    at: () => answers,
    taskLogs: () => Promise.resolve(Buffer.alloc(0)),
  };
  const engine = new Proxy(answers, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function' || key === 'close') return value;
      return (...args: unknown[]): unknown => {
        calls.push({ name: String(key), args });
        return (value as (...all: unknown[]) => unknown)(...args);
      };
    },
  });
  return { engine, calls };
}
