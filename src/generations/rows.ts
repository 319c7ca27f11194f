/** The rows of `history`. Pure. */
import { tagOf } from '../rollout/image.ts';
import type { Difference } from '../service-spec/planned.ts';
import { ageOf } from '../values/age.ts';
import { groupBy } from '../values/group-by.ts';
import { shortImage } from '../values/reference.ts';
import { ellipsis } from '../values/width.ts';
import type { Summary, TaskGroup } from './summary.ts';

/** The titles of the columns, in order, by the names that --format uses. The default table leaves out the last one. */
export const HISTORY_TITLES = {
  ID: 'ID',
  Spec: 'SPEC',
  Image: 'IMAGE',
  Changes: 'CHANGES',
  Tasks: 'TASKS',
  Age: 'AGE',
  CreatedAt: 'CREATED AT',
};

export type HistoryRow = Readonly<Record<keyof typeof HISTORY_TITLES, string>>;

const MAX_CHANGES = 50;
const MAX_ERROR = 30;
/** What a cell shows if nothing is known. */
const UNKNOWN = '-';

/**
 * The rows of a history.
 * @param trunc whether to truncate changes and errors, and to leave out digests
 * @param now milliseconds since the epoch
 */
export function historyRows(
  summaries: readonly Summary[],
  { trunc, now }: { readonly trunc: boolean; readonly now: number },
): HistoryRow[] {
  return summaries.map(({ id, image, current, previous, changes, tasks, createdAt }) => ({
    ID: id,
    Spec: [...(current ? ['current'] : []), ...(previous ? ['previous'] : [])].join(', '),
    Image: trunc ? shortImage(image) : image,
    Changes: trunc ? ellipsis(changesText(changes, trunc), MAX_CHANGES) : changesText(changes, trunc),
    Tasks: tasksText(tasks, trunc),
    Age: createdAt === null ? UNKNOWN : ageOf(createdAt, now),
    CreatedAt: createdAt ?? UNKNOWN,
  }));
}

function changesText(changes: Summary['changes'], trunc: boolean): string {
  if (changes === null) return UNKNOWN;
  // The engine runs a job again after every update of its service (seen on 20.10 and 28.5).
  if (changes.length === 0) return 'runs again';
  // The counter of --force matters only if nothing else has changed.
  const others = changes.filter(({ field }) => field !== 'force');
  return (others.length > 0 ? others : changes)
    .map((one) => differenceText(trunc && one.field === 'image' ? withShortImages(one) : one))
    .join(', ');
}

/** "image ping:1.0 → ping:1.1", "+env A 1", "-env A 1". */
function differenceText({ field, before, after }: Difference): string {
  if (before === undefined) return `+${field} ${after ?? ''}`.trimEnd();
  if (after === undefined) return `-${field} ${before}`.trimEnd();
  return `${field} ${before} → ${after}`;
}

/** The last parts of the images' names or, if only the digests differ, the start of these. */
function withShortImages({ field, before = '', after = '' }: Difference): Difference {
  const [was, is] = [tagOf(before), tagOf(after)];
  if (was !== is) return { field, before: was, after: is };
  const digest = (image: string): string => /@sha256:([0-9a-f]{12})/.exec(image)?.[1] ?? image;
  return { field, before: `${was} (${digest(before)})`, after: `(${digest(after)})` };
}

/** The words for states in which the engine's word is not plain English. */
const WORDS: Readonly<Record<string, string>> = { shutdown: 'shut down', remove: 'being removed' };

/** "2 running, 3 failed "task: non-zero exit (3)"". Truncated, it has one error for each state. */
function tasksText(groups: readonly TaskGroup[], trunc: boolean): string {
  if (groups.length === 0) return 'none';
  const shown = trunc ? byState(groups) : groups;
  return shown
    .map(({ state, count, error }) => {
      const text = `${count} ${WORDS[state] ?? state}`;
      return error === undefined ? text : `${text} "${trunc ? ellipsis(error, MAX_ERROR) : error}"`;
    })
    .join(', ');
}

/** One group for each state, with the newest error. */
const byState = (groups: readonly TaskGroup[]): TaskGroup[] =>
  [...groupBy(groups, ({ state }) => state).values()].map((same) => ({
    ...same[0],
    count: same.reduce((sum, { count }) => sum + count, 0),
  }));
