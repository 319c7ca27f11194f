/** Pins a spec's image to the digest in its registry, as docker does (moby client/service_create.go). */
import type { Engine } from '../engine/client.ts';
import type { Placement, ServiceSpec } from '../api/service.ts';
import type { Distribution } from '../api/cluster.ts';
import { EngineError } from '../errors.ts';
import { notResolved, saysMissing } from '../values/registry-error.ts';
import { familiar, parseReference, withDefaultTag } from '../values/reference.ts';

export interface Resolved {
  /** To be printed once the engine has accepted the change. */
  readonly warnings: readonly string[];
  /** Whether the registry has said that it has no such image. */
  readonly imageMissing: boolean;
}

/** Nothing is to be said of the image. */
export const UNREMARKABLE: Resolved = { warnings: [], imageMissing: false };

/**
 * Asks the image's registry, through the engine, for the digest and the platforms of the image. Stores `NAME:TAG@DIGEST`
 * and the platforms in the draft. If the registry has no such image, or does not answer, the draft stays as it is, and there is a warning.
 *
 * An update to the tag that is stored keeps the stored digest if the registry does not answer about the image: without it,
 * every task would be replaced, now and once more by the first update after the outage. That the registry has no such image,
 * or asks for a login, is an answer; then the digest goes, as with docker: nodes may still be able to pull the tag.
 * @param registryAuth the X-Registry-Auth header, if credentials should be sent
 * @param stored the image that the service has
 * @throws EngineError `unreachable` if the engine cannot be reached
 */
export async function resolveImage(
  draft: ServiceSpec,
  engine: Pick<Engine, 'distribution'>,
  registryAuth: string | undefined,
  stored = '',
): Promise<Resolved> {
  const spec = draft.TaskTemplate.ContainerSpec;
  if (spec?.Image === undefined) return UNREMARKABLE;
  let known: Distribution;
  try {
    known = await engine.distribution(spec.Image, registryAuth);
  } catch (error) {
    // An unreachable engine or a signal says nothing about the registry.
    if (!(error instanceof EngineError) || error.kind === 'unreachable') throw error;
    const isMissing = saysMissing(error.message);
    const isAnswer = isMissing || error.kind === 'notFound' || error.reason === 'loginWanted';
    if (!isAnswer && isPinned(spec.Image, stored)) {
      const warning =
        `the registry of image ${spec.Image} did not answer about it, so the digest that the service has is kept ` +
        `(${error.message})`;
      spec.Image = stored;
      return { warnings: [warning], imageMissing: false };
    }
    const warning = isMissing
      ? `image ${spec.Image} is not in its registry: only nodes that have it already can run it (${error.message})`
      : `${notResolved(spec.Image)} (${error.message})${loginAdvice(error, registryAuth)}`;
    return { warnings: [warning], imageMissing: isMissing };
  }
  const reference = parseReference(spec.Image);
  const { digest } = known.Descriptor;
  if (reference !== undefined && reference.digest === undefined && digest !== undefined) {
    spec.Image = familiar({ ...withDefaultTag(reference), digest });
  }
  const platforms = distinctPlatforms(
    (known.Platforms ?? []).map(({ architecture = '', os = '' }) => ({ Architecture: architecture, OS: os })),
  );
  const { Placement } = draft.TaskTemplate;
  // The same platforms in another form, as other versions of docker store them, are no change.
  if (platforms.length > 0 && !isSameSet(platforms, distinctPlatforms(Placement?.Platforms ?? [])))
    draft.TaskTemplate.Placement = { ...Placement, Platforms: platforms };
  return UNREMARKABLE;
}

/** Whether a stored image is this one, with a digest. */
function isPinned(image: string, stored: string): boolean {
  const reference = parseReference(stored);
  if (reference?.digest === undefined) return false;
  const { digest: _, ...tagged } = reference;
  return familiar(tagged) === image;
}

type Platforms = NonNullable<Placement['Platforms']>;

/**
 * The platforms that the scheduler compares (moby client/service_create.go imageDigestAndPlatforms): each one once, and
 * without "unknown", which is what an index calls attestations. Before docker 29.7, docker stored these too.
 */
function distinctPlatforms(list: Platforms): Platforms {
  const platforms = list
    .filter(({ Architecture, OS }) => Architecture !== 'unknown' && OS !== 'unknown')
    // Image manifests say "arm" where nodes say "armv7l".
    .map(({ Architecture = '', OS = '' }) => ({
      Architecture: Architecture.toLowerCase() === 'arm' ? '' : Architecture,
      OS,
    }));
  return [...new Map(platforms.map((one) => [keyOf(one), one])).values()];
}

const keyOf = ({ Architecture = '', OS = '' }: Platforms[number]): string => `${OS}/${Architecture}`;

const isSameSet = (a: Platforms, b: Platforms): boolean =>
  a.length === b.length && a.every((one) => b.some((other) => keyOf(other) === keyOf(one)));

/** What to do if the registry requires a login; else empty. */
function loginAdvice({ reason }: EngineError, registryAuth: string | undefined): string {
  if (reason !== 'loginWanted') return '';
  return registryAuth === undefined
    ? '; its registry requires a login: use --with-registry-auth to send it'
    : '; its registry refused the login that was sent';
}
