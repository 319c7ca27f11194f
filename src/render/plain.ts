/** Progress as lines of text: one line for each change, with its time, and a heartbeat if nothing changes. */
import type { Change } from '../rollout/changes.ts';
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
      const { services, changes, at, date } = update;
      const name = serviceNameOf(update);
      const line = (text: string, service: string | undefined): void => {
        const time = date.toISOString().replace(/\.\d+Z$/, 'Z');
        screen.write(`${time} ${service === undefined ? '' : `${service}: `}${text}\n`);
        lastLine = at;
      };
      lastLine ??= at;
      for (const change of changes) {
        const text = changeText(change);
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

/** The text of a change's line; empty if the change has no line. */
export function changeText(change: Change): string {
  switch (change.type) {
    case 'task':
      return `${change.slot}: ${change.state}${onNode(change)}${change.note === '' ? '' : `: ${change.note}`}`;
    case 'failure':
      return `${change.slot}: ${change.state}${onNode(change)}${change.error === '' ? '' : `: ${change.error}`}`;
    case 'update':
      return `update status: ${updateText(change)}`;
    case 'unreachable':
      return `the manager can't be reached, trying again: ${change.reason}`;
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
      return change.text;
    case 'verdict':
      // The report prints every other verdict.
      return change.verdict === 'converged' ? change.text : '';
  }
}

const onNode = ({ slot, node }: { slot: string; node: string }): string =>
  node === '' || node === slot ? '' : ` on ${node}`;

/** The engine's message. For a paused rollback, it only says that an update was paused, so "rollback paused" is added. */
function updateText({ state, message }: Extract<Change, { type: 'update' }>): string {
  if (message === '') return state;
  return state === 'rollback_paused' ? `rollback paused: ${message}` : message;
}
