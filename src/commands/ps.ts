/** `swarmroll ps`: the tasks of services, in docker's table. */
import { EXIT_CODES } from '../errors.ts';
import { drawTable } from '../render/table.ts';
import type { Flag } from '../spec/flag.ts';
import { InvalidValue, boolean, listOf, string } from '../values/value.ts';
import type { Call, Command } from './command.ts';
import { connectionOptions } from './common-flags.ts';
import { noSuchServices } from './find-services.ts';
import { readTasks } from './read-tasks.ts';
import { taskRows } from './task-rows.ts';
import type { TaskRow } from './task-rows.ts';

/** NAME=VALUE, as docker reads it: spaces around both are dropped, names are in lower case. */
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
  help: "How to print: table, 'table TEMPLATE', json, raw, or a Go template",
  default: 'table',
};

const noResolve: Flag<boolean> = {
  name: 'no-resolve',
  type: boolean,
  group: 'Output',
  help: 'Show ids of services and nodes, not their names',
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

export const ps: Command = {
  name: 'ps',
  operands: 'SERVICE [SERVICE...]',
  minOperands: 1,
  maxOperands: Infinity,
  summary: 'List the tasks of one or more services.',
  flags: [filter, format, noResolve, noTrunc, quiet],
  examples: [
    ['swarmroll ps web', 'the tasks of a service, older ones of a slot under the newest'],
    ['swarmroll ps --no-trunc -f desired-state=running web', 'what should run, with errors in full'],
    ["swarmroll ps --format 'table {{.Name}}\\t{{.Node}}' web", 'some of the columns'],
  ],
  run,
};

/** The columns and their titles. */
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

async function run({ given, operands, world }: Call): Promise<number> {
  const onlyIds = given.get(quiet) === true;
  const showNames = given.get(noResolve) !== true;
  const { print, marksHistory } = await printer(given.get(format) ?? '', onlyIds);
  const engine = await world.connect(connectionOptions(given));
  const { tasks, services, nodes, missing } = await readTasks(engine, operands, {
    filters: given.get(filter) ?? [],
    nodeNames: showNames,
    signal: world.interrupted,
  });
  const rows = taskRows(tasks, {
    services: showNames ? services : new Map(),
    nodes,
    trunc: given.get(noTrunc) !== true && !onlyIds,
    historyMark: marksHistory ? ' \\_ ' : '',
    now: world.clock.now(),
  });
  world.stdout.write(print(rows));
  if (missing.length > 0) throw noSuchServices(missing, engine.host);
  return EXIT_CODES.done;
}

interface Printer {
  readonly print: (rows: readonly TaskRow[]) => string;
  /** Whether older tasks of a slot are marked. */
  readonly marksHistory: boolean;
}

/** How to print the rows. Templates cost time to load: the plain table and list of ids do without. */
async function printer(given: string, onlyIds: boolean): Promise<Printer> {
  if (given === '' || given === 'table') {
    return { print: onlyIds ? idsOf : tableOf, marksHistory: !onlyIds };
  }
  const { isTableFormat, readRowFormat } = await import('./formats.ts');
  const print = readRowFormat(given, onlyIds);
  return { print: (rows) => print(rows, TITLES), marksHistory: isTableFormat(given) };
}

function idsOf(rows: readonly TaskRow[]): string {
  return rows.map(({ ID }) => `${ID}\n`).join('');
}

/** Docker's table of all columns. */
export function tableOf(rows: readonly TaskRow[]): string {
  return drawTable([TITLES, ...rows].map((row) => `${Object.values(row).join('\t')}\n`).join(''));
}
