/** The flags of create and update for the image's registry. */
import type { Engine } from '../engine/client.ts';
import type { ServiceSpec } from '../api/service.ts';
import type { Flag } from '../command-line/flag.ts';
import { isApiAtLeast } from '../service-spec/api-version.ts';
import { printable } from '../values/printable.ts';
import { boolean } from '../values/value.ts';
import { OLDEST_API } from './check-version.ts';
import type { Call } from '../command-line/command.ts';
import { configSource } from '../command-line/common-flags.ts';
import { UNREMARKABLE, resolveImage } from './resolve-image.ts';
import type { Resolved } from './resolve-image.ts';

const noResolveImage: Flag<boolean> = {
  name: 'no-resolve-image',
  type: boolean,
  group: 'What runs',
  help: 'Do not ask the registry for the digest and the platforms of the image',
};

const withRegistryAuth: Flag<boolean> = {
  name: 'with-registry-auth',
  type: boolean,
  group: 'What runs',
  help: 'Send registry authentication details to swarm agents',
};

/** In API versions before this one, the engine itself resolves the digest, and warns if it cannot. */
const CLIENT_RESOLVES = '1.30';

export const REGISTRY_FLAGS: readonly Flag[] = [noResolveImage, withRegistryAuth];

/**
 * Reads the credentials of the image's registry, and pins the image to its digest, unless --no-resolve-image was given.
 * Changes the draft.
 * @param isGiven whether the command line names the image: only then it is resolved
 * @param stored the spec that the service has
 * @returns also the X-Registry-Auth header; undefined without --with-registry-auth
 * @throws SwarmrollError if a credential helper fails; else as resolveImage
 */
export async function prepareImage(
  call: Call,
  engine: Engine,
  draft: ServiceSpec,
  isGiven: boolean,
  stored?: ServiceSpec,
): Promise<Resolved & { readonly auth: string | undefined }> {
  const auth = await wantedAuth(draft, call);
  const isLeftToEngine = !isApiAtLeast(engine.pinnedApiVersion ?? OLDEST_API, CLIENT_RESOLVES);
  if (!isGiven || call.given.get(noResolveImage) === true || isLeftToEngine) return { ...UNREMARKABLE, auth };
  return { ...(await resolveImage(draft, engine, auth, stored?.TaskTemplate.ContainerSpec?.Image)), auth };
}

async function wantedAuth(draft: ServiceSpec, { given, world }: Call): Promise<string | undefined> {
  if (given.get(withRegistryAuth) !== true) return undefined;
  const source = { ...configSource(given, world), interrupted: world.interrupted };
  const { registryAuth } = await import('../connection/credentials.ts');
  const image = draft.TaskTemplate.ContainerSpec?.Image ?? '';
  return world.waits(`the credentials for ${printable(image)}`, registryAuth(image, source));
}
