/**
 * In which order services are sent: what a service waits for goes before it, and of two that pass a published port on, the one
 * that gives it up. Pure.
 */
import type { Service, ServiceSpec } from '../api/service.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import type { Dependencies } from '../held-writes/depends-on.ts';

/** A service to send. */
export interface ServiceToSend {
  readonly name: string;
  /** With the ids of what exists, and the names or made-up ids of what is to be created. */
  readonly spec: ServiceSpec;
  /** Absent: it is created. */
  readonly before?: Service;
}

/** The published ports of a spec: "tcp/80". */
const portsOf = ({ EndpointSpec }: ServiceSpec): string[] =>
  (EndpointSpec?.Ports ?? []).flatMap(({ PublishedPort = 0, Protocol = 'tcp' }) =>
    PublishedPort === 0 ? [] : [`${Protocol}/${PublishedPort}`],
  );

/** The ports that a service will publish, does not publish yet, and that another one publishes now. */
function takenPorts({ spec, before }: ServiceToSend, other: Service): string[] {
  const own = before === undefined ? [] : portsOf(before.Spec);
  const held = portsOf(other.Spec);
  return portsOf(spec).filter((port) => !own.includes(port) && held.includes(port));
}

export const takesPort = (one: ServiceToSend, other: Service): boolean => takenPorts(one, other).length > 0;

/** Whether a service takes a port that another one gives up. */
const follows = (one: ServiceToSend, { spec, before }: ServiceToSend): boolean =>
  before !== undefined && takenPorts(one, before).some((port) => !portsOf(spec).includes(port));

/** In which order services are sent. */
interface SendOrder<T> {
  /** Those of one stage can be sent at the same time. */
  readonly stages: readonly (readonly T[])[];
  /**
   * By the name of a service: the services that have to converge before it is sent. A service that is not here waits for no
   * convergence: it is sent right after the stages before.
   */
  readonly waitsFor: Dependencies;
  /** The names of services that wait for each other. */
  readonly cycle: readonly string[];
}

/**
 * Puts services into the order of sending. One that gives a port up goes before the one that takes it.
 * @param dependencies what each service waits for. They have no cycle
 * @param unchanged the names of services that are not sent: these may have to converge, too
 */
export function inStages<T extends ServiceToSend>(
  services: readonly T[],
  dependencies: Dependencies,
  unchanged: readonly string[] = [],
): SendOrder<T> {
  const sent = new Set(services.map(({ name }) => name));
  const known = new Set([...sent, ...unchanged]);
  const own = new Map(services.map(({ name }) => [name, reached(name, dependencies, sent)]));
  const isAfter = (one: T, other: T): boolean =>
    other !== one && (own.get(one.name)?.has(other.name) === true || follows(one, other));
  const stages: (readonly T[])[] = [];
  const waitsFor = new Map<string, readonly string[]>();
  let left = [...services].sort((a, b) => compareNaturally(a.name, b.name));
  while (left.length > 0) {
    const waiting = left.filter((one) => left.some((other) => isAfter(one, other)));
    const stage = left.filter((one) => !waiting.includes(one));
    if (stage.length === 0)
      return { stages: [...stages, left], waitsFor, cycle: left.map(({ name }) => name) };
    for (const one of stage) {
      // Who takes a port from a service that is sent later has to wait as long.
      const givers = services.filter((other) => waitsFor.has(other.name) && follows(one, other));
      const names = [...(own.get(one.name) ?? []), ...givers.map(({ name }) => name)];
      const all = new Set(names.filter((name) => known.has(name)));
      if (all.size > 0) waitsFor.set(one.name, [...all]);
    }
    stages.push(stage);
    left = waiting;
  }
  return { stages, waitsFor, cycle: [] };
}

/** All that a service waits for. A dependency that is not sent cannot wait itself: so its own dependencies are among them. */
function reached(
  name: string,
  dependencies: Dependencies,
  sent: ReadonlySet<string>,
  found = new Set<string>(),
): ReadonlySet<string> {
  for (const next of dependencies.get(name) ?? []) {
    if (found.has(next)) continue;
    found.add(next);
    if (!sent.has(next)) reached(next, dependencies, sent, found);
  }
  return found;
}
