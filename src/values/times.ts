/** Times as the engine writes them, with nanoseconds. */
import { byBytes } from './text.ts';

/** Compares two times in RFC 3339 and UTC. */
export const compareTimes = (a: string, b: string): number =>
  Date.parse(a) - Date.parse(b) || byBytes(nanoseconds(a), nanoseconds(b));

/** The part of a second, as nine digits. */
export const nanoseconds = (time: string): string => (/\.(\d+)/.exec(time)?.[1] ?? '').padEnd(9, '0');
