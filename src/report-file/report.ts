/** What a report shows, whatever its form: the end of one command. */
import type { FailureReport } from '../rollout/failure-report.ts';
import type { NextStep } from '../rollout/next-steps.ts';
import type { PendingReport } from '../rollout/report.ts';
import type { Result, SeveralResult } from '../rollout/result.ts';
import { roundedDuration } from '../values/duration.ts';

/** The end of a command that has no result of a service: as main.ts prints it with -o json. */
export interface ErrorResult {
  readonly verdict: 'error';
  readonly exitCode: number;
  readonly message: string;
  readonly error: { readonly message: string; readonly hint?: string };
}

/** What -o json prints at the end of a command that watches, with what only a report has. */
export type CommandEnd = Result | SeveralResult | ErrorResult;

export interface CommandReport {
  /** "update", "stack deploy". */
  readonly command: string;
  readonly version: string;
  readonly date: Date;
  readonly ended: CommandEnd;
}

/** The results of the services, in the order of the command. An error that came before there was any has none. */
export function servicesOf({ ended }: CommandReport): readonly Result[] {
  if ('services' in ended) return ended.services;
  return 'action' in ended ? [ended] : [];
}

/** The error that ended the command, before or after the services had results. */
export const errorOf = ({ ended }: CommandReport): ErrorResult['error'] | undefined =>
  'services' in ended || !('action' in ended) ? ended.error : undefined;

/** What a person reads for a verdict. */
const WORDS: Readonly<Record<Result['verdict'], string>> = {
  converged: 'converged',
  accepted: 'accepted',
  unchanged: 'unchanged',
  rolledBack: 'rolled back',
  paused: 'paused',
  failed: 'failed',
  superseded: 'replaced by another change',
  removed: 'removed by somebody else',
  notSent: 'not sent',
  timedOut: 'timed out',
  interrupted: 'interrupted',
  lost: 'lost contact',
  refused: 'refused',
  error: 'error',
};

export const verdictWords = ({ verdict }: Pick<Result, 'verdict'>): string => WORDS[verdict];

/** "2 of 3": how many tasks are as wanted. */
export const tasksText = ({ tasks }: Pick<Result, 'tasks'>): string | undefined =>
  tasks === undefined ? undefined : `${tasks.done} of ${tasks.wanted}`;

export const timeText = ({ duration }: Pick<Result, 'duration'>): string | undefined =>
  duration === undefined ? undefined : roundedDuration(duration);

/** The message of a result, without the name of its service: that stands above it. */
export function messageOf({ message, service }: Pick<Result, 'message' | 'service'>): string {
  const start = `${service.name}: `;
  if (!message.startsWith(start)) return message;
  const rest = message.slice(start.length);
  return `${rest.slice(0, 1).toUpperCase()}${rest.slice(1)}`;
}

/** The result, if the report is about one service; undefined if there are several or none, or an error ended the command. */
export function onlyServiceOf(report: CommandReport): Result | undefined {
  const [only, ...others] = servicesOf(report);
  return others.length === 0 && errorOf(report) === undefined ? only : undefined;
}

/** The title of a report: "web: rolled back", "swarmroll stack deploy: 2 of 5 services did not converge". */
export function titleOf(report: CommandReport): string {
  const services = servicesOf(report);
  const only = onlyServiceOf(report);
  const name = `swarmroll ${report.command}`;
  if (only !== undefined) {
    const title = `${only.service.name}: ${verdictWords(only)}`;
    // A drain is about a node, also if it has moved one service.
    return report.command === 'node drain' ? `${name}: ${title}` : title;
  }
  if (report.ended.verdict === 'error' && errorOf(report) !== undefined) return `${name}: error`;
  const failed = services.filter(({ exitCode }) => exitCode !== 0).length;
  if (failed > 0) return `${name}: ${failed} of ${services.length} services did not converge`;
  if (services.length === 0) return `${name}: nothing had to move`;
  const end = services.some(({ verdict }) => verdict === 'accepted') ? 'accepted' : 'converged';
  return `${name}: all ${services.length} services ${end}`;
}

/** "2026-11-30 08:10:53 UTC" */
export const dateAndTime = (date: Date): string => date.toISOString().replace(/T(.{8}).*/, ' $1 UTC');

/** "2/3: task qt5hogtvla81 on worker1 failed (3 times), exit code 3" */
export function failureHead({ slot, task, node, state, exitCode, count }: FailureReport): string {
  const where = node === '' ? '' : ` on ${node}`;
  const times = count === 1 ? '' : ` (${count} times)`;
  const code = exitCode === undefined ? '' : `, exit code ${exitCode}`;
  return `${slot === node ? '' : `${slot}: `}task ${task}${where} ${state}${times}${code}`;
}

/** "1/3 pending (and 2 more): no suitable node (...)", and which nodes refuse it. */
function pendingLines({ slot, state, reason, count, refusedBy = [] }: PendingReport): string[] {
  const others = count === 1 ? '' : ` (and ${count - 1} more)`;
  return [
    `${slot} ${state}${others}${reason === '' ? '' : `: ${reason}`}`,
    ...refusedBy.map((one) => `  ${one.nodes.join(', ')}: ${one.reason}`),
  ];
}

/** What waits for something at the end of a watch, and for what. */
export const waitingLines = ({ pending = [], waiting = [] }: Result): string[] => [
  ...pending.flatMap(pendingLines),
  ...waiting.map(({ text }) => text),
];

/** The commands to run next, each with its purpose: after an undo, also what follows from that. */
export const stepsOf = ({ next = [], purposes = [], rollback }: Result): readonly NextStep[] => [
  ...next.map((command, index) => [command, purposes[index] ?? ''] as const),
  ...(rollback === undefined ? [] : stepsOf(rollback)),
];

/** Why there is no command to roll back with. */
export const hintOf = ({ hint, rollback }: Result): string | undefined => hint ?? rollback?.hint;
