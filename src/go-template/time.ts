/** Go's time.Duration, in nanoseconds, and time.Time, over RFC 3339 texts in UTC as the engine sends them. */
import { formatDuration } from '../values/duration.ts';
import { exactNumber } from '../values/integer.ts';
import { nanoseconds } from '../values/times.ts';
import { textOf } from './functions.ts';
import { FLOAT64, INT, INT64, amount, method, string, takes, text, whole } from './values.ts';
import type { GoType, Value } from './values.ts';

export const DURATION: GoType = {
  kind: 'int',
  name: 'time.Duration',
  own: {
    shows: (given) => formatDuration(exactNumber(whole(given))),
    methods: {
      Hours: method(FLOAT64, (given) => amount(given) / 3600e9),
      Minutes: method(FLOAT64, (given) => amount(given) / 60e9),
      Seconds: method(FLOAT64, (given) => amount(given) / 1e9),
      Milliseconds: method(INT64, (given) => Math.trunc(amount(given) / 1e6)),
      Nanoseconds: method(INT64, ({ data }) => data),
    },
  },
};

/** The moment, or Go's zero time where the engine sent none. */
const momentOf = (given: Value): string => text(given) || '0001-01-01T00:00:00Z';
const dateOf = (given: Value): Date => new Date(momentOf(given));

export const TIME: GoType = {
  kind: 'struct',
  name: 'time.Time',
  fields: [],
  own: {
    /** "2025-01-02T03:04:05.5Z" → "2025-01-02 03:04:05.5 +0000 UTC". */
    shows: (given) => momentOf(given).replace('T', ' ').replace(/Z$/, ' +0000 UTC'),
    methods: {
      Unix: method(INT64, (given) => Math.floor(dateOf(given).getTime() / 1000)),
      Year: method(INT, (given) => dateOf(given).getUTCFullYear()),
      Format: takes(2, (given, layout) => given && string(formatTime(given, textOf(layout)))),
    },
  },
};

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** The parts of Go's reference time that a layout may hold, longest first. */
const PARTS =
  /January|Jan|Monday|Mon|MST|2006|Z07:00|-07:00|-0700|002|01|02|03|04|05|06|15|PM|pm|_2|[.,](?:0+|9+)(?!\d)|[1-5]/g;

/** A moment in a layout of Go's ("2006-01-02 15:04"). */
function formatTime(given: Value, layout: string): string {
  const date = dateOf(given);
  const [year = '', month = '', day = '', hour = '', minute = '', second = ''] = date
    .toISOString()
    .split(/\D/);
  const [monthName = '', weekday = ''] = [MONTHS[date.getUTCMonth()], DAYS[date.getUTCDay()]];
  const yearDay = (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000;
  const parts: Readonly<Record<string, string>> = {
    ...{ January: monthName, Jan: monthName.slice(0, 3), Monday: weekday, Mon: weekday.slice(0, 3) },
    ...{ '2006': year, '06': year.slice(2), '01': month, '02': day, '15': hour, '04': minute, '05': second },
    '002': String(Math.floor(yearDay) + 1).padStart(3, '0'),
    '03': String(Number(hour) % 12 || 12).padStart(2, '0'),
    _2: day.replace(/^0/, ' '),
    ...(Number(hour) < 12 ? { PM: 'AM', pm: 'am' } : { PM: 'PM', pm: 'pm' }),
    ...{ MST: 'UTC', 'Z07:00': 'Z', '-07:00': '+00:00', '-0700': '+0000' },
  };
  return layout.replace(PARTS, (part) => {
    if (/^\d$/.test(part)) return (parts[`0${part}`] ?? part).replace(/^0/, '');
    if (!/^[.,]/.test(part)) return parts[part] ?? part;
    const digits = nanoseconds(momentOf(given)).slice(0, part.length - 1);
    const shown = part.endsWith('9') ? digits.replace(/0+$/, '') : digits;
    return shown === '' ? '' : part.charAt(0) + shown;
  });
}
