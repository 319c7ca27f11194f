/** In which order services are sent: of two that pass a published port on, the one that gives it up goes first. Pure. */
import type { PortConfig, Service, ServiceSpec } from '../api/service.ts';
import { compareNaturally } from '../values/natural-sort.ts';

/** A service to send. */
interface Publishing {
  readonly name: string;
  readonly spec: ServiceSpec;
  /** Absent: it is created. */
  readonly before?: Service;
}

/** The published ports of a spec: "tcp/80". */
const portsOf = ({ EndpointSpec }: ServiceSpec): string[] =>
  (EndpointSpec?.Ports ?? []).flatMap(({ PublishedPort = 0, Protocol = 'tcp' }) =>
    PublishedPort === 0 ? [] : [`${Protocol}/${PublishedPort}`],
  );

/** Whether a service will publish a port that it does not publish yet, and that another one publishes now. */
export function takesPort({ spec, before }: Publishing, other: Service): boolean {
  const own = before === undefined ? [] : portsOf(before.Spec);
  const held = portsOf(other.Spec);
  return portsOf(spec).some((port) => !own.includes(port) && held.includes(port));
}

/** Whether a service takes a port that another one gives up. */
const follows = (one: Publishing, { spec, before }: Publishing): boolean =>
  before !== undefined &&
  takesPort(one, { ...before, Spec: { ...before.Spec, EndpointSpec: { Ports: givenUp(spec, before) } } });

const givenUp = (spec: ServiceSpec, { Spec }: Service): PortConfig[] => {
  const kept = portsOf(spec);
  return (Spec.EndpointSpec?.Ports ?? []).filter(
    ({ PublishedPort = 0, Protocol = 'tcp' }) => !kept.includes(`${Protocol}/${PublishedPort}`),
  );
};

/**
 * The services in the order of sending. One that gives a port up goes before the one that takes it.
 * @returns `cycle`: the names of services that wait for each other
 */
export function inStages<T extends Publishing>(
  services: readonly T[],
): {
  readonly stages: readonly (readonly T[])[];
  readonly cycle: readonly string[];
} {
  const sorted = [...services].sort((a, b) => compareNaturally(a.name, b.name));
  const stages: (readonly T[])[] = [];
  let left = sorted;
  while (left.length > 0) {
    const waiting = left.filter((one) => left.some((other) => other !== one && follows(one, other)));
    if (waiting.length === left.length) return { stages: [sorted], cycle: left.map(({ name }) => name) };
    stages.push(left.filter((one) => !waiting.includes(one)));
    left = waiting;
  }
  return { stages, cycle: [] };
}
