/** swarmroll ps: lists the tasks of services, in docker's table. */
import { configuredFormat } from '../connection/docker-config.ts';
import type { Flag } from '../command-line/flag.ts';
import { InvalidValue, boolean, listOf, string } from '../values/value.ts';
import type { Call, CommandBody } from '../command-line/command.ts';
import { configSource } from '../command-line/common-flags.ts';
import { noSuchServices } from '../engine/find-services.ts';
import { readTasks } from '../listing/read-tasks.ts';
import { taskRows } from '../listing/task-rows.ts';
import type { TaskRow } from '../listing/task-rows.ts';
import { listingOf } from '../listing/listing.ts';
import { showListing, watchFlag } from '../watch/show-listing.ts';
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
  flags: [filter, format, noResolve, noTrunc, quiet, watchFlag],
  exits: { done: 'the tasks were listed' },
  examples: [
    ['swarmroll ps web', 'the tasks of a service; older tasks of a slot come below the newest'],
    ['swarmroll ps --no-trunc -f desired-state=running web', 'the tasks that should run, with full errors'],
    ['swarmroll ps --watch web', 'go on: the table is redrawn when a task changes'],
    ["swarmroll ps --format 'table {{.Name}}\\t{{.Node}}' web", 'some of the columns'],
  ],
  run,
};

async function run(call: Call): Promise<number> {
  const { given, operands, world } = call;
  const onlyIds = given.get(quiet) === true;
  const showNames = given.get(noResolve) !== true;
  const asked =
    given.get(format) || (onlyIds ? '' : await configuredFormat('tasksFormat', configSource(given, world)));
  // The import takes time, and the default formats do not need it.
  const formats = asked === '' || asked === 'table' ? undefined : await import('../listing/formats.ts');
  const isTable = formats === undefined ? !onlyIds : formats.isTableFormat(asked);
  // A wrong template is an error before any request is sent.
  const print = (await formats?.readRowFormat(asked, TASK_ROWS, onlyIds)) ?? (onlyIds ? idsOf : tableOf);
  const engine = await world.engine();
  // Awaited, so that a stack trace goes on below.
  return await showListing(call, engine, async (noNames) => {
    const { tasks, services, nodes, missing, ...found } = await readTasks(engine, operands, {
      filters: given.get(filter) ?? [],
      nodeNames: showNames,
      signal: world.interrupted,
    });
    found.noNames.forEach(noNames);
    const at = (now: number): readonly TaskRow[] =>
      taskRows(tasks, {
        services: showNames ? services : new Map(),
        nodes,
        trunc: given.get(noTrunc) !== true && !onlyIds,
        isTable,
        oneLineErrors: isTable,
        now,
      });
    return {
      ...listingOf({ at, print, format: asked, isTTY: world.stdout.isTTY }),
      ...(missing.length === 0 ? {} : { error: noSuchServices(missing, engine.host) }),
    };
  });
}

function idsOf(rows: readonly TaskRow[]): string {
  return rows.map(({ ID }) => `${ID}\n`).join('');
}
