/** Progress for logs: one line a change, with its time, and a sign of life when nothing changes. */
import type { Change } from '../rollout/changes.ts';
import { nameOf } from './progress.ts';
import type { Progress, Screen } from './progress.ts';

/** After this long without a line (ms), the headline is repeated. */
const HEARTBEAT = 30_000;

export function plain(screen: Screen): Progress {
  let lastLine: number | undefined;
  return {
    update: (update) => {
      const { services, changes, at, date } = update;
      const name = nameOf(update);
      const line = (text: string, of: string | undefined): void => {
        screen.write(`${timestamp(date)} ${of === undefined ? '' : `${of}: `}${text}\n`);
        lastLine = at;
      };
      lastLine ??= at;
      for (const change of changes) {
        const text = textOf(change);
        if (text !== '') line(text, name);
      }
      if (at - lastLine < HEARTBEAT) return;
      for (const { name: of, view } of services) {
        if (view.isOver) continue;
        const text = [`still ${view.headline}`, view.footer].filter(Boolean).join('; ');
        line(text, name === undefined ? undefined : of);
      }
    },
    end: () => undefined,
  };
}

/** RFC 3339 to the second, in UTC. */
function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

function textOf(change: Change): string {
  switch (change.type) {
    case 'task':
      return taskText(change);
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
    case 'node':
      return change.text;
    case 'verdict':
      // Every other verdict is the first line of the report.
      return change.verdict === 'converged' ? change.text : '';
  }
}

const onNode = ({ slot, node }: { slot: string; node: string }): string =>
  node === '' || node === slot ? '' : ` on ${node}`;

/** The engine's words; of a paused rollback they would only say that an update was paused. */
function updateText({ state, message }: Extract<Change, { type: 'update' }>): string {
  if (message === '') return state;
  return state === 'rollback_paused' ? `rollback paused: ${message}` : message;
}

/** "2/4: running on worker1", "2/4: pending: no suitable node (...)". */
function taskText({ slot, state, node, note }: Extract<Change, { type: 'task' }>): string {
  return `${slot}: ${state}${onNode({ slot, node })}${note === '' ? '' : `: ${note}`}`;
}
