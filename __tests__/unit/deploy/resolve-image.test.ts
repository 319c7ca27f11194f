/** What is told of an image whose digest is not known. */
import { expect, test } from '@jest/globals';
import type { ServiceSpec } from '../../../src/api/service.ts';
import { resolveImage } from '../../../src/deploy/resolve-image.ts';
import { EngineError } from '../../../src/errors.ts';
import type { ErrorKind, Reason } from '../../../src/errors.ts';

const NOT_ACCESSED =
  'image app:1 could not be accessed on a registry to record its digest: each node will access it independently, and nodes may run different versions of it';

/** The warning. It calls the image missing only if the result does. */
const told = async (kind: ErrorKind, message: string, reason?: Reason, auth?: string): Promise<string> => {
  const draft: ServiceSpec = { TaskTemplate: { ContainerSpec: { Image: 'app:1' } } };
  const error = new EngineError(kind, message, { fault: 'final', reason });
  const lines: string[] = [];
  const engine = { distribution: () => Promise.reject(error) };
  const isMissing = await resolveImage(draft, engine, auth, (line) => lines.push(line));
  expect(isMissing).toBe(lines.join().includes('is not in its registry'));
  expect(draft.TaskTemplate).toEqual({ ContainerSpec: { Image: 'app:1' } });
  return lines.join('\n');
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
