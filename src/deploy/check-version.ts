/** Refuses flags that the engine is too old for. */
import type { Engine } from '../engine/client.ts';
import type { Flag, Given } from '../command-line/flag.ts';
import { isApiAtLeast, unsupportedFlagError } from '../service-spec/api-version.ts';

/** The API of the oldest engine that is supported, 20.10: what it has is not asked for. */
export const OLDEST = '1.41';

/** Whose version it is, for the refusal. */
const ENGINE = 'the engine has';
const PINNED = 'DOCKER_API_VERSION asks for';

/** @throws SwarmrollError `refused` that names the flag, the version that it needs and the one that is spoken */
export async function checkVersion(given: Given, flags: readonly Flag[], engine: Engine): Promise<void> {
  const { pinnedApiVersion: pinned } = engine;
  if (flags.every((flag) => !given.has(flag) || isApiAtLeast(pinned ?? OLDEST, flag.since))) return;
  const refusal = unsupportedFlagError(
    given,
    flags,
    await engine.apiVersion(),
    pinned === undefined ? ENGINE : PINNED,
  );
  if (refusal !== undefined) throw refusal;
}
