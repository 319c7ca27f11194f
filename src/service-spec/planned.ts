/** What `--dry-run` and `diff` print: what would change, which tasks the engine would replace, and what is risky. */
import { durationOf } from '../values/duration.ts';
import { counted } from '../values/text.ts';
import { shortDigest } from '../rollout/image.ts';

/** A risk. Scripts depend on the kinds, so they are stable. */
export interface Risk {
  readonly kind:
    'image' | 'hostPort' | 'placement' | 'resources' | 'network' | 'missing' | 'name' | 'port' | 'invalid';
  readonly message: string;
}

/** One difference of two specs. `before` is absent if the field is new, `after` is absent if it was removed. */
export interface Difference {
  /** A flag, with the key if the flag has one: "image", "env A", "publish 8080:80". Or a path in the API: "TaskTemplate.Runtime". */
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

/** What a change does to the tasks of a service (service-spec/replaced-tasks.ts). */
export interface TaskChanges {
  /** Tasks that get a successor in their slot. */
  readonly replaced: number;
  /** Tasks that go on running. */
  readonly kept: number;
  /** Tasks in slots that have none. */
  readonly started: number;
  /** Tasks without a successor: of slots that are scaled away, on nodes that no longer fit. */
  readonly stopped: number;
  /** How many are replaced at the same time (a job: run at the same time). */
  readonly atOnce: number;
  /** The least time that the engine takes to replace them, in milliseconds; 0 if it replaces none. */
  readonly atLeast: number;
}

/** The message if nodes decide what happens to the tasks, and cannot be read. */
export const UNKNOWN_CHANGES = 'what happens to the tasks is not known: the nodes cannot be read';

export const NO_CHANGES: TaskChanges = {
  replaced: 0,
  kept: 0,
  started: 0,
  stopped: 0,
  atOnce: 0,
  atLeast: 0,
};

/** How many tasks need a node, and how many of them find one in the worst and in the best order of the engine. */
export interface PlacedTasks {
  readonly wanted: number;
  readonly least: number;
  readonly most: number;
}

/** What `-o json` prints. Scripts depend on the names and meanings of the fields, so they are stable. Times are milliseconds. */
export interface PlannedResult {
  readonly action: 'create' | 'update' | 'rollback' | 'diff';
  /** `planned`: --dry-run; `compared`: diff. */
  readonly verdict: 'planned' | 'compared';
  readonly exitCode: number;
  /** A service that is to be created has no id yet, and no name if the engine chooses it. */
  readonly service: { readonly id: string | null; readonly name: string | null };
  /** What happens to the tasks, in one line. */
  readonly message: string;
  readonly changes: readonly Difference[];
  /** All 0 if nodes decide that, and cannot be read: `message` says so. */
  readonly tasks: TaskChanges;
  /** Whether the tasks that need a node find one; absent if the nodes or the tasks cannot be read. */
  readonly placed?: PlacedTasks;
  readonly risks: readonly Risk[];
  /** What the engine is at, where that matters. */
  readonly notes: readonly string[];
}

/** The lines for people. Texts that are not printable are left as they are. */
export function plannedLines({ changes, message, risks, notes }: Omit<PlannedResult, 'action'>): string[] {
  const width = Math.max(0, ...changes.map(({ field }) => field.length));
  return [
    ...(changes.length === 0 ? ['no difference'] : []),
    ...changes.map(({ field, before, after }) => {
      const sign = before === undefined ? '+' : after === undefined ? '-' : '~';
      const texts = [before, after].filter((text) => text !== undefined).map(shortDigest);
      return `${sign} ${field.padEnd(width)}  ${texts.join(' → ')}`.trimEnd();
    }),
    message,
    ...notes.map((note) => `note: ${note}`),
    ...risks.map((risk) => `risk: ${risk.message}`),
  ];
}

/**
 * What happens to the tasks: "replaces 4 tasks, 1 at a time, in at least 45s; starts 2 tasks".
 * @param isJob whether the tasks are meant to end
 */
export function tasksSentence(
  { replaced, kept, started, stopped, atOnce, atLeast }: TaskChanges,
  isJob: boolean,
): string {
  const pace = (count: number): string =>
    count <= 1 ? '' : atOnce >= count ? ', all at once' : `, ${atOnce} at a time`;
  const least = atLeast === 0 ? '' : `, in at least ${durationOf(atLeast)}`;
  const parts = [
    ...(replaced > 0 ? [`replaces ${counted(replaced, 'task')}${pace(replaced)}${least}`] : []),
    ...(started > 0 ? [`starts ${counted(started, 'task')}${isJob ? pace(started) : ''}`] : []),
    ...(stopped > 0 ? [`stops ${counted(stopped, 'task')}`] : []),
  ];
  if (replaced === 0 && (kept > 0 || parts.length === 0) && !isJob) parts.unshift('replaces no task');
  return parts.length === 0 ? 'starts no task' : parts.join('; ');
}
