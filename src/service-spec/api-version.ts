/** The API versions that flags need. */
import { SwarmrollError } from '../errors.ts';
import type { Flag, Given } from '../command-line/flag.ts';

/**
 * Makes the error for the first given flag that needs a newer API version; undefined if there is none.
 * @param flags the flags of the command
 * @param apiVersion the version that requests use ("1.51")
 * @param versionSource the words before the version in the message ("the engine has")
 */
export function unsupportedFlagError(
  given: Given,
  flags: readonly Flag[],
  apiVersion: string,
  versionSource: string,
): SwarmrollError | undefined {
  const flag = flags.find((candidate) => given.has(candidate) && !isApiAtLeast(apiVersion, candidate.since));
  if (flag === undefined) return undefined;
  return new SwarmrollError(
    'refused',
    `--${flag.name} needs API version ${flag.since ?? ''}, but ${versionSource} ${apiVersion}`,
  );
}

/**
 * Whether an API version is the same as another one or newer.
 * @param version a version such as "1.51"
 * @param minimum undefined is every version
 */
export function isApiAtLeast(version: string, minimum: string | undefined): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [minimumMajor = 0, minimumMinor = 0] = (minimum ?? '0.0').split('.').map(Number);
  return major > minimumMajor || (major === minimumMajor && minor >= minimumMinor);
}
