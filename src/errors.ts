/** What can go wrong, and the one table of exit codes. */

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

/** Every exit code and what it means: the one table, of which --help, README and docs/json.md show what they need. */
const EXITS: Readonly<Record<Outcome, readonly [code: number, meaning: string]>> = {
  done: [0, 'converged on what was asked, or nothing to do, or accepted with `--detach`'],
  failed: [1, 'anything else that went wrong: no such service, refused, engine unreachable, not a manager'],
  usage: [2, 'the command line is wrong; nothing was sent'],
  rolledBack: [3, 'rolled back: the update failed and the engine put the previous spec back'],
  paused: [4, 'paused: the engine paused the update or the rollback after a failure'],
  tasksFailed: [
    5,
    'failed: tasks keep failing, have used up their restarts, or nothing moved within the progress deadline',
  ],
  notOurs: [7, 'the service was removed, or another change replaced this one or conflicted with it'],
  timedOut: [124, '`--timeout` passed; the rollout goes on in the engine'],
  SIGINT: [130, 'interrupted by SIGINT; the rollout goes on in the engine'],
  SIGTERM: [143, 'interrupted by SIGTERM; the rollout goes on in the engine'],
};

/** The exit code of each outcome. */
export const EXIT_CODES = Object.fromEntries(
  Object.entries(EXITS).map(([outcome, [code]]) => [outcome, code]),
) as Readonly<Record<Outcome, number>>;

/** The codes in their order, each with its meaning. */
export const EXIT_CODE_MEANINGS: readonly (readonly [code: number, meaning: string])[] = Object.values(EXITS);

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

/** A command or flag that there is not: exit 2. What is near to it may be suggested (command-line/suggest.ts). */
export class UnknownWord extends SwarmrollError {
  readonly word: string;
  readonly candidates: readonly string[];

  constructor(message: string, word: string, candidates: readonly string[], hint?: string) {
    super('usage', message, { hint });
    this.word = word;
    this.candidates = candidates;
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
