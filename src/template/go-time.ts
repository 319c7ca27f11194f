/** Go's time.Duration, in nanoseconds, and time.Time, over RFC 3339 texts in UTC as the engine sends them. */
import { formatDuration } from '../values/duration.ts';
import { exactNumber } from '../values/integer.ts';
import { FLOAT64, INT, INT64, amount, string, text, value, whole } from './go-types.ts';
import type { Scalar, Struct, Value } from './go-types.ts';

function goDuration(given: Value): string {
  return formatDuration(exactNumber(whole(given)));
}

export const DURATION: Scalar = {
  kind: 'int',
  name: 'time.Duration',
  own: {
    shows: goDuration,
    methods: {
      String: { takes: 0, call: (given) => string(goDuration(given)) },
      Hours: { takes: 0, call: (given) => value(FLOAT64, amount(given) / 3600e9) },
      Minutes: { takes: 0, call: (given) => value(FLOAT64, amount(given) / 60e9) },
      Seconds: { takes: 0, call: (given) => value(FLOAT64, amount(given) / 1e9) },
      Milliseconds: { takes: 0, call: (given) => value(INT64, Math.trunc(amount(given) / 1e6)) },
      Microseconds: { takes: 0, call: (given) => value(INT64, Math.trunc(amount(given) / 1e3)) },
      Nanoseconds: { takes: 0, call: (given) => value(INT64, given.data) },
    },
  },
};

const ZERO = '0001-01-01T00:00:00Z';
const or = (moment: string): string => (moment === '' ? ZERO : moment);
const date = (moment: string): Date => new Date(or(moment));
const seconds = (moment: string): number => Math.floor(date(moment).getTime() / 1000);

/** "2025-01-02T03:04:05.5Z" → "2025-01-02 03:04:05.5 +0000 UTC". */
function goTime(moment: string): string {
  return or(moment).replace('T', ' ').replace(/Z$/, ' +0000 UTC');
}

export const TIME: Struct = {
  kind: 'struct',
  name: 'time.Time',
  fields: [],
  own: {
    shows: (given) => goTime(text(given)),
    methods: {
      String: { takes: 0, call: (given) => string(goTime(text(given))) },
      UTC: { takes: 0, call: (given) => given },
      Unix: { takes: 0, call: (given) => value(INT64, seconds(text(given))) },
      Year: { takes: 0, call: (given) => value(INT, date(text(given)).getUTCFullYear()) },
      Day: { takes: 0, call: (given) => value(INT, date(text(given)).getUTCDate()) },
      Hour: { takes: 0, call: (given) => value(INT, date(text(given)).getUTCHours()) },
      Minute: { takes: 0, call: (given) => value(INT, date(text(given)).getUTCMinutes()) },
      Second: { takes: 0, call: (given) => value(INT, date(text(given)).getUTCSeconds()) },
      Format: { takes: 1, call: (given, layout) => string(formatTime(text(given), layout)) },
    },
  },
};

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** The parts of Go's reference time that a layout may hold, longest first. */
const PARTS =
  /January|Jan|Monday|Mon|MST|2006|Z07:00|-07:00|-0700|002|01|02|03|04|05|06|15|PM|pm|_2|[.,](?:0+|9+)(?!\d)|1|2|3|4|5/g;

/** A moment by a layout of Go's ("2006-01-02 15:04"). */
function formatTime(moment: string, layout: string): string {
  const at = date(moment);
  const two = (part: number): string => String(part).padStart(2, '0');
  const month = MONTHS[at.getUTCMonth()] ?? '';
  const day = DAYS[at.getUTCDay()] ?? '';
  const hour = at.getUTCHours() % 12 || 12;
  const yearDay = Math.floor((at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
  const nanoseconds = (/\.(\d+)/.exec(moment)?.[1] ?? '').padEnd(9, '0');
  const parts: Readonly<Record<string, string>> = {
    January: month,
    Jan: month.slice(0, 3),
    Monday: day,
    Mon: day.slice(0, 3),
    MST: 'UTC',
    '2006': String(at.getUTCFullYear()).padStart(4, '0'),
    '06': two(at.getUTCFullYear() % 100),
    'Z07:00': 'Z',
    '-07:00': '+00:00',
    '-0700': '+0000',
    '002': String(yearDay).padStart(3, '0'),
    '01': two(at.getUTCMonth() + 1),
    '02': two(at.getUTCDate()),
    '03': two(hour),
    '04': two(at.getUTCMinutes()),
    '05': two(at.getUTCSeconds()),
    '15': two(at.getUTCHours()),
    PM: at.getUTCHours() < 12 ? 'AM' : 'PM',
    pm: at.getUTCHours() < 12 ? 'am' : 'pm',
    _2: String(at.getUTCDate()).padStart(2),
    '1': String(at.getUTCMonth() + 1),
    '2': String(at.getUTCDate()),
    '3': String(hour),
    '4': String(at.getUTCMinutes()),
    '5': String(at.getUTCSeconds()),
  };
  return layout.replace(PARTS, (part) => {
    if (!/^[.,]/.test(part)) return parts[part] ?? part;
    const digits = nanoseconds.slice(0, part.length - 1);
    const shown = part.endsWith('9') ? digits.replace(/0+$/, '') : digits;
    return shown === '' ? '' : part.charAt(0) + shown;
  });
}
