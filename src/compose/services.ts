/** What is decided about whole services, when their keys are rewritten. Pure. */
import { isObject } from '../values/exact-json.ts';
import { newTree } from './convert.ts';
import type { Tree } from './convert.ts';
import type { Dependency } from './moves.ts';

/** A variable in the environment of a service that is empty, or not set. */
export interface EmptyVariable {
  /** "service web" */
  readonly of: string;
  readonly name: string;
}

/** A service by its name in the file. */
type Named = readonly [name: string, service: Tree];

export const namedServices = (services: Tree): readonly Named[] =>
  Object.entries(services).flatMap(([name, service]) => (isObject(service) ? [[name, service]] : []));

/** Why a service without an image is refused. */
export const noImage = ([name, { image }]: Named): readonly string[] =>
  image === undefined
    ? [`service ${name}: image: a swarm builds nothing: build the image, push it, and name it in image`]
    : [];

/**
 * Compose clears the command or the entrypoint of the image if that of the file is empty. docker takes an empty one for none. But
 * an entrypoint clears the command of the image (moby daemon/commit.go, merge), so with one of both the other can be cleared.
 * @returns why it cannot
 */
export function clearImageCommand([name, service]: Named): readonly string[] {
  const { entrypoint, command } = service;
  const refused = (key: string, other: string): string =>
    `service ${name}: ${key}: an empty one leaves the ${key} of the image in place: write ${other}, too`;
  if (isBlank(command)) {
    if (entrypoint === undefined || isBlank(entrypoint)) return [refused('command', 'entrypoint')];
    delete service['command'];
  } else if (isBlank(entrypoint)) {
    if (command === undefined) return [refused('entrypoint', 'command')];
    service['entrypoint'] = command;
    delete service['command'];
  }
  return [];
}

const isBlank = (value: unknown): boolean => value === '' || (Array.isArray(value) && value.length === 0);

export const emptyVariablesOf = ([service, { environment }]: Named): readonly EmptyVariable[] =>
  Object.entries(isObject(environment) ? environment : {}).flatMap(([name, value]) =>
    value === '' || value === null ? [{ of: `service ${service}`, name }] : [],
  );

/** The services that others wait for until they complete, and why an order cannot be kept. */
export function gatesIn(
  services: Tree,
  waits: ReadonlyMap<string, readonly Dependency[]>,
): { readonly gates: ReadonlySet<string>; readonly refusals: readonly string[] } {
  const gates = new Set<string>();
  const refusals: string[] = [];
  for (const [waiter, { name, condition }] of [...waits].flatMap(([waiter, all]) =>
    all.map((one) => [waiter, one] as const),
  )) {
    const service = services[name];
    if (!isObject(service)) continue;
    const refuse = (text: string): void =>
      void refusals.push(`service ${waiter}: depends_on.${name}: ${text}`);
    if (condition === 'service_healthy') {
      const check = service['healthcheck'];
      if (isObject(check) && (check['disable'] === true || [check['test']].flat()[0] === 'NONE'))
        refuse(`${name} has no health check that could pass: use service_started`);
    } else if (condition === 'service_completed_successfully') {
      if (canComplete(service)) gates.add(name);
      else refuse(`${name} is always started again: write restart: "no", or deploy.mode: replicated-job`);
    } else if (condition !== 'service_started') {
      refuse('this version of swarmroll does not know this condition of Compose');
    }
  }
  return { gates, refusals };
}

const isJob = ({ mode }: Tree): boolean => mode === 'replicated-job' || mode === 'global-job';

/** Whether the tasks of a service can end: without a restart policy, it gets one (`giveRestartPolicy`). */
function canComplete({ deploy = newTree() }: Tree): boolean {
  if (!isObject(deploy)) return false;
  const { restart_policy: policy = { condition: 'none' } } = deploy;
  return isJob(deploy) || (isObject(policy) && ['none', 'on-failure'].includes(String(policy['condition'])));
}

/** Compose starts no container again unless `restart` says so. A swarm does, unless the restart policy says not to. */
export function giveRestartPolicy(service: unknown): void {
  if (!isObject(service)) return;
  const deploy = (service['deploy'] ??= newTree());
  if (isObject(deploy) && !isJob(deploy)) deploy['restart_policy'] ??= { condition: 'none' };
}
