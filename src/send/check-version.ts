/** Refuses what needs a newer version of the API. */
import { SwarmrollError } from '../errors.ts';
import type { ServiceSpec } from '../api/service.ts';
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

/**
 * Checks that the engine stores the whole spec. With an older DOCKER_API_VERSION it drops fields without a word: a change of a
 * label then takes the capabilities away and replaces every task (docker 28 does that, seen on 28.5).
 * @throws SwarmrollError `refused`; the message names the fields
 */
export async function checkStorable({ pinnedApiVersion: pinned }: Engine, spec: ServiceSpec): Promise<void> {
  if (pinned === undefined) return;
  const { droppedFields } = await import('../service-spec/dropped-fields.ts');
  const dropped = droppedFields(spec, pinned);
  if (dropped.length === 0) return;
  const names = dropped.map(({ name, since }) => `${name} (${since})`);
  const newest = dropped.map(({ since }) => since).reduce((a, b) => (isApiAtLeast(a, b) ? a : b));
  throw new SwarmrollError(
    'refused',
    `${PINNED} ${pinned}, and the engine would drop what needs a newer API version: ${names.join(', ')}; nothing was sent`,
    { hint: `set DOCKER_API_VERSION to ${newest} or a newer version, or unset it` },
  );
}
