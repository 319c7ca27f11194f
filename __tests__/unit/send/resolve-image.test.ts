/** What is told of an image whose digest is not known. */
import { describe, expect, test } from '@jest/globals';
import type { Distribution } from '../../../src/api/cluster.ts';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { resolveImage } from '../../../src/send/resolve-image.ts';
import { EngineError } from '../../../src/errors.ts';
import type { ErrorKind, Reason } from '../../../src/errors.ts';

const NOT_ACCESSED =
  'image app:1 could not be accessed on a registry to record its digest: each node will access it independently, and nodes may run different versions of it';

/** The warning. It calls the image missing only if the result does. */
const told = async (kind: ErrorKind, message: string, reason?: Reason, auth?: string): Promise<string> => {
  const draft: ServiceSpec = { TaskTemplate: { ContainerSpec: { Image: 'app:1' } } };
  const error = new EngineError(kind, message, { fault: 'final', reason });
  const engine = { distribution: () => Promise.reject(error) };
  const { warnings, imageMissing } = await resolveImage(draft, engine, auth);
  expect(imageMissing).toBe(warnings.join().includes('is not in its registry'));
  expect(draft.TaskTemplate).toEqual({ ContainerSpec: { Image: 'app:1' } });
  return warnings.join('\n');
};

test.each<[ErrorKind, string]>([
  ['notFound', 'manifest unknown: manifest unknown'],
  ['refused', 'unknown: artifact app:1 not found'],
])('a registry that has no such image has answered: %s, %s', async (kind, why) => {
  expect(await told(kind, why)).toBe(
    `image app:1 is not in its registry: only nodes that have it already can run it (${why})`,
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
    await resolveImage(draft, { distribution: () => Promise.resolve(known) }, undefined);
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

describe('the tag that the service has, and a registry that does not tell its digest', () => {
  const DIGEST = `@sha256:${'1'.repeat(64)}`;
  const ANSWERS = {
    down: new EngineError('refused', 'dial tcp: connection refused', { fault: 'final' }),
    unknown: new EngineError('notFound', 'manifest unknown', { fault: 'final' }),
    login: new EngineError('refused', 'denied', { fault: 'final', reason: 'loginWanted' }),
  };

  test.each([
    ['down', 'app:1', `app:1${DIGEST}`, true],
    ['down', 'r:5000/app:1', `r:5000/app:1${DIGEST}`, true],
    // Whoever pushes a tag and has no login here gets the new image, as with docker.
    ['login', 'app:1', `app:1${DIGEST}`, false],
    ['unknown', 'app:1', `app:1${DIGEST}`, false],
    ['down', 'app:1', 'app:1', false],
    ['down', 'app:2', `app:1${DIGEST}`, false],
    ['down', 'app:latest', `app${DIGEST}`, false],
    ['down', 'app:1', undefined, false],
  ] as const)('%s: %s, stored %s', async (answer, Image, stored, isKept) => {
    const draft: ServiceSpec = { TaskTemplate: { ContainerSpec: { Image } } };
    const engine = { distribution: () => Promise.reject(ANSWERS[answer]) };
    const { warnings } = await resolveImage(draft, engine, undefined, stored);
    expect(draft).toEqual({ TaskTemplate: { ContainerSpec: { Image: isKept ? stored : Image } } });
    const kept = `the registry of image ${Image} did not answer about it, so the digest that the service has is kept (dial tcp: connection refused)`;
    expect(warnings).toEqual([isKept ? kept : expect.not.stringContaining('is kept')]);
  });
});
