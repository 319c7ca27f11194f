/** Progress as lines of text: one line for each change, with its time, and a heartbeat if nothing changes. */
import type { ProgressEvent } from '../rollout/progress-events.ts';
import { quiet, serviceNameOf } from './progress.ts';
import type { Progress, Screen } from './progress.ts';

/** After this long without a line (ms), the headline is printed again. */
const HEARTBEAT = 30_000;

/** The renderer of --progress plain. */
export function plain(screen: Screen): Progress {
  let lastLine: number | undefined;
  return {
    ...quiet,
    update: (update) => {
      const { services, events, at, date } = update;
      const name = serviceNameOf(update);
      const line = (text: string, service: string | undefined): void => {
        const time = date.toISOString().replace(/\.\d+Z$/, 'Z');
        screen.write(`${time} ${service === undefined ? '' : `${service}: `}${text}\n`);
        lastLine = at;
      };
      lastLine ??= at;
      for (const event of events) {
        const text = eventText(event);
        if (text !== '') line(text, name);
      }
      if (at - lastLine < HEARTBEAT) return;
      for (const { name: service, view } of services) {
        if (view.isOver) continue;
        const text = [`still ${view.headline}`, view.footer].filter(Boolean).join('; ');
        line(text, name === undefined ? undefined : service);
      }
    },
  };
}

/** The text of an event's line; empty if it has none. */
export function eventText(event: ProgressEvent): string {
  switch (event.type) {
    case 'task':
      return `${event.slot}: ${event.state}${onNode(event)}${event.note === '' ? '' : `: ${event.note}`}`;
    case 'failure':
      return `${event.slot}: ${event.state}${onNode(event)}${event.error === '' ? '' : `: ${event.error}`}`;
    case 'update':
      return `update status: ${updateText(event)}`;
    case 'unreachable':
      return `the manager can't be reached, trying again: ${event.reason}`;
    case 'reachable':
      return 'the manager answers again';
    case 'image':
    case 'spec':
    case 'progress':
    case 'verify':
    case 'unstable':
    case 'waiting':
    case 'node':
    case 'note':
      return event.text;
    case 'verdict':
      // The report prints every other verdict.
      return event.verdict === 'converged' ? event.text : '';
  }
}

const onNode = ({ slot, node }: { slot: string; node: string }): string =>
  node === '' || node === slot ? '' : ` on ${node}`;

/** The engine's message. For a paused rollback, it only says that an update was paused, so "rollback paused" is added. */
function updateText({ state, message }: Extract<ProgressEvent, { type: 'update' }>): string {
  if (message === '') return state;
  return state === 'rollback_paused' ? `rollback paused: ${message}` : message;
}
