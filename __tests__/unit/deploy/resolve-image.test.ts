/** What is told of an image whose digest is not known. */
import { describe, expect, test } from '@jest/globals';
import type { Distribution } from '../../../src/api/cluster.ts';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { resolveImage } from '../../../src/deploy/resolve-image.ts';
import { EngineError } from '../../../src/errors.ts';
import type { ErrorKind, Reason } from '../../../src/errors.ts';

const NOT_ACCESSED =
  'image app:1 could not be accessed on a registry to record its digest: each node will access it independently, and nodes may run different versions of it';

const told = async (kind: ErrorKind, message: string, reason?: Reason, auth?: string): Promise<string> => {
  const draft: ServiceSpec = { TaskTemplate: { ContainerSpec: { Image: 'app:1' } } };
  const error = new EngineError(kind, message, { fault: 'final', reason });
  const lines: string[] = [];
  await resolveImage(draft, { distribution: () => Promise.reject(error) }, auth, (line) => lines.push(line));
  expect(draft.TaskTemplate).toEqual({ ContainerSpec: { Image: 'app:1' } });
  return lines.join('\n');
};

test('a registry that has no such image has answered', async () => {
  expect(await told('notFound', 'manifest unknown: manifest unknown')).toBe(
    'image app:1 is not in its registry: only nodes that have it already can run it (manifest unknown: manifest unknown)',
  );
});

test('a host that is down', async () => {
  const why = 'Get "https://x/v2/": dial tcp 10.0.0.9:443: connect: connection refused';
  expect(await told('refused', why)).toBe(`${NOT_ACCESSED} (${why})`);
});

test('a login', async () => {
  const why = 'no basic auth credentials';
  expect(await told('refused', why, 'loginWanted')).toBe(
    `${NOT_ACCESSED} (${why}); its registry requires a login: use --with-registry-auth to send it`,
  );
  expect(await told('refused', why, 'loginWanted', 'auth')).toBe(
    `${NOT_ACCESSED} (${why}); its registry refused the login that was sent`,
  );
});

test('an engine that cannot be reached says nothing about the registry', async () => {
  await expect(told('unreachable', 'no')).rejects.toThrow('no');
});

describe('platforms', () => {
  const amd64 = { architecture: 'amd64', os: 'linux' };
  const arm64 = { architecture: 'arm64', os: 'linux' };
  const arm = { architecture: 'arm', os: 'linux', variant: 'v7' };
  const attestation = { architecture: 'unknown', os: 'unknown' };
  const AMD64 = { Architecture: 'amd64', OS: 'linux' };
  const ARM64 = { Architecture: 'arm64', OS: 'linux' };
  const ARM = { Architecture: '', OS: 'linux' };
  const UNKNOWN = { Architecture: 'unknown', OS: 'unknown' };
  type Placement = ServiceSpec['TaskTemplate']['Placement'];

  const resolved = async (found: Distribution['Platforms'], before?: Placement): Promise<Placement> => {
    const draft: ServiceSpec = {
      TaskTemplate: {
        ContainerSpec: { Image: 'app:1' },
        ...(before === undefined ? {} : { Placement: before }),
      },
    };
    const known = { Descriptor: { digest: `sha256:${'1'.repeat(64)}` }, ...(found && { Platforms: found }) };
    await resolveImage(draft, { distribution: () => Promise.resolve(known) }, undefined, () => undefined);
    return draft.TaskTemplate.Placement;
  };

  test('of an index, each is stored once, and attestations are not', async () => {
    const { Platforms } = (await resolved([amd64, attestation, arm, arm64, arm, attestation])) ?? {};
    expect(Platforms).toEqual([AMD64, ARM, ARM64]);
  });

  test.each<[string, Distribution['Platforms'], NonNullable<Placement>]>([
    ['docker 28', [amd64, attestation, arm64], { Platforms: [AMD64, UNKNOWN, ARM64, UNKNOWN] }],
    ['another order', [amd64, arm64], { Platforms: [ARM64, AMD64] }],
    ['no platforms', [], { Platforms: [ARM64] }],
    ['only attestations', [attestation], { Platforms: [ARM64] }],
  ])('what is stored stays if it means the same: %s', async (_, found, before) => {
    expect(await resolved(found, before)).toBe(before);
  });

  test('other platforms replace it, and the rest of the placement stays', async () => {
    const Constraints = ['a==b'];
    expect(await resolved([amd64], { Constraints, Platforms: [AMD64, ARM64] })).toEqual({
      Constraints,
      Platforms: [AMD64],
    });
  });
});
