/** The frame on a terminal for one service, or for several services at the same time. */
import stringWidth from 'string-width';
import type { Row } from '../rollout/view.ts';
import { barOf, frameOfService, pad, slotLines, truncate, widest } from './frame.ts';
import type { Size } from './frame.ts';
import type { ServiceView } from './progress.ts';

/** The lines of the frame. No line is wider than the terminal, and there are fewer lines than it has rows. */
export function frameOf(services: readonly ServiceView[], size: Size): string[] {
  const [first, ...others] = services;
  if (first === undefined) return [];
  return others.length === 0 ? frameOfService(first.view, size) : frameOfMany(services, size);
}

/** The width of the symbol before the headline, in columns. */
const SYMBOL = 2;
/** The indent of slots, in columns. */
const INDENT = 2;
const MAX_NAME = 30;
const MAX_BAR = 32;
const MIN_BAR = 8;

/**
 * A headline, a line for each service and, below it, its slots until it has a verdict. If the terminal has too few rows,
 * one line counts the services that have converged, and failing services and slots are shown first.
 */
function frameOfMany(services: readonly ServiceView[], { columns, rows }: Size): string[] {
  const converged = services.filter(({ view }) => view.verdict === 'converged');
  const headline = truncate(
    `overall progress: ${converged.length} out of ${services.length} services`,
    columns - SYMBOL,
  );
  // The headline takes one row, and the cursor below the frame another.
  const height = Math.max(1, rows - 2);
  const fits = services.length + failingRows(services).length <= height;
  const listed = fits ? services : services.filter((service) => !converged.includes(service));
  const summary = fits || converged.length === 0 ? [] : [`${converged.length} services converged`];
  const shown = shownServices(listed, height - summary.length);
  const hidden = listed.length - shown.length;
  const more = hidden === 0 ? [] : [`... and ${hidden} more services`];
  const slots = shownSlots(shown, height - summary.length - more.length - shown.length);
  const name = Math.min(Math.floor(columns / 3), MAX_NAME, widest(shown.map((one) => one.name)));
  const count = widest(shown.map(countOf));
  const lines = shown.flatMap((service) => [
    serviceLine(service, { name, count, columns }),
    ...slotLines(slots.get(service) ?? [], columns - INDENT).map((line) => ' '.repeat(INDENT) + line),
  ]);
  return [headline, ...lines, ...[...more, ...summary].map((line) => truncate(line, columns))];
}

const failingRows = (services: readonly ServiceView[]): readonly Row[] =>
  services.flatMap(({ view }) =>
    view.verdict === 'converged' ? [] : view.rows.filter((row) => row.failing),
  );

/**
 * The services that fit into so many lines, in their order. Failing services are chosen first; each has a second line,
 * for one failing slot.
 */
function shownServices(services: readonly ServiceView[], height: number): readonly ServiceView[] {
  const linesOf = (service: ServiceView): number => 1 + Math.min(1, failingRows([service]).length);
  const all = services.reduce((sum, service) => sum + linesOf(service), 0);
  // One line counts the services that are not shown.
  let left = all <= height ? height : height - 1;
  const chosen = new Set<ServiceView>();
  for (const service of [...services].sort((a, b) => failingRows([b]).length - failingRows([a]).length)) {
    if (linesOf(service) > left) break;
    chosen.add(service);
    left -= linesOf(service);
  }
  return services.filter((service) => chosen.has(service));
}

/**
 * The slots to show of each service, at most `height` in all. They are chosen in this order: one failing slot of each
 * service, all failing slots, the other slots.
 */
function shownSlots(
  services: readonly ServiceView[],
  height: number,
): ReadonlyMap<ServiceView, readonly Row[]> {
  const chosen = new Set<Row>();
  const take = (rows: readonly Row[]): void => {
    for (const row of rows) if (chosen.size < height) chosen.add(row);
  };
  for (const service of services) take(failingRows([service]).slice(0, 1));
  take(failingRows(services));
  for (const { view } of services) {
    // Either all other slots of a service are shown or none: a part would look like all of them.
    if (!view.isOver && view.rows.length <= height - chosen.size) take(view.rows);
  }
  return new Map(services.map((service) => [service, service.view.rows.filter((row) => chosen.has(row))]));
}

/** "3/5"; "-" where no task is wanted, as before a service is sent. */
const countOf = ({ view }: ServiceView): string => (view.wanted === 0 ? '-' : `${view.done}/${view.wanted}`);

/** "web  3/5 [=====>    ]  verify: Waiting 3 seconds ..." or "web  5/5 converged". */
function serviceLine(
  service: ServiceView,
  { name, count, columns }: { readonly name: number; readonly count: number; readonly columns: number },
): string {
  const { view } = service;
  const head = `${pad(truncate(service.name, name), name)} ${countOf(service).padStart(count)}`;
  if (view.isOver) return truncate(`${head} ${view.verdict}`, columns);
  // The footer is more important than a long bar: it gets up to half of the line.
  const footer = Math.min(stringWidth(view.footer) + 2, Math.floor(columns / 2));
  const bar = Math.min(MAX_BAR, columns - stringWidth(head) - 1 - (view.footer === '' ? 0 : footer));
  const drawn = bar < MIN_BAR || view.wanted === 0 ? '' : ` ${barOf(view.done / view.wanted, bar)}`;
  return truncate(`${head}${drawn}${view.footer === '' ? '' : `  ${view.footer}`}`, columns).trimEnd();
}
