/** How a command that rolls out ended, as facts for programs: what `-o json` prints (docs/json.md). */
import { tagOf } from './image.ts';
import { reportOf } from './report.ts';
import type { FailureReport, PendingReport } from './report.ts';
import type { RolloutState } from './state.ts';
import type { Verdict } from './verdict.ts';
import { view } from './view.ts';

/** The last words of a failed task, or why they can't be had. */
export type LogText = { readonly lines: readonly string[] } | { readonly unavailable: string };

export type FailureResult = FailureReport & { readonly log: readonly string[]; readonly noLog?: string };

export interface SlotResult {
  readonly slot: string;
  readonly task: string | null;
  readonly state: string;
  readonly node: string;
  readonly image: string;
  readonly error: string;
}

/** Field names and meanings are a promise to scripts; times are milliseconds. */
export interface Result {
  readonly action: 'create' | 'update' | 'rollback';
  /** A verdict, or `accepted` (--detach), `unchanged`, `error`. */
  readonly verdict: Exclude<Verdict['kind'], 'progressing'> | 'accepted' | 'unchanged' | 'error';
  readonly exitCode: number;
  readonly service: { readonly id: string | null; readonly name: string };
  readonly message: string;
  /** The service's version index: before the change (null for create) and at the end. */
  readonly version?: { readonly before: number | null; readonly after: number | null };
  /** The image before (null for create), the one asked for, and the one that is stored at the end. */
  readonly image?: { readonly before: string | null; readonly after: string; readonly stored: string };
  readonly tasks?: { readonly wanted: number; readonly done: number; readonly failed: number };
  readonly slots?: readonly SlotResult[];
  readonly failures?: readonly FailureResult[];
  readonly pending?: readonly PendingReport[];
  /** Commands to run next. */
  readonly next?: readonly string[];
  readonly duration?: number;
  readonly error?: { readonly message: string; readonly hint?: string };
}

/** The result of a rollout that was watched to its verdict. */
export function resultOf(state: RolloutState, exitCode: number, logs: ReadonlyMap<string, LogText>): Result {
  const { intent, seen, verdict, slots } = state;
  const report = reportOf(state);
  const converged = verdict.kind === 'converged';
  const { rows } = view(state);
  return {
    action: intent.action,
    verdict: verdict.kind === 'progressing' ? 'error' : verdict.kind,
    exitCode,
    service: { id: seen?.service.id ?? intent.serviceId, name: seen?.service.name ?? intent.name },
    message: report.verdict,
    version: { before: intent.versionBefore ?? null, after: seen?.service.version ?? null },
    image: { before: intent.imageBefore ?? null, after: state.image, stored: seen?.service.image ?? '' },
    tasks: {
      wanted: slots.length,
      done: slots.filter(({ satisfied }) => satisfied).length,
      failed: state.failures.length,
    },
    slots: slots.map(({ label, task }, index) => ({
      slot: label,
      task: task?.id ?? null,
      state: task?.state ?? '',
      node: rows[index]?.node ?? '',
      image: task === undefined ? '' : tagOf(task.image),
      error: task?.error ?? '',
    })),
    failures: report.failures.map((failure) => ({ ...failure, ...logOf(logs.get(failure.taskId)) })),
    pending: converged ? [] : report.pending,
    next: converged ? [] : report.next.map(([command]) => command),
    duration: state.at - intent.startedAt,
  };
}

function logOf(log: LogText | undefined): { log: readonly string[]; noLog?: string } {
  if (log === undefined) return { log: [] };
  return 'lines' in log ? { log: log.lines } : { log: [], noLog: log.unavailable };
}
