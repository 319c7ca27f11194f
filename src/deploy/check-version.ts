/** Refuses flags that need a newer engine. */
import type { Engine } from '../engine/client.ts';
import type { Flag, Given } from '../command-line/flag.ts';
import { isApiAtLeast, unsupportedFlagError } from '../service-spec/api-version.ts';

/** The API version of the oldest supported engine, 20.10. For its flags, the engine is not asked for its version. */
export const OLDEST_API = '1.41';

/** Where the API version comes from, for the error message. */
const ENGINE = 'the engine has';
const PINNED = 'DOCKER_API_VERSION asks for';

/**
 * Checks that the engine's API has all flags that were given.
 * @throws SwarmrollError `refused`; the message names the flag, the version that it needs, and the version in use
 */
export async function checkVersion(given: Given, flags: readonly Flag[], engine: Engine): Promise<void> {
  const { pinnedApiVersion: pinned } = engine;
  if (flags.every((flag) => !given.has(flag) || isApiAtLeast(pinned ?? OLDEST_API, flag.since))) return;
  const refusal = unsupportedFlagError(
    given,
    flags,
    await engine.apiVersion(),
    pinned === undefined ? ENGINE : PINNED,
  );
  if (refusal !== undefined) throw refusal;
}
