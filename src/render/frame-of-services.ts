/** The terminal's picture of one service, or of several at the same time. */
import stringWidth from 'string-width';
import type { Row } from '../rollout/view.ts';
import { barOf, cut, frame, pad, slotLines } from './frame.ts';
import type { Size } from './frame.ts';
import type { ServiceView } from './progress.ts';

/** The lines of the frame. None is wider than the terminal, and there are no more than it has rows. */
export function frameOf(services: readonly ServiceView[], size: Size): string[] {
  const [first, ...others] = services;
  if (first === undefined) return [];
  return others.length === 0 ? frame(first.view, size) : frameOfMany(services, size);
}

/** Columns of the symbol before the headline, and of the indent of slots. */
const SYMBOL = 2;
const INDENT = 2;
const LONGEST_NAME = 30;
const LONGEST_BAR = 32;
const SHORTEST_BAR = 8;

/**
 * A headline, a line for each service, and below a service that is not done its slots. Where the height is not enough, the
 * services that have converged become one line, and what fails is shown first.
 */
function frameOfMany(services: readonly ServiceView[], { columns, rows }: Size): string[] {
  const converged = services.filter(({ view }) => view.verdict === 'converged');
  const over = services.filter(({ view }) => view.isOver);
  const headline = cut(
    `overall progress: ${over.length} out of ${services.length} services`,
    columns - SYMBOL,
  );
  // A line each for the headline and for the cursor below the frame.
  const room = Math.max(1, rows - 2);
  const fits = services.length + failingRows(services).length <= room;
  const listed = fits ? services : services.filter((service) => !converged.includes(service));
  const summary = fits || converged.length === 0 ? [] : [`${converged.length} services converged`];
  const shown = shownServices(listed, room - summary.length);
  const hidden = listed.length - shown.length;
  const more = hidden === 0 ? [] : [`... and ${hidden} more services`];
  const slots = shownSlots(shown, room - summary.length - more.length - shown.length);
  const name = Math.min(Math.floor(columns / 3), LONGEST_NAME, widest(shown.map((one) => one.name)));
  const count = widest(shown.map(countOf));
  const lines = shown.flatMap((service) => [
    serviceLine(service, { name, count, columns }),
    ...slotLines(slots.get(service) ?? [], columns - INDENT).map((line) => ' '.repeat(INDENT) + line),
  ]);
  return [headline, ...lines, ...[...more, ...summary].map((line) => cut(line, columns))];
}

const failingRows = (services: readonly ServiceView[]): readonly Row[] =>
  services.flatMap(({ view }) =>
    view.verdict === 'converged' ? [] : view.rows.filter((row) => row.failing),
  );

/** As many services as there is room for, those that fail first, with a line for one slot that fails. */
function shownServices(services: readonly ServiceView[], room: number): readonly ServiceView[] {
  const linesOf = (service: ServiceView): number => 1 + Math.min(1, failingRows([service]).length);
  const all = services.reduce((sum, service) => sum + linesOf(service), 0);
  // A line says how many are not shown.
  let left = all <= room ? room : room - 1;
  const chosen = new Set<ServiceView>();
  for (const service of [...services].sort((a, b) => failingRows([b]).length - failingRows([a]).length)) {
    if (linesOf(service) > left) break;
    chosen.add(service);
    left -= linesOf(service);
  }
  return services.filter((service) => chosen.has(service));
}

/** The slots that are shown of each service: one that fails of each, then all that fail, then the others. */
function shownSlots(
  services: readonly ServiceView[],
  room: number,
): ReadonlyMap<ServiceView, readonly Row[]> {
  const chosen = new Set<Row>();
  const take = (rows: readonly Row[]): void => {
    for (const row of rows) if (chosen.size < room) chosen.add(row);
  };
  for (const service of services) take(failingRows([service]).slice(0, 1));
  take(failingRows(services));
  for (const { view } of services) {
    // All the others of a service or none: some would look like all.
    if (!view.isOver && view.rows.length <= room - chosen.size) take(view.rows);
  }
  return new Map(services.map((service) => [service, service.view.rows.filter((row) => chosen.has(row))]));
}

const countOf = ({ view }: ServiceView): string => `${view.done}/${view.wanted}`;

/** "web  3/5 [=====>    ]  verify: Waiting 3 seconds ..." or "web  5/5 converged". */
function serviceLine(
  service: ServiceView,
  { name, count, columns }: { readonly name: number; readonly count: number; readonly columns: number },
): string {
  const { view } = service;
  const head = `${pad(cut(service.name, name), name)} ${countOf(service).padStart(count)}`;
  if (view.isOver) return cut(`${head} ${view.verdict}`, columns);
  // The words after the bar are worth more than a long bar.
  const words = Math.min(stringWidth(view.footer) + 2, Math.floor(columns / 2));
  const bar = Math.min(LONGEST_BAR, columns - stringWidth(head) - 1 - (view.footer === '' ? 0 : words));
  const progress = view.wanted === 0 ? 0 : view.done / view.wanted;
  const drawn = bar < SHORTEST_BAR ? '' : ` ${barOf(progress, bar)}`;
  return cut(`${head}${drawn}${view.footer === '' ? '' : `  ${view.footer}`}`, columns).trimEnd();
}

const widest = (texts: readonly string[]): number =>
  texts.reduce((width, text) => Math.max(width, stringWidth(text)), 0);
