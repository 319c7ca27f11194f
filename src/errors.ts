/** The kinds of errors, and the one table of exit codes. */

/** The kinds of errors. `usage`: the command line is wrong. `timedOut`: --timeout passed before there was anything to watch. */
export type ErrorKind =
  'usage' | 'notFound' | 'refused' | 'unreachable' | 'notManager' | 'conflict' | 'timedOut' | 'failed';

/** The ways in which a command can end. The verdict on a rollout is an outcome, not an error. */
export type Outcome =
  | 'done'
  | 'failed'
  | 'usage'
  | 'rolledBack'
  | 'paused'
  | 'tasksFailed'
  | 'differs'
  | 'notOurs'
  | 'timedOut'
  | 'SIGINT'
  | 'SIGTERM';

/** Every exit code and its meaning. The tables in --help, README and docs/json.md are generated from this one. */
const EXITS: Readonly<Record<Outcome, readonly [code: number, meaning: string]>> = {
  done: [0, 'converged on what was asked, or nothing to do, or accepted with `--detach`'],
  failed: [1, 'anything else that went wrong: no such service, refused, engine unreachable, not a manager'],
  usage: [2, 'the command line is wrong; nothing was sent'],
  rolledBack: [3, 'rolled back: the change failed, and the engine or `--rollback-on-failure` undid it'],
  paused: [4, 'paused: the engine paused the update or the rollback after a failure'],
  tasksFailed: [
    5,
    'failed: tasks keep failing, have used up their restarts, or nothing moved within the progress deadline',
  ],
  differs: [6, 'something would change (`stack diff`, and `diff --exit-code`)'],
  notOurs: [7, 'the service was removed, or another change replaced this one or conflicted with it'],
  timedOut: [124, '`--timeout` passed; what was sent goes on in the engine (a part of a stack is undone)'],
  SIGINT: [130, 'interrupted by SIGINT; what was sent goes on in the engine'],
  SIGTERM: [143, 'interrupted by SIGTERM; what was sent goes on in the engine'],
};

/** The exit code of each outcome. */
export const EXIT_CODES = Object.fromEntries(
  Object.entries(EXITS).map(([outcome, [code]]) => [outcome, code]),
) as Readonly<Record<Outcome, number>>;

/** The exit codes in ascending order, each with its meaning (Markdown). */
export const EXIT_CODE_MEANINGS: readonly (readonly [code: number, meaning: string])[] = Object.values(EXITS);

/** How a command that watches no rollout can end. */
export interface Exits {
  /** What 0 means. */
  readonly done: string;
  readonly others?: readonly Outcome[];
}

/** The exit codes of a command, each with its meaning (Markdown). @param exits absent: the command watches a rollout */
export function exitCodesOf(exits?: Exits): typeof EXIT_CODE_MEANINGS {
  const all = Object.entries(EXITS);
  if (exits === undefined) return all.filter(([outcome]) => outcome !== 'differs').map(([, row]) => row);
  const { done, others = [] } = exits;
  return all
    .filter(([outcome]) => ['done', 'failed', 'usage', 'SIGINT', 'SIGTERM', ...others].includes(outcome))
    .map(([outcome, [code, meaning]]) => [
      code,
      outcome === 'done' ? done : meaning.replace(/; what was sent goes on.*/, ''),
    ]);
}

/**
 * An error for the user: `message` says what went wrong and where, `hint` says what to do next, `warnings` are printed before it. Each
 * is one line, and none contains secrets.
 */
export class SwarmrollError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;
  readonly warnings: readonly string[];

  constructor(
    kind: ErrorKind,
    message: string,
    options: { hint?: string | undefined; cause?: unknown; warnings?: readonly string[] } = {},
  ) {
    super(message, { cause: options.cause });
    this.warnings = options.warnings ?? [];
    this.name = 'SwarmrollError';
    this.kind = kind;
    this.hint = options.hint;
  }
}

/**
 * What a failed request to the manager means for the caller:
 *
 * - transient: the request may succeed later; try again
 * - final: another try would get the same answer
 * - gone: the engine itself says that the object does not exist
 * - unknown: a change was sent and no reply came; the engine may have stored it or not
 */
export type Fault = 'transient' | 'final' | 'gone' | 'unknown';

/** The reasons of a refusal that callers handle. */
export type Reason = 'outOfSequence' | 'loginWanted' | 'locked';

/** The error of a request to the manager. `status` is the HTTP status; undefined if no reply came. */
export class EngineError extends SwarmrollError {
  readonly fault: Fault;
  readonly status: number | undefined;
  readonly reason: Reason | undefined;
  /** Of kind `notManager`: the addresses of the managers that the engine knows. */
  readonly managers: readonly string[] | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    options: Pick<EngineError, 'fault'> &
      Partial<Pick<EngineError, 'status' | 'reason' | 'managers' | 'hint' | 'cause'>>,
  ) {
    super(kind, message, options);
    this.fault = options.fault;
    this.status = options.status;
    this.reason = options.reason;
    this.managers = options.managers;
  }
}

/** --timeout passed before there was anything to watch: exit 124. */
export class TimeoutError extends SwarmrollError {
  /** How long, and what the command waited for. */
  readonly wait: string;

  /** @param sent what is known of the change */
  constructor(wait: string, sent: string, options: { hint: string | undefined; cause?: unknown }) {
    super('timedOut', `${wait}; ${sent}`, options);
    this.wait = wait;
  }
}

/** The command line has an unknown command or flag: exit 2. A similar name may be suggested (command-line/suggest.ts). */
export class UnknownName extends SwarmrollError {
  readonly unknown: string;
  /** The names that exist. */
  readonly candidates: readonly string[];

  constructor(message: string, unknown: string, candidates: readonly string[], hint?: string) {
    super('usage', message, { hint });
    this.unknown = unknown;
    this.candidates = candidates;
  }
}

/** The error of a wrong command line: exit 2, nothing was sent. */
export function usageError(message: string, hint?: string): SwarmrollError {
  return new SwarmrollError('usage', message, { hint });
}

/** The exit code of an error that ends the command. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof SwarmrollError)) return EXIT_CODES.failed;
  if (error.kind === 'usage') return EXIT_CODES.usage;
  if (error.kind === 'timedOut') return EXIT_CODES.timedOut;
  return error.kind === 'conflict' ? EXIT_CODES.notOurs : EXIT_CODES.failed;
}
