/**
 * What a flag is. Each is declared once, in its aspect's file; parsing, --help, completion, validation and
 * what it does to the spec all come from that one entry.
 */
import type { ServiceSpec } from '../api/service.ts';
import type { Flag, Given } from '../command-line/flag.ts';

/** Names to ids, asked of the engine; each throws SwarmrollError `notFound` when there is no such thing. */
export interface Lookup {
  /** By name, id or unique prefix of an id. */
  readonly network: (ref: string) => Promise<string>;
  /** By name alone, as are configs: every name to its id. */
  readonly secrets: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly configs: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

/** What flags may ask of the machine where the command line was typed. */
export interface Local {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory, absolute. */
  readonly cwd: string;
  /** The bytes of a file; throws Node's error when it can't be read. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

/** What an entry may look at beside its own value. */
export interface SpecContext {
  readonly given: Given;
  readonly lookup: Lookup;
  readonly local: Local;
  /** On update: the spec as it was before any flag changed it. */
  readonly stored?: ServiceSpec;
}

/** Changes the draft in place; throws SwarmrollError `usage` on a combination that can't be. */
export type Change<V> = (draft: ServiceSpec, value: V, context: SpecContext) => void | Promise<void>;

/**
 * A flag that says something of the service. It is on `create` where it has a `create`, on `update` where it
 * has an `update`. Entries are applied in the order of the aspects' lists, each only where it was given.
 * (Methods, not function fields: so that entries of every value type fit in one list.)
 */
export interface SpecFlag<V = unknown> extends Flag<V> {
  create?(draft: ServiceSpec, value: V, context: SpecContext): void | Promise<void>;
  update?(draft: ServiceSpec, value: V, context: SpecContext): void | Promise<void>;
  /** The paths of the fields that it sets outside of the task template and the ports: [["UpdateConfig", "Delay"]]. */
  fields?(value: V): readonly (readonly string[])[];
}

/** Infers V from the entry's type. */
export function specFlag<V>(entry: SpecFlag<V>): SpecFlag<V> {
  return entry;
}

/** An entry that does the same on create and on update. */
export function onBoth<V>({
  change,
  ...flag
}: Omit<SpecFlag<V>, 'create' | 'update'> & { readonly change: Change<V> }): SpecFlag<V> {
  return { ...flag, create: change, update: change };
}
