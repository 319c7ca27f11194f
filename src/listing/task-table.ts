/** Docker's table of tasks. */
import { drawCells } from '../render/columns.ts';
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
  return drawCells(
    [TITLES, ...rows].map((row) => [
      row.ID,
      row.Name,
      row.Image,
      row.Node,
      row.DesiredState,
      row.CurrentState,
      row.Error,
      row.Ports,
    ]),
  );
}
