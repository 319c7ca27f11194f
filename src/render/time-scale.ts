/** Maps times to columns of a terminal. Long times in which nothing happens are cut, so that rollouts stay visible. */

export interface TimeScale {
  /** The column of a time, from 0. */
  readonly column: (time: number) => number;
  /** The columns in the middle of a cut. */
  readonly cuts: readonly number[];
  /** The times to name on the axis, the most important ones first. */
  readonly ticks: readonly number[];
}

interface Interval {
  readonly from: number;
  readonly until: number;
  isCut: boolean;
}

/** A quiet time is cut if it would take more than this part of the columns. */
const MAX_QUIET = 0.8;
/** The columns of a cut. */
const CUT = 5;
/** The smallest distance of two regular ticks, in columns. */
const TICK = 12;

const [SECOND, MINUTE, HOUR, DAY] = [1e3, 60e3, 3600e3, 86400e3];
const STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((count) => count * DAY),
];

/**
 * Makes the scale of a timeline.
 * @param times when something happened, and the present; milliseconds since the epoch
 * @param columns 1 or more
 */
export function timeScale(times: readonly number[], columns: number): TimeScale {
  const sorted = [...new Set(times)].sort((a, b) => a - b);
  const [start = 0] = sorted;
  const now = sorted.at(-1) ?? start;
  const intervals = sorted
    .slice(1)
    .map((until, index) => ({ from: sorted[index] ?? until, until, isCut: false }));
  const shown = cutQuietTimes(intervals, Math.floor(columns / (4 * CUT)));
  const cuts = intervals.filter(({ isCut }) => isCut);
  const perMs = shown === 0 ? 0 : Math.max(0, columns - 1 - cuts.length * CUT) / shown;

  const position = (time: number): number => {
    let at = 0;
    for (const { from, until, isCut } of intervals) {
      const part = Math.min(Math.max(time - from, 0), until - from);
      at += isCut ? (CUT * part) / (until - from) : part * perMs;
    }
    return at;
  };
  const step = STEPS.find((length) => length * perMs >= TICK) ?? Infinity;
  const regular = perMs === 0 ? [] : multiples(step, now - start).map((age) => now - age);
  const isShown = (time: number): boolean => !cuts.some(({ from, until }) => time > from && time < until);
  return {
    column: (time) => Math.round(position(time)),
    cuts: cuts.map(({ from, until }) => Math.round(position((from + until) / 2))),
    ticks: [start, now, ...cuts.map(({ until }) => until), ...regular.filter(isShown)],
  };
}

/** Cuts the longest intervals. @returns the sum of the others, in milliseconds */
function cutQuietTimes(intervals: readonly Interval[], maxCuts: number): number {
  const longestFirst = [...intervals].sort((a, b) => b.until - b.from - (a.until - a.from));
  let rest = longestFirst.reduce((sum, { from, until }) => sum + until - from, 0);
  for (const interval of longestFirst.slice(0, Math.min(maxCuts, intervals.length - 1))) {
    const length = interval.until - interval.from;
    if (length <= MAX_QUIET * rest) break;
    interval.isCut = true;
    rest -= length;
  }
  return rest;
}

function multiples(step: number, most: number): number[] {
  return Array.from({ length: Math.min(100, Math.floor(most / step)) }, (_, index) => (index + 1) * step);
}

/** A short text for an age: "45s", "8m12s", "3h5m", "2d4h". */
export function shortAge(milliseconds: number): string {
  const seconds = Math.round(milliseconds / SECOND);
  const units = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'm'],
    [SECOND, 's'],
  ] as const;
  const first = units.findIndex(([length]) => seconds * SECOND >= length);
  if (first < 0) return '0s';
  let rest = seconds * SECOND;
  return units
    .slice(first, first + 2)
    .map(([length, name]) => {
      const count = Math.floor(rest / length);
      rest -= count * length;
      return count === 0 ? '' : `${count}${name}`;
    })
    .join('');
}
