/**
 * The flags that change a ServiceSpec. Each flag is declared once, as an entry in the file of its topic
 * (env.ts, ports.ts, ...). Parsing, --help, completion, validation and the edit of the spec all come from that
 * entry.
 *
 * The flags store what `docker service create` and `docker service update` store. Where a rule comes from
 * docker's client, the comment names a file and a function of github.com/docker/cli at v28.5.2, or at v29.7.2 where docker 29
 * differs.
 */
import { usageError } from '../errors.ts';
import { firstRepeated } from '../values/text.ts';
import type { ServiceSpec } from '../api/service.ts';
import type { Flag, Given } from '../command-line/flag.ts';
import type { ValueType } from '../values/value.ts';
import type { Shown } from './shown.ts';

/**
 * Asks the engine for the IDs of objects. Every function throws SwarmrollError `notFound` if an object does not
 * exist.
 */
export interface Lookup {
  /** @param ref the name, the ID or a unique prefix of the ID */
  readonly network: (ref: string) => Promise<string>;
  /** Resolves to the ID of each name. Secrets and configs can only be found by name. */
  readonly secrets: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly configs: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

/** What flags may read from the machine that the client runs on. */
export interface LocalMachine {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory, absolute. */
  readonly cwd: string;
  /** Reads the bytes of a file. Rejects with Node's error if that fails. */
  readonly readFile: (path: string) => Promise<Uint8Array>;
}

/** What the edit of a flag may use, beside the value of the flag. */
export interface SpecContext {
  /** All flags of the command line. */
  readonly given: Given;
  readonly lookup: Lookup;
  readonly local: LocalMachine;
  /** Only on update: the spec before any flag changed it. */
  readonly stored?: ServiceSpec;
}

/**
 * Changes the draft of a spec in place.
 * @throws SwarmrollError `usage` if the flag cannot be combined with another one, `refused` if the stored
 *   service does not allow the change, `notFound` from a lookup
 */
export type SpecEdit<V> = (draft: ServiceSpec, value: V, context: SpecContext) => void | Promise<void>;

/**
 * A flag of the service. It exists on the command `create` if it has the method `create`, and likewise for `update`.
 * build.ts calls the methods of the flags that were given, in the order of its list. Each is a SpecEdit.
 *
 * These are methods and not properties so that TypeScript accepts flags of every value type in one list.
 */
export interface SpecFlag<V = unknown> extends Flag<V> {
  create?(draft: ServiceSpec, value: V, context: SpecContext): void | Promise<void>;
  update?(draft: ServiceSpec, value: V, context: SpecContext): void | Promise<void>;
  /**
   * The fields that the flag sets outside of the task template and EndpointSpec (owned-fields.ts):
   * [["UpdateConfig", "Delay"]].
   */
  fields?(value: V): readonly (readonly string[])[];
  /** The fields that the flag sets, and how it shows their values. If several flags set the same field, only one of them has this. */
  readonly shows?: readonly Shown[];
}

/** Returns the entry. It only lets TypeScript infer V from the entry's value type. */
export function specFlag<V>(entry: SpecFlag<V>): SpecFlag<V> {
  return entry;
}

/** Makes a flag that does the same on create and on update. */
export function onBoth<V>({
  edit,
  ...flag
}: Omit<SpecFlag<V>, 'create' | 'update'> & { readonly edit: SpecEdit<V> }): SpecFlag<V> {
  return { ...flag, create: edit, update: edit };
}

/** What the three flags of a list or a map do: X sets it on create, X-add and X-rm change it on update. */
interface ListFlags<V, R> extends Omit<SpecFlag<V>, 'help' | 'create' | 'update' | 'fields'> {
  /** The type of what X-rm removes. */
  readonly removed: ValueType<R>;
  readonly help: { readonly set: string; readonly add: string; readonly rm: string };
  /** Absent: X-rm removes before X-add adds, so that one command line can replace a value. */
  readonly addsFirst?: true;
  readonly set: SpecEdit<V>;
  readonly add: SpecEdit<V>;
  readonly rm: SpecEdit<R>;
  /** See SpecFlag.fields. */
  readonly fields?: (value: V | R) => readonly (readonly string[])[];
}

/** Makes the flags X, X-rm and X-add of a list or a map, in the order in which they are applied. */
export function listFlags<V, R>(entry: ListFlags<V, R>) {
  const { name, short, type, removed, help, addsFirst, set, add, rm, fields, shows, ...flag } = entry;
  const own = fields === undefined ? {} : { fields };
  const setFlag = specFlag({
    ...{ ...flag, ...own, name, type, help: help.set, create: set },
    ...(short === undefined ? {} : { short }),
    ...(shows === undefined ? {} : { shows }),
  });
  const addFlag = specFlag({ ...flag, ...own, name: `${name}-add`, type, help: help.add, update: add });
  const rmFlag = specFlag({ ...flag, ...own, name: `${name}-rm`, type: removed, help: help.rm, update: rm });
  const changes: readonly [SpecFlag<V | R>, SpecFlag<V | R>] = addsFirst
    ? [addFlag, rmFlag]
    : [rmFlag, addFlag];
  return [setFlag, ...changes] as const;
}

/**
 * Throws SwarmrollError `usage` if a flag gives the same value twice.
 * @param flag the name with its dashes
 * @param what the values are called in the message ("target")
 */
export function refuseRepeated(flag: string, what: string, values: readonly string[]): void {
  const repeated = firstRepeated(values);
  if (repeated !== undefined) throw usageError(`${flag} gives the ${what} ${JSON.stringify(repeated)} twice`);
}
