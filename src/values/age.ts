/** The age of a moment as docker prints it: "5 minutes", "About an hour". */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Go's longest time.Duration (2^63 nanoseconds), in milliseconds. docker shows it for a time that was never set. */
const LONGEST = 2 ** 63 / 1e6;

/**
 * Writes the time between a moment and now in words, as docker/go-units duration.go HumanDuration does. A moment in the future
 * is "Less than a second".
 * @param moment an RFC 3339 time; undefined counts as Go's zero time (year 1)
 * @param now milliseconds since the Unix epoch
 */
export function ageOf(moment: string | undefined, now: number): string {
  const span = Math.min(now - Date.parse(moment ?? '0001-01-01T00:00:00Z'), LONGEST);
  const seconds = Math.trunc(span / SECOND);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(span / MINUTE);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(span / HOUR);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  const days = Math.trunc(hours / 24);
  if (days < 14) return `${days} days`;
  if (days < 60) return `${Math.trunc(days / 7)} weeks`;
  if (days < 730) return `${Math.trunc(days / 30)} months`;
  return `${Math.trunc(Math.trunc(span / HOUR) / 24 / 365)} years`;
}
