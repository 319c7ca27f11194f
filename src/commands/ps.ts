/** swarmroll ps: lists the tasks of services, in docker's table. */
import { configuredFormat } from '../connection/docker-config.ts';
import { EXIT_CODES } from '../errors.ts';
import type { Flag } from '../command-line/flag.ts';
import { InvalidValue, boolean, listOf, string } from '../values/value.ts';
import type { Call, CommandBody } from '../command-line/command.ts';
import { configSource, connectionOptions } from '../command-line/common-flags.ts';
import { noSuchServices } from '../engine/find-services.ts';
import { warnNoNames } from '../watch/warn.ts';
import { readTasks } from '../listing/read-tasks.ts';
import { taskRows } from '../listing/task-rows.ts';
import type { TaskRow } from '../listing/task-rows.ts';
import { printRows } from '../listing/print-rows.ts';
import { TASK_ROWS, tableOf } from '../listing/task-table.ts';

/** NAME=VALUE. As docker (docker/cli opts/opts.go, FilterOpt.Set): spaces are trimmed, and names become lower case. */
const filterType = listOf('filter', (text): readonly [string, string] => {
  const [, name, value] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidValue('must be NAME=VALUE');
  return [name.trim().toLowerCase(), value.trim()];
});

const filter: Flag<(readonly [string, string])[]> = {
  name: 'filter',
  short: 'f',
  type: filterType,
  group: 'Output',
  help: 'Show only the tasks that match: id=, name=, node=, label=, desired-state=running|shutdown|accepted',
};

const format: Flag<string> = {
  name: 'format',
  type: string,
  group: 'Output',
  help: "Output format: table, 'table TEMPLATE', json, raw, or a Go template",
  default: 'table',
};

const noResolve: Flag<boolean> = {
  name: 'no-resolve',
  type: boolean,
  group: 'Output',
  help: 'Show the ids of services and nodes instead of their names',
};

const noTrunc: Flag<boolean> = {
  name: 'no-trunc',
  type: boolean,
  group: 'Output',
  help: 'Show ids, errors and image digests in full',
};

const quiet: Flag<boolean> = {
  name: 'quiet',
  short: 'q',
  type: boolean,
  group: 'Output',
  help: 'Show only the ids of tasks',
};

export const ps: CommandBody = {
  operands: [{ kind: 'service', many: true }],
  flags: [filter, format, noResolve, noTrunc, quiet],
  examples: [
    ['swarmroll ps web', 'the tasks of a service; older tasks of a slot come below the newest'],
    ['swarmroll ps --no-trunc -f desired-state=running web', 'the tasks that should run, with full errors'],
    ["swarmroll ps --format 'table {{.Name}}\\t{{.Node}}' web", 'some of the columns'],
  ],
  run,
};

async function run({ given, operands, world }: Call): Promise<number> {
  const onlyIds = given.get(quiet) === true;
  const showNames = given.get(noResolve) !== true;
  const asked =
    given.get(format) || (onlyIds ? '' : await configuredFormat('tasksFormat', configSource(given, world)));
  // A wrong template is an error before any request is sent.
  const template = asked === '' || asked === 'table' ? undefined : await readFormat(asked, onlyIds);
  const engine = await world.connect(connectionOptions(given));
  const { tasks, services, nodes, missing, noNames } = await readTasks(engine, operands, {
    filters: given.get(filter) ?? [],
    nodeNames: showNames,
    signal: world.interrupted,
  });
  const { print, isTable } = template ?? {
    print: onlyIds ? idsOf : tableOf,
    isTable: !onlyIds,
  };
  const rows = taskRows(tasks, {
    services: showNames ? services : new Map(),
    nodes,
    trunc: given.get(noTrunc) !== true && !onlyIds,
    isTable,
    oneLineErrors: isTable,
    now: world.clock.date().getTime(),
  });
  printRows(world, rows, print, asked);
  noNames.forEach(warnNoNames(world));
  if (missing.length > 0) throw noSuchServices(missing, engine.host);
  return EXIT_CODES.done;
}

interface Printer {
  readonly print: (rows: readonly TaskRow[]) => string;
  readonly isTable: boolean;
}

/** Reads a format. The import takes time, and the default formats do not need it. @throws SwarmrollError `refused` */
async function readFormat(asked: string, onlyIds: boolean): Promise<Printer> {
  const { isTableFormat, readRowFormat } = await import('../listing/formats.ts');
  return { print: await readRowFormat(asked, TASK_ROWS, onlyIds), isTable: isTableFormat(asked) };
}

function idsOf(rows: readonly TaskRow[]): string {
  return rows.map(({ ID }) => `${ID}\n`).join('');
}
