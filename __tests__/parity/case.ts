/** The rows of the parity tables. */
import type { ContainerSpec, ServiceSpec } from '../../src/api/service.ts';

/**
 * One command line, in shell syntax, that docker and swarmroll both run. Variables such as `$NET1`, `$SECRET1` and
 * `$PASSED` are set for both (see VARIABLES in fixtures.ts).
 */
export interface Case {
  /** The topic of the row: 'env', 'ports', ... */
  readonly aspect: string;
  readonly verb: 'create' | 'update';
  /** The text after `create --detach --name NAME`, or between `update --detach` and the service. */
  readonly line: string;
  /** Only the flags, if the random lines may use them too (draw.ts). */
  readonly flags?: string;
  /** Only on update: the spec of the service before the command. */
  readonly base?: ServiceSpec;
  /**
   * Set if both clients must fail. With `usage` swarmroll exits with 2, because the command line is wrong. With
   * `engine` it exits with 1, because the engine, a lookup or the stored service does not allow it.
   */
  readonly refused?: 'usage' | 'engine';
  /**
   * Set where docker 28 and docker 29 differ. docker 29 is the reference, so swarmroll must do what docker 29 does; the docker
   * on the machine may do either.
   */
  readonly differs?: Difference28And29;
}

/**
 * What the two store in fields of the container. `refused`: one of them accepts the line; swarmroll refuses it with 2. `no
 * digest`: docker 29.7.2 stores no digest with an update (docker/cli issue 7302); swarmroll does, as docker 28.
 */
export type Difference28And29 =
  'refused' | 'no digest' | { readonly docker28: ContainerSpec; readonly docker29: ContainerSpec };

/** The image of all services for which the image does not matter. */
export const IMAGE = '$REGISTRY/ping:1.0';

/**
 * Keeps the engine from running tasks, because it has to create and remove a thousand services. No node has
 * this label, and services have no replicas unless the row sets a mode.
 */
const NOWHERE = '--constraint node.labels.nowhere==true';
const idle = (line: string): string => (line.includes('--mode') ? NOWHERE : `${NOWHERE} --replicas 0`);

/** Rows of `create` from flags. The image is always IMAGE, without a request to its registry. */
export const creates = (aspect: string, ...flags: string[]): Case[] =>
  flags.map((line) => ({ aspect, verb: 'create', flags: line, line: withImage(line) }));

/** Rows of `create` from whole lines: flags, image and arguments. */
export const createsWhole = (aspect: string, ...lines: string[]): Case[] =>
  lines.map((line) => ({ aspect, verb: 'create', line: `${idle(line)} ${line}` }));

/** Rows of `update` for services with the spec `base`. */
export const updates = (aspect: string, base: ServiceSpec, ...lines: string[]): Case[] =>
  lines.map((line) => ({ aspect, verb: 'update', base, flags: line, line }));

/** The same rows, but both clients must fail. */
export const refused = (by: 'usage' | 'engine', cases: readonly Case[]): Case[] =>
  cases.map((one) => ({ ...one, refused: by }));

/** The same rows, but docker 28 and docker 29 take them in different ways. */
export const differing = (differs: Difference28And29, cases: readonly Case[]): Case[] =>
  cases.map((one) => ({ ...one, differs }));

/** The whole line of `create` for flags. */
export const withImage = (flags: string): string => `${idle(flags)} --no-resolve-image ${flags} ${IMAGE}`;
