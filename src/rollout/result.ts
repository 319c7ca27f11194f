/** The result of a command that rolls out: what `-o json` prints (docs/json.md). */
import type { UpdateState } from '../api/service.ts';
import type { Evidence } from './evidence.ts';
import { reportOf } from './report.ts';
import type { FailureReport } from './failure-report.ts';
import type { PendingReport } from './report.ts';
import type { FailedWhy, Intent, RolloutState, Verdict } from './state.ts';
import { notesOf } from './notes.ts';
import type { RolloutTimeline } from './timeline.ts';
import { countsOf, view } from './view.ts';
import { isAboutTime, waitResults } from './waiting-text.ts';
import type { WaitResult } from './waiting-text.ts';

interface SlotResult {
  readonly slot: string;
  readonly task: string | null;
  readonly state: string;
  readonly node: string;
  /** Null if its task is on no node. */
  readonly nodeId: string | null;
  readonly image: string;
  readonly error: string;
}

/** Scripts depend on the names and meanings of the fields, so they are stable. Times are milliseconds. */
export interface Result {
  /** `remove`: --rollback-on-failure has removed a new service. */
  readonly action: Intent['action'] | 'remove';
  /** A verdict, or `accepted` (--detach), `unchanged`, `notSent` (another service did not converge), `error`. */
  readonly verdict: Exclude<Verdict['kind'], 'progressing'> | 'accepted' | 'unchanged' | 'notSent' | 'error';
  readonly exitCode: number;
  readonly service: { readonly id: string | null; readonly name: string };
  readonly message: string;
  /** The service's version index: before the change (null for create) and at the end. */
  readonly version?: { readonly before: number | null; readonly after: number | null };
  /** The image before (null for create), the one asked for, and the one that is stored at the end. */
  readonly image?: { readonly before: string | null; readonly after: string; readonly stored: string };
  /** Only with the verdict "failed". */
  readonly why?: FailedWhy;
  /** The engine's update status at the end; absent if it has replaced no task. */
  readonly update?: { readonly state: UpdateState; readonly message: string };
  readonly tasks?: { readonly wanted: number; readonly done: number; readonly failed: number };
  readonly slots?: readonly SlotResult[];
  readonly failures?: readonly FailureReport[];
  /** How many other distinct failures there were; absent if `failures` has all. */
  readonly moreFailures?: number;
  readonly pending?: readonly PendingReport[];
  /** What the rollout still waited for; absent if time did not bring the verdict. */
  readonly waiting?: readonly WaitResult[];
  /** What has to be said of a service although it has converged; absent if there is nothing. */
  readonly notes?: readonly string[];
  /** Why there is no command to roll back with, if that is so. */
  readonly hint?: string;
  /** Commands to run next. */
  readonly next?: readonly string[];
  /** The time from the engine's acceptance of the change to the verdict. */
  readonly duration?: number;
  readonly error?: { readonly message: string; readonly hint?: string };
  /** With --rollback-on-failure, after a bad end: the verdict on the change itself, and what became of the undo. */
  readonly change?: Pick<Result, 'verdict' | 'exitCode' | 'message'>;
  readonly rollback?: Result;
  /** Only in a report (--report): what each of `next` is for. */
  readonly purposes?: readonly string[];
  /** Only in a report: what the change has changed. Values that often hold credentials are left out. */
  readonly changed?: readonly {
    readonly field: string;
    readonly before?: string;
    readonly after?: string;
  }[];
  /** Only in a report: what the watch has seen over time. */
  readonly timeline?: RolloutTimeline;
}

/** The result of a command on several services. */
export interface SeveralResult extends Pick<Result, 'verdict' | 'exitCode' | 'error'> {
  readonly action: 'wait' | 'scale' | 'restart' | 'stack deploy' | 'node drain';
  readonly services: readonly Result[];
}

/** The result of a rollout that was watched to its verdict. */
export function resultOf(state: RolloutState, exitCode: number, evidence: Evidence): Result {
  const { intent, seen, verdict, slots } = state;
  const { done, wanted } = countsOf(state);
  const { update } = seen?.service ?? {};
  const report = reportOf(state, evidence);
  const converged = verdict.kind === 'converged';
  const { rows } = view(state);
  const notes = notesOf(state);
  return {
    action: intent.action,
    verdict: verdict.kind === 'progressing' ? 'error' : verdict.kind,
    exitCode,
    service: { id: seen?.service.id ?? intent.serviceId, name: seen?.service.name ?? intent.name },
    message: report.verdict,
    version: { before: intent.versionBefore ?? null, after: seen?.service.version ?? null },
    image: { before: intent.imageBefore ?? null, after: state.image, stored: seen?.service.image ?? '' },
    ...(verdict.kind === 'failed' ? { why: verdict.why } : {}),
    ...(update === undefined ? {} : { update }),
    tasks: { wanted, done, failed: state.failures.length },
    slots: slots.map(({ label, task }, index) => ({
      slot: label,
      task: task?.id ?? null,
      state: task?.state ?? '',
      node: rows[index]?.node ?? '',
      nodeId: task?.nodeId ?? null,
      image: task?.image ?? '',
      error: task?.error ?? '',
    })),
    failures: report.failures,
    ...(report.moreFailures === 0 ? {} : { moreFailures: report.moreFailures }),
    pending: converged ? [] : report.pending,
    ...(isAboutTime(verdict) ? { waiting: waitResults(state) } : {}),
    ...(converged && notes.length > 0 ? { notes } : {}),
    ...(report.hint === undefined ? {} : { hint: report.hint }),
    next: converged ? [] : report.next.map(([command]) => command),
    purposes: converged ? [] : report.next.map(([, purpose]) => purpose),
    duration: Math.round(state.at - intent.startedAt),
    ...(verdict.kind === 'lost' || verdict.kind === 'refused' ? { error: { message: verdict.reason } } : {}),
  };
}
