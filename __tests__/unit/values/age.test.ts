import { expect, test } from '@jest/globals';
import { ageOf } from '../../../src/values/age.ts';

const [SECOND, MINUTE, HOUR, DAY] = [1e3, 60e3, 3600e3, 86_400e3] as const;

test.each([
  [-5 * SECOND, 'Less than a second'],
  [999, 'Less than a second'],
  [SECOND, '1 second'],
  [1999, '1 second'],
  [2 * SECOND, '2 seconds'],
  [59_999, '59 seconds'],
  [MINUTE, 'About a minute'],
  [2 * MINUTE - 1, 'About a minute'],
  [2 * MINUTE, '2 minutes'],
  [HOUR - 1, '59 minutes'],
  [HOUR, 'About an hour'],
  [1.4 * HOUR, 'About an hour'],
  [1.5 * HOUR, '2 hours'],
  [47.4 * HOUR, '47 hours'],
  [47.5 * HOUR, '2 days'],
  [13.9 * DAY, '13 days'],
  [14 * DAY, '2 weeks'],
  [59 * DAY, '8 weeks'],
  [60 * DAY, '2 months'],
  [729 * DAY, '24 months'],
  [730 * DAY, '2 years'],
  [1e18, '292 years'],
])('%d ms is "%s"', (span, words) => expect(ageOf('1970-01-01T00:00:00Z', span)).toBe(words));

test("a time that was never set has the age of Go's longest duration", () => {
  expect(ageOf(undefined, Date.now())).toBe('292 years');
  expect(ageOf('2026-01-01T00:00:00.5Z', Date.parse('2026-01-01T00:00:03.6Z'))).toBe('3 seconds');
});
