/** Docker's table of tasks. */
import { drawTable } from '../render/table.ts';
import type { TaskRow } from './task-rows.ts';

/** The columns in their order, and their titles. */
export const TITLES: TaskRow = {
  ID: 'ID',
  Name: 'NAME',
  Image: 'IMAGE',
  Node: 'NODE',
  DesiredState: 'DESIRED STATE',
  CurrentState: 'CURRENT STATE',
  Error: 'ERROR',
  Ports: 'PORTS',
};

/** All columns of all rows. */
export function tableOf(rows: readonly TaskRow[]): string {
  return drawTable([TITLES, ...rows].map((row) => `${Object.values(row).join('\t')}\n`).join(''));
}
