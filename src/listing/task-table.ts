/** Docker's table of tasks (docker/cli cli/command/task/formatter.go). */
import { drawCells } from '../render/columns.ts';
import type { TaskRow } from './task-rows.ts';

/** The titles of the columns, in order. */
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

/** The text of the table, with a line of titles. */
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

/** The rows of `ps` as templates see them. docker's row has a method Error, so that is what {{.}} prints. */
export const TASK_ROWS = {
  titles: TITLES,
  shown: 'Error',
  raw: {
    full: [
      'id: {{.ID}}',
      'name: {{.Name}}',
      'image: {{.Image}}',
      'node: {{.Node}}',
      'desired_state: {{.DesiredState}}',
      'current_state: {{.CurrentState}}',
      'error: {{.Error}}',
      'ports: {{.Ports}}',
      '',
    ].join('\n'),
    quiet: 'id: {{.ID}}',
  },
};
