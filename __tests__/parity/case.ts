/** What a row of the parity table is. */
import type { ServiceSpec } from '../../src/api/service.ts';

/**
 * One command line, in the words of a shell, that docker and swarmroll both run. `$NET1`, `$SECRET1`, `$PASSED`
 * and the like are set for both (see fixtures.ts).
 */
export interface Case {
  readonly aspect: string;
  readonly verb: 'create' | 'update';
  /** What follows `create --detach --name NAME`, or stands between `update --detach` and the service. */
  readonly line: string;
  /** Its flags alone, where other lines may have them too. */
  readonly flags?: string;
  /** On update: the service there is before. */
  readonly base?: ServiceSpec;
  /** Both must refuse: `usage` is our exit code 2, `engine` (or a lookup, or the service as it is) is 1. */
  readonly refused?: 'usage' | 'engine';
}

/** The image of services that are about something else. */
export const IMAGE = '$REGISTRY/ping:1.0';

/**
 * No node has this label, so nothing is scheduled, and no tasks are wanted where a row does not say how many: the
 * engine has a thousand services to make and to remove.
 */
const NOWHERE = '--constraint node.labels.nowhere==true';
const idle = (line: string): string => (line.includes('--mode') ? NOWHERE : `${NOWHERE} --replicas 0`);

/** Flags alone, before an image that is not asked for in the registry. */
export const creates = (aspect: string, ...flags: string[]): Case[] =>
  flags.map((line) => ({ aspect, verb: 'create', flags: line, line: withImage(line) }));

/** Whole lines: flags, image and arguments. */
export const createsWhole = (aspect: string, ...lines: string[]): Case[] =>
  lines.map((line) => ({ aspect, verb: 'create', line: `${idle(line)} ${line}` }));

export const updates = (aspect: string, base: ServiceSpec, ...lines: string[]): Case[] =>
  lines.map((line) => ({ aspect, verb: 'update', base, flags: line, line }));

export const refused = (by: 'usage' | 'engine', cases: readonly Case[]): Case[] =>
  cases.map((one) => ({ ...one, refused: by }));

export const withImage = (flags: string): string => `${idle(flags)} --no-resolve-image ${flags} ${IMAGE}`;
