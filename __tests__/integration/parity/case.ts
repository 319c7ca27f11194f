/** What a row of the parity table is. */
import type { ServiceSpec } from '../../../src/engine/wire.ts';

/**
 * One command line, in the words of a shell, that docker and swarmroll both run. `$NET1`, `$SECRET1`, `$PASSED`
 * and the like are set for both (see fixtures.ts).
 */
export interface Case {
  readonly aspect: string;
  readonly verb: 'create' | 'update';
  /** What follows `create --detach --name NAME`, or stands between `update --detach` and the service. */
  readonly line: string;
  /** On update: the service there is before. */
  readonly base?: ServiceSpec;
  /** Both must refuse: `usage` is our exit code 2, `engine` (or a lookup, or the service as it is) is 1. */
  readonly refused?: 'usage' | 'engine';
}

/** The image of services that are about something else. */
export const IMAGE = '$REGISTRY/ping:1.0';
/** Nothing is scheduled: no node has this label. */
const NOWHERE = '--constraint node.labels.nowhere==true';

/** Flags alone, before an image that is not asked for in the registry. */
export const creates = (aspect: string, ...lines: string[]): Case[] =>
  lines.map((line) => ({ aspect, verb: 'create', line: flagsOnly(line) }));

/** Whole lines: flags, image and arguments. */
export const createsWhole = (aspect: string, ...lines: string[]): Case[] =>
  lines.map((line) => ({ aspect, verb: 'create', line: `${NOWHERE} ${line}` }));

export const updates = (aspect: string, base: ServiceSpec, ...lines: string[]): Case[] =>
  lines.map((line) => ({ aspect, verb: 'update', base, line }));

export const refused = (by: 'usage' | 'engine', cases: readonly Case[]): Case[] =>
  cases.map((one) => ({ ...one, refused: by }));

export const flagsOnly = (line: string): string => `${NOWHERE} --no-resolve-image ${line} ${IMAGE}`;
