/** swarmroll history: lists the generations of a service's task template that the swarm still keeps. */
import { EXIT_CODES, usageError } from '../errors.ts';
import type { Flag } from '../command-line/flag.ts';
import type { Call, CommandBody } from '../command-line/command.ts';
import { connectionOptions } from '../command-line/common-flags.ts';
import { output, wantsJson } from '../watch/rollout-flags.ts';
import { warnNoNames } from '../watch/warn.ts';
import { forShow } from '../engine/for-show.ts';
import { networkNames } from '../engine/lookup.ts';
import { nodeNames } from '../engine/node-names.ts';
import { readHistory } from '../generations/read.ts';
import type { History } from '../generations/read.ts';
import { HISTORY_TITLES, historyRows } from '../generations/rows.ts';
import type { HistoryRow } from '../generations/rows.ts';
import { summariesOf } from '../generations/summary.ts';
import { printRows } from '../listing/print-rows.ts';
import { drawCells } from '../render/columns.ts';
import { printable } from '../values/printable.ts';
import { boolean, string } from '../values/value.ts';
import type { World } from '../world.ts';

const format: Flag<string> = {
  name: 'format',
  type: string,
  group: 'Output',
  help: "Output format: table, 'table TEMPLATE', json, or a Go template",
  default: 'table',
};

const noTrunc: Flag<boolean> = {
  name: 'no-trunc',
  type: boolean,
  group: 'Output',
  help: 'Show changes, errors and image digests in full',
};

const quiet: Flag<boolean> = {
  name: 'quiet',
  short: 'q',
  type: boolean,
  group: 'Output',
  help: 'Show only the ids of generations',
};

const timeline: Flag<boolean> = {
  name: 'timeline',
  type: boolean,
  group: 'Output',
  help: 'Draw the tasks of each slot along time',
};

export const history: CommandBody = {
  operands: [{ kind: 'service' }],
  flags: [format, noTrunc, output, quiet, timeline],
  examples: [
    ['swarmroll history web', 'the task templates that the swarm still keeps, the newest first'],
    ['swarmroll rollback --to 3f2a web', 'restore one of them'],
    ['swarmroll history --timeline web', 'what each slot ran, and what failed'],
  ],
  run,
};

async function run({ given, operands, world }: Call): Promise<number> {
  const [ref = ''] = operands;
  const outputs = [
    ...(wantsJson(given) ? ['--output json'] : []),
    ...[format, quiet, timeline]
      .filter((flag: Flag) => Boolean(given.get(flag)))
      .map(({ name }) => `--${name}`),
  ];
  if (outputs.length > 1) throw usageError(`${outputs.slice(0, 2).join(' and ')} cannot be combined`);
  const asked = given.get(format) || 'table';
  // A wrong template is an error before any request is sent.
  const print = asked === 'table' ? tableOf : await readFormat(asked);
  const engine = await world.connect(connectionOptions(given));
  const signal = world.interrupted;
  if (given.get(timeline) === true) {
    const [found, nodes] = await Promise.all([
      readHistory(engine, ref, signal),
      forShow(engine.nodes({}, signal), warnNoNames(world)),
    ]);
    await printTimeline(world, found, nodeNames(nodes ?? []));
    return EXIT_CODES.done;
  }
  const { service, generations } = await readHistory(engine, ref, signal);
  const networks = await forShow(networkNames(engine, networkIdsOf(generations)), warnNoNames(world));
  const summaries = summariesOf(generations, networks ?? new Map<string, string>());
  if (wantsJson(given)) {
    const name = printable(service.Spec.Name ?? service.ID);
    world.stdout.write(`${JSON.stringify({ service: { id: service.ID, name }, generations: summaries })}\n`);
    return EXIT_CODES.done;
  }
  const trunc = given.get(noTrunc) !== true;
  const rows = historyRows(summaries, { trunc, now: world.clock.date().getTime() });
  printRows(world, rows, given.get(quiet) === true ? idsOf : print, asked);
  return EXIT_CODES.done;
}

/** Reads a format. The import takes time, and the default table does not need it. @throws SwarmrollError `refused` */
async function readFormat(asked: string): Promise<(rows: readonly HistoryRow[]) => string> {
  const { readRowFormat } = await import('../listing/formats.ts');
  return readRowFormat(asked, { titles: HISTORY_TITLES, shown: 'ID' });
}

function tableOf(rows: readonly HistoryRow[]): string {
  return drawCells(
    [HISTORY_TITLES, ...rows].map(({ ID, Spec, Image, Changes, Tasks, Age }) => [
      ID,
      Spec,
      Image,
      Changes,
      Tasks,
      Age,
    ]),
  );
}

const idsOf = (rows: readonly HistoryRow[]): string => rows.map(({ ID }) => `${ID}\n`).join('');

/** The networks of all generations, by their ids. */
const networkIdsOf = (generations: History['generations']): readonly string[] =>
  generations.flatMap(({ template }) => (template.Networks ?? []).map(({ Target = '' }) => Target));

/** Without a terminal, $COLUMNS sets the width. */
const DEFAULT_COLUMNS = 80;

async function printTimeline(
  { stdout, env, clock }: World,
  found: History,
  nodes: ReadonlyMap<string, string>,
): Promise<void> {
  const [{ timelineOf }, { drawTimeline }] = await Promise.all([
    import('../generations/timeline.ts'),
    import('../render/timeline.ts'),
  ]);
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  const lines = drawTimeline(timelineOf(found, nodes, clock.date().getTime()), {
    columns: stdout.columns ?? (Number(env['COLUMNS']) || DEFAULT_COLUMNS),
    unicode: /utf-?8/i.test(locale),
    colour: stdout.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
  });
  stdout.write(lines.map((line) => `${line}\n`).join(''));
}
