/** Pins a spec's image to what its registry has now, as docker does before it stores a service. */
import type { Engine } from '../engine/client.ts';
import type { ServiceSpec } from '../api/service.ts';
import type { Distribution } from '../api/cluster.ts';
import { EngineError } from '../errors.ts';
import { familiar, parseReference, withDefaultTag } from '../values/reference.ts';

/**
 * Asks the image's registry, through the engine, and stores `NAME:TAG@DIGEST` and the platforms that the image
 * is made for in the draft. Where the registry can't be asked the draft stays as it is, and `warn` gets a line.
 * @param registryAuth the encoded credentials, where they are to be sent
 */
export async function resolveImage(
  draft: ServiceSpec,
  engine: Pick<Engine, 'distribution'>,
  registryAuth: string | undefined,
  warn: (line: string) => void,
): Promise<void> {
  const spec = draft.TaskTemplate.ContainerSpec;
  if (spec?.Image === undefined) return;
  let known: Distribution;
  try {
    known = await engine.distribution(spec.Image, registryAuth);
  } catch (error) {
    // An engine that can't be reached, or a signal, is no word of the registry's.
    if (!(error instanceof EngineError) || error.kind === 'unreachable') throw error;
    warn(
      `image ${spec.Image} could not be accessed on a registry to record its digest: each node will access ` +
        `it independently, and nodes may come to run different versions of it${wordsOf(error, registryAuth)}`,
    );
    return;
  }
  const reference = parseReference(spec.Image);
  const { digest } = known.Descriptor;
  if (reference !== undefined && reference.digest === undefined && digest !== undefined) {
    spec.Image = familiar({ ...withDefaultTag(reference), digest });
  }
  const platforms = (known.Platforms ?? []).map(({ architecture = '', os = '' }) => ({
    // The variants of 32-bit ARM can't be told apart here, so it is left to the node that pulls.
    Architecture: architecture.toLowerCase() === 'arm' ? '' : architecture,
    OS: os,
  }));
  if (platforms.length > 0) {
    draft.TaskTemplate.Placement = { ...draft.TaskTemplate.Placement, Platforms: platforms };
  }
}

/** Why the registry would not answer, where that is for want of a login. */
function wordsOf({ reason }: EngineError, registryAuth: string | undefined): string {
  if (reason !== 'loginWanted') return '';
  return registryAuth === undefined
    ? '; its registry wants a login, which --with-registry-auth sends along'
    : '; its registry refuses the login that was sent';
}
