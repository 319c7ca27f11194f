/** What can go wrong, and the one table of exit codes (docs: README "Exit codes"). */

/** Everything that is not a verdict: `usage` is the command line's fault, the others are the world's. */
export type ErrorKind =
  'usage' | 'notFound' | 'refused' | 'unreachable' | 'notManager' | 'conflict' | 'failed';

/** How a command ended. A verdict about a rollout is an outcome, not an error. */
export type Outcome =
  | 'done'
  | 'failed'
  | 'usage'
  | 'rolledBack'
  | 'paused'
  | 'tasksFailed'
  | 'notOurs'
  | 'timedOut'
  | 'SIGINT'
  | 'SIGTERM';

export const EXIT_CODES: Readonly<Record<Outcome, number>> = {
  done: 0,
  failed: 1,
  usage: 2,
  rolledBack: 3,
  paused: 4,
  tasksFailed: 5,
  notOurs: 7,
  timedOut: 124,
  SIGINT: 130,
  SIGTERM: 143,
};

/**
 * An error that a person reads: one line of what went wrong and where, and a second that says what to do next.
 * `message` and `hint` hold no line breaks and no secrets.
 */
export class SwarmrollError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'SwarmrollError';
    this.kind = kind;
    this.hint = options.hint;
  }
}

/**
 * What an error of the manager means for the caller (CONTRACT "When a rollout is done"):
 *
 * - transient: the request was not served this time; try again
 * - final: trying again gives the same answer
 * - gone: the engine itself says that the object does not exist
 * - unknown: a change was sent and no answer came; it may be stored or not
 */
export type Fault = 'transient' | 'final' | 'gone' | 'unknown';

/** What a caller can act on, beside the fault. */
export type Reason = 'outOfSequence' | 'loginWanted';

/** An error of a request to the manager. `status` is the HTTP status; undefined where no reply came. */
export class EngineError extends SwarmrollError {
  readonly fault: Fault;
  readonly status: number | undefined;
  readonly reason: Reason | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    options: {
      readonly fault: Fault;
      readonly status?: number | undefined;
      readonly reason?: Reason | undefined;
      readonly hint?: string | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(kind, message, options);
    this.fault = options.fault;
    this.status = options.status;
    this.reason = options.reason;
  }
}

/** A wrong command line: exit 2, nothing was sent. */
export function usageError(message: string, hint?: string): SwarmrollError {
  return new SwarmrollError('usage', message, { hint });
}

/** The exit code for an error that reached main. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof SwarmrollError)) return EXIT_CODES.failed;
  if (error.kind === 'usage') return EXIT_CODES.usage;
  return error.kind === 'conflict' ? EXIT_CODES.notOurs : EXIT_CODES.failed;
}
