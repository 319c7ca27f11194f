/** The declaration of a flag. Parsing, --help and completion use it. */
import type { ValueType } from '../values/value.ts';

/** The headings of --help, in the order in which they are shown. */
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
type Group = (typeof GROUPS)[number];

/** The kinds of objects that a value can name. Completion lists the names that exist. */
export type NameKind =
  'services' | 'stacks' | 'nodes' | 'networks' | 'secrets' | 'configs' | 'contexts' | 'generations';

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
  /** The default value, as --help shows it. */
  readonly default?: string;
  /** The lowest version of the Engine API that has it, "1.44". Absent: every supported engine has it (20.10: 1.41). */
  readonly since?: string;
  /** The kind of object that its value names, for completion. */
  readonly names?: NameKind;
}

/** The flags of a command line, parsed and valid. The key is the flag's declaration, not its name. */
export interface Given {
  has(flag: Flag): boolean;
  /** The value; undefined if the flag was not given. */
  get<V>(flag: Flag<V>): V | undefined;
}
