/** In words: what a change waits for before it is sent, why it is sent then, and why it is never sent. Pure. */
import type { ProgressEvent } from '../rollout/progress-events.ts';
import type { Result } from '../rollout/result.ts';
import { isJob } from '../rollout/slots.ts';
import type { RolloutState } from '../rollout/state.ts';
import { countsOf } from '../rollout/view.ts';
import type { View } from '../rollout/view.ts';

/** A change that another one waits for. Without a state it has not been sent yet. */
interface WaitedFor {
  readonly name: string;
  readonly state: RolloutState | undefined;
}

/** "app_migrate (job, 0 of 1)". Without a health check nobody knows whether a task is healthy: it runs. */
function awaitedText({ name, state }: WaitedFor): string {
  if (state === undefined) return `${name} (not sent yet)`;
  const { done, wanted } = countsOf(state);
  const { service } = state.seen ?? {};
  if (service === undefined) return name;
  const kind = isJob(service)
    ? 'job'
    : state.intent.mustComplete === true
      ? 'complete'
      : service.healthCheck === true
        ? 'healthy'
        : 'running';
  return `${name} (${kind}, ${done} of ${wanted})`;
}

const waitingText = (awaited: readonly WaitedFor[]): string =>
  `waiting for ${awaited.map(awaitedText).join(', ')}`;

/** The view of a change that waits. @param awaited empty: it is about to be sent */
export const awaitedView = (awaited: readonly WaitedFor[]): View => ({
  ...EMPTY_VIEW,
  footer: awaited.length === 0 ? '' : waitingText(awaited),
});

const EMPTY_VIEW: View = {
  headline: 'not sent yet',
  done: 0,
  wanted: 0,
  isOver: false,
  verdict: 'progressing',
  image: '',
  rows: [],
  footer: '',
};

/** The view of a change that is over, and that was not watched. */
export const settledView = (verdict: View['verdict']): View => ({ ...EMPTY_VIEW, isOver: true, verdict });

/** Says what a change waits for. */
export const awaitedEvent = (awaited: readonly WaitedFor[]): ProgressEvent => ({
  type: 'waiting',
  text: waitingText(awaited),
  waits: awaited.map((one) => {
    const { done = 0, wanted = 0 } = one.state === undefined ? {} : countsOf(one.state);
    return { reason: 'service', count: wanted - done, text: awaitedText(one) };
  }),
});

/** What has become of those that a change has waited for: "app_db is healthy, app_migrate has completed". */
export const reachedText = (awaited: readonly WaitedFor[]): string =>
  awaited.map(({ name, state }) => `${name} ${reached(state)}`).join(', ');

function reached(state: RolloutState | undefined): string {
  const { service } = state?.seen ?? {};
  if (state === undefined || service === undefined) return 'is done';
  if (countsOf(state).wanted === 0) return 'wants no task';
  if (isJob(service) || state.intent.mustComplete === true) return 'has completed';
  return service.healthCheck === true ? 'is healthy' : 'is running';
}

/** Why a change is not sent: "app_migrate failed". @param causes the changes that did not converge; none after a signal */
export const causesText = (
  causes: readonly { readonly name: string; readonly verdict: Result['verdict'] }[],
): string =>
  causes.length === 0
    ? 'a signal came before'
    : causes.map(({ name, verdict }) => `${name} ${ENDS[verdict]}`).join(', ');

const ENDS: Readonly<Record<Result['verdict'], string>> = {
  converged: 'converged',
  accepted: 'was only sent',
  unchanged: 'is unchanged',
  notSent: 'was not sent',
  rolledBack: 'was rolled back',
  paused: 'is paused',
  failed: 'failed',
  superseded: 'was changed by somebody else',
  removed: 'was removed',
  timedOut: 'had not converged when --timeout passed',
  interrupted: 'had not converged when the signal came',
  lost: 'cannot be watched any more',
  refused: 'cannot be watched any more',
  error: 'was not accepted',
};
