/** What a flag is on the command line: parsing, --help and completion come from its one entry. */
import type { ValueType } from '../values/value.ts';

/** The headings of --help, in the order they are shown. */
export const GROUPS = [
  'Services',
  'What runs',
  'Resources',
  'Placement',
  'Network',
  'Storage',
  'Health',
  'Restart',
  'Update',
  'Rollback',
  'Watching',
  'Output',
  'Connection',
] as const;
export type Group = (typeof GROUPS)[number];

/** What a value can be the name of, so that completion can ask for the names there are. */
export type NameKind = 'services' | 'networks' | 'secrets' | 'configs' | 'contexts';

/** A flag of any command. */
export interface Flag<V = unknown> {
  /** Without the dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  readonly type: ValueType<V>;
  readonly group: Group;
  /** One line; starts with a capital, ends without a full stop. */
  readonly help: string;
  /** The default as a person reads it, where --help should show one. */
  readonly default?: string;
  /** The lowest API version that knows it, "1.41". */
  readonly since?: string;
  /** What its value names, for completion. */
  readonly names?: NameKind;
}

/** The flags of a command line, read and valid; a flag is known by its entry, not by its name. */
export interface Given {
  has(flag: Flag): boolean;
  /** The value, or undefined where the flag was not given. */
  get<V>(flag: Flag<V>): V | undefined;
}
