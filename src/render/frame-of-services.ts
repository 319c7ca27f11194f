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
 * A headline and a line for each service. Below a service that is not done its slots follow as far as the height allows:
 * those that fail first.
 */
function frameOfMany(services: readonly ServiceView[], { columns, rows }: Size): string[] {
  const done = services.filter(({ view }) => view.isOver);
  const headline = cut(
    `overall progress: ${done.length} out of ${services.length} services`,
    columns - SYMBOL,
  );
  // A line each for the headline and for the cursor below the frame.
  const room = Math.max(1, rows - 2);
  const shown = shownServices(services, room);
  const left = room - shown.length - (shown.length < services.length ? 1 : 0);
  const slots = shownSlots(shown, left);
  const name = Math.min(LONGEST_NAME, Math.floor(columns / 3), widest(shown.map((one) => one.name)));
  const count = widest(shown.map(countOf));
  const lines = shown.flatMap((service) => [
    serviceLine(service, { name, count, columns }),
    ...slotLines(slots.get(service) ?? [], columns - INDENT).map((line) => ' '.repeat(INDENT) + line),
  ]);
  const hidden = services.length - shown.length;
  return [headline, ...lines, ...(hidden === 0 ? [] : [cut(`... and ${hidden} more services`, columns)])];
}

/** As many services as there is room for: those that are not done before those that are, each in the given order. */
function shownServices(services: readonly ServiceView[], room: number): readonly ServiceView[] {
  if (services.length <= room) return services;
  const byNeed = [...services].sort((a, b) => needOf(b) - needOf(a)).slice(0, Math.max(0, room - 1));
  return services.filter((service) => byNeed.includes(service));
}

function needOf({ view }: ServiceView): number {
  if (view.isOver) return view.verdict === 'converged' ? 0 : 2;
  return view.rows.some(({ failing }) => failing) ? 3 : 1;
}

/** The slots that are shown of each service: first all that fail, then the others of the services that are not done. */
function shownSlots(
  services: readonly ServiceView[],
  room: number,
): ReadonlyMap<ServiceView, readonly Row[]> {
  const open = services.filter(({ view }) => !view.isOver || view.verdict !== 'converged');
  let left = room;
  const chosen = new Set<Row>();
  const take = (rows: readonly Row[]): void => {
    for (const row of rows.slice(0, Math.max(0, left))) chosen.add(row);
    left = room - chosen.size;
  };
  for (const { view } of open) take(view.rows.filter((row) => row.failing));
  for (const { view } of open) {
    const others = view.rows.filter((row) => !row.failing);
    // All of them or none: some would look like all.
    if (!view.isOver && others.length <= left) take(others);
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
  const bar = Math.min(LONGEST_BAR, columns - stringWidth(head) - 1);
  const progress = view.wanted === 0 ? 0 : view.done / view.wanted;
  const drawn = bar < SHORTEST_BAR ? '' : ` ${barOf(progress, bar)}`;
  return cut(`${head}${drawn}${view.footer === '' ? '' : `  ${view.footer}`}`, columns).trimEnd();
}

const widest = (texts: readonly string[]): number =>
  texts.reduce((width, text) => Math.max(width, stringWidth(text)), 0);
