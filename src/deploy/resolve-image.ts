/** Pins a spec's image to the digest in its registry, as docker does (moby client/service_create.go). */
import type { Engine } from '../engine/client.ts';
import type { ServiceSpec } from '../api/service.ts';
import type { Distribution } from '../api/cluster.ts';
import { EngineError } from '../errors.ts';
import { saysMissing } from '../values/registry-error.ts';
import { familiar, parseReference, withDefaultTag } from '../values/reference.ts';

/**
 * Asks the image's registry, through the engine, for the digest and the platforms of the image. Stores `NAME:TAG@DIGEST`
 * and the platforms in the draft. If the registry has no such image, or does not answer, the draft stays as it is and `warn` gets one line.
 * @param registryAuth the X-Registry-Auth header, if credentials should be sent
 * @returns whether the registry has said that it has no such image
 * @throws EngineError `unreachable` if the engine cannot be reached
 */
export async function resolveImage(
  draft: ServiceSpec,
  engine: Pick<Engine, 'distribution'>,
  registryAuth: string | undefined,
  warn: (line: string) => void,
): Promise<boolean> {
  const spec = draft.TaskTemplate.ContainerSpec;
  if (spec?.Image === undefined) return false;
  let known: Distribution;
  try {
    known = await engine.distribution(spec.Image, registryAuth);
  } catch (error) {
    // An unreachable engine or a signal says nothing about the registry.
    if (!(error instanceof EngineError) || error.kind === 'unreachable') throw error;
    const isMissing = saysMissing(error.message);
    warn(
      isMissing
        ? `image ${spec.Image} is not in its registry: only nodes that have it already can run it (${error.message})`
        : `image ${spec.Image} could not be accessed on a registry to record its digest: each node will access ` +
            `it independently, and nodes may run different versions of it (${error.message})${loginAdvice(error, registryAuth)}`,
    );
    return isMissing;
  }
  const reference = parseReference(spec.Image);
  const { digest } = known.Descriptor;
  if (reference !== undefined && reference.digest === undefined && digest !== undefined) {
    spec.Image = familiar({ ...withDefaultTag(reference), digest });
  }
  const platforms = (known.Platforms ?? []).map(({ architecture = '', os = '' }) => ({
    // Image manifests say "arm" where nodes say "armv7l" (moby client/service_create.go, imageDigestAndPlatforms).
    Architecture: architecture.toLowerCase() === 'arm' ? '' : architecture,
    OS: os,
  }));
  if (platforms.length > 0) {
    draft.TaskTemplate.Placement = { ...draft.TaskTemplate.Placement, Platforms: platforms };
  }
  return false;
}

/** What to do if the registry requires a login; else empty. */
function loginAdvice({ reason }: EngineError, registryAuth: string | undefined): string {
  if (reason !== 'loginWanted') return '';
  return registryAuth === undefined
    ? '; its registry requires a login: use --with-registry-auth to send it'
    : '; its registry refused the login that was sent';
}
