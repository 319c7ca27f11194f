/** swarmroll history: lists the generations of a service's task template that the swarm still keeps. */
import { usageError } from '../errors.ts';
import type { Flag } from '../command-line/flag.ts';
import type { Call, CommandBody } from '../command-line/command.ts';
import { output, wantsJson } from '../watch/rollout-flags.ts';
import { showListing, watchFlag } from '../watch/show-listing.ts';
import { forShow } from '../engine/for-show.ts';
import { networkNames } from '../engine/lookup.ts';
import { nodeNames } from '../engine/node-names.ts';
import { readHistory } from '../generations/read.ts';
import type { History } from '../generations/read.ts';
import { HISTORY_TITLES, historyRows } from '../generations/rows.ts';
import type { HistoryRow } from '../generations/rows.ts';
import { summariesOf } from '../generations/summary.ts';
import { listingOf, wholeListing } from '../listing/listing.ts';
import type { Listing } from '../listing/listing.ts';
import { drawCells } from '../render/columns.ts';
import { showsColour } from '../values/colour.ts';
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
  flags: [format, noTrunc, output, quiet, timeline, watchFlag],
  exits: { done: 'the task templates were listed' },
  examples: [
    ['swarmroll history web', 'the task templates that the swarm still keeps, the newest first'],
    ['swarmroll rollback --to 3f2a web', 'roll back to one of them'],
    ['swarmroll history --timeline web', 'what each slot ran, and what failed'],
  ],
  run,
};

async function run(call: Call): Promise<number> {
  const { given, operands, world } = call;
  const [ref = ''] = operands;
  const outputs = [
    ...(wantsJson(given) ? ['--output json'] : []),
    ...[format, quiet, timeline]
      .filter((flag: Flag) => Boolean(given.get(flag)))
      .map(({ name }) => `--${name}`),
  ];
  if (outputs.length > 1) throw usageError(`${outputs.slice(0, 2).join(' and ')} cannot be combined`);
  const asked = given.get(format) || 'table';
  // A wrong template is an error before any request is sent. The default table does not need the import, which takes time.
  const formats = asked === 'table' ? undefined : await import('../listing/formats.ts');
  const print = (await formats?.readRowFormat(asked, { titles: HISTORY_TITLES, shown: 'ID' })) ?? tableOf;
  const engine = await world.engine();
  const signal = world.interrupted;
  const { isTTY } = world.stdout;
  // Awaited, so that a stack trace goes on below.
  return await showListing(call, engine, async (noNames) => {
    if (given.get(timeline) === true) {
      const [found, nodes] = await Promise.all([
        readHistory(engine, ref, signal),
        forShow(engine.nodes({}, signal), noNames),
      ]);
      return wholeListing(await timelineText(world, found, nodeNames(nodes ?? [])));
    }
    const { service, generations } = await readHistory(engine, ref, signal);
    const networks = await forShow(networkNames(engine, networkIdsOf(generations)), noNames);
    const summaries = summariesOf(generations, networks ?? new Map<string, string>());
    if (wantsJson(given)) {
      const name = printable(service.Spec.Name ?? service.ID);
      const text = `${JSON.stringify({ service: { id: service.ID, name }, generations: summaries })}\n`;
      return wholeListing(() => text);
    }
    const trunc = given.get(noTrunc) !== true;
    const at = (now: number): readonly HistoryRow[] => historyRows(summaries, { trunc, now });
    return listingOf({ at, print: given.get(quiet) === true ? idsOf : print, format: asked, isTTY });
  });
}

function tableOf(rows: readonly HistoryRow[]): string {
  return drawCells(
    [HISTORY_TITLES, ...rows].map(({ ID, Spec, Image, Changes, Tasks, Age }) => [
      ...[ID, Spec, Image, Changes, Tasks, Age],
    ]),
  );
}

const idsOf = (rows: readonly HistoryRow[]): string => rows.map(({ ID }) => `${ID}\n`).join('');

const networkIdsOf = (generations: History['generations']): readonly string[] =>
  generations.flatMap(({ template }) => (template.Networks ?? []).map(({ Target = '' }) => Target));

/** Without a terminal, $COLUMNS sets the width. */
const DEFAULT_COLUMNS = 80;

/** Gives the text of the timeline at a time, for a width. */
async function timelineText(
  { stdout, env }: World,
  found: History,
  nodes: ReadonlyMap<string, string>,
): Promise<Listing['whole']> {
  const [{ timelineOf }, { drawTimeline }] = await Promise.all([
    import('../generations/timeline.ts'),
    import('../render/timeline.ts'),
  ]);
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  const style = { unicode: /utf-?8/i.test(locale), colour: showsColour(env, stdout.isTTY) };
  const all = (): number => stdout.columns ?? (Number(env['COLUMNS']) || DEFAULT_COLUMNS);
  return (now, columns = all()) =>
    drawTimeline(timelineOf(found, nodes, now), { ...style, columns })
      .map((line) => `${line}\n`)
      .join('');
}
