/** Docker's table of tasks (docker/cli cli/command/task/formatter.go). */
import { drawCells } from '../render/columns.ts';
import { TASK_TITLES } from './task-rows.ts';
import type { TaskRow } from './task-rows.ts';

const COLUMNS = Object.keys(TASK_TITLES) as (keyof TaskRow)[];

/** The text of the table, with a line of titles. */
export function tableOf(rows: readonly TaskRow[]): string {
  return drawCells([TASK_TITLES, ...rows].map((row) => COLUMNS.map((name) => row[name])));
}

/** The rows of `ps` as templates see them. docker's row has a method Error, so that is what {{.}} prints. */
export const TASK_ROWS = {
  titles: TASK_TITLES,
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
