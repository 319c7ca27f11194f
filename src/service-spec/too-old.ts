/** Flags that an engine does not know yet. */
import { SwarmrollError } from '../errors.ts';
import type { Flag, Given } from '../command-line/flag.ts';

/**
 * The error for the first flag given that needs a newer API than this version; else undefined.
 * @param whose who has the version, for the message
 */
export function tooOld(
  given: Given,
  flags: readonly Flag[],
  apiVersion: string,
  whose: string,
): SwarmrollError | undefined {
  const flag = flags.find((one) => given.has(one) && !reaches(apiVersion, one.since));
  if (flag === undefined) return undefined;
  return new SwarmrollError(
    'refused',
    `--${flag.name} needs API version ${flag.since ?? ''}, but ${whose} ${apiVersion}`,
  );
}

/** Whether an API version ("1.51") is at least another. */
export function reaches(version: string, wanted: string | undefined): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = (wanted ?? '0.0').split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}
