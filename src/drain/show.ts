/** The texts of a drain: its plan, and what has moved. Pure. */
import { drawTable } from '../render/table.ts';
import { durationOf } from '../values/duration.ts';
import { compareNaturally } from '../values/natural-sort.ts';
import { nameOf } from './move.ts';
import type { MoveState } from './move.ts';
import type { DrainPlan } from './plan.ts';
import type { DrainRefusal } from './refusals.ts';

/** @param name of the node */
export function planLines(name: string, { moves, notes }: DrainPlan): string[] {
  const told = notes.map((note) => `note: ${note}`);
  if (moves.length === 0) return [`${name}: no service has to move`, ...told];
  const rows = moves.map(({ service, count, wanted, order, fewest, isSent }) => [
    nameOf(service),
    `${count} of ${wanted}${isSent ? ' (begun)' : ''}`,
    order,
    `${fewest} of ${wanted}`,
  ]);
  return [...tableLines([['SERVICE', `ON ${name}`, 'ORDER', 'FEWEST RUNNING'], ...rows]), ...told];
}

export const refusalLines = (refusals: readonly DrainRefusal[]): string[] =>
  refusals.flatMap(({ name, reason, todo }) => [`refused: ${name}: ${reason}`, `  ${todo}`]);

/** What became of a service. */
export interface Moved {
  readonly state: MoveState;
  /** The names of the nodes that the new tasks run on, each with their number: "worker2 (2)". */
  readonly to: string;
}

export function movedLines(moved: readonly Moved[]): string[] {
  if (moved.length === 0) return [];
  const byName = [...moved].sort((a, b) => compareNaturally(a.state.name, b.state.name));
  const rows = byName.map(({ state: { name, count, fewest, wanted, below }, to }) => [
    name,
    `${count}`,
    `${fewest} of ${wanted}`,
    below === 0 ? '-' : durationOf(below, 100),
    to,
  ]);
  return tableLines([['SERVICE', 'MOVED', 'FEWEST RUNNING', 'FEWER FOR', 'TO'], ...rows]);
}

const tableLines = (rows: readonly (readonly string[])[]): string[] =>
  drawTable(rows.map((row) => `${row.join('\t')}\n`).join(''))
    .split('\n')
    .filter((line) => line !== '');
