/** The texts of 28.5 and 29.7, with containerd's image store and with overlay2, for each answer of a registry. */
import { expect, test } from '@jest/globals';
import { loginAfter, saysMissing } from '../../../src/values/registry-error.ts';

const R = 'private:5000/app:1.0';
const HEAD = 'Head "http://private:5000/v2/app/manifests/1.0"';
const UNRESOLVED = `failed to resolve reference "${R}"`;

test.each([
  ['28.5: any error of a pull', `No such image: ${R}`, 'possible'],
  ['20.10: any error of a pull', `No such image: ${R}@sha256:${'0'.repeat(64)}`, 'possible'],

  [
    'containerd: the registry wants basic auth',
    `${UNRESOLVED}: pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`,
    'wanted',
  ],
  ['overlay2: the registry wants basic auth', `${HEAD}: no basic auth credentials`, 'wanted'],
  ['containerd: the token endpoint says 403', 'error from registry: denied\ndenied', 'wanted'],
  ['overlay2: the token endpoint says 403', `${HEAD}: denied`, 'wanted'],
  ['containerd: the token endpoint says 401', 'error from registry: unauthorized\nunauthorized', 'wanted'],
  ['overlay2: the token endpoint says 401', `${HEAD}: unauthorized`, 'wanted'],
  [
    'containerd: insufficient_scope',
    "pull access denied for app, repository does not exist or may require 'docker login'",
    'wanted',
  ],
  [
    'overlay2: insufficient_scope',
    "pull access denied for app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    'wanted',
  ],
  ['overlay2: the manifest is forbidden', 'denied', 'wanted'],
  ['28.5: /distribution of Azure', 'unauthorized: authentication required', 'wanted'],
  [
    'Google: no permission',
    'denied: Permission "artifactregistry.repositories.downloadArtifacts" denied on resource "projects/x" (or it may not exist)',
    'wanted',
  ],
  ['GHCR: no permission', 'denied: permission_denied: The token does not match expected scopes', 'wanted'],
  ['ECR: expired', 'denied: Your authorization token has expired. Reauthenticate and try again.', 'wanted'],

  ['containerd: no such tag', `${UNRESOLVED}: ${R}: not found`, undefined],
  ['overlay2: no such tag', `manifest for ${R} not found: manifest unknown: manifest unknown`, undefined],
  ['28.5: /distribution of a tag that does not exist', 'manifest unknown: manifest unknown', undefined],
  ['overlay2: no such repository', 'name unknown', undefined],
  [
    'no such tag of an image with a telling name',
    'manifest for private:5000/unauthorized/denied:1.0 not found: manifest unknown',
    undefined,
  ],
  [
    'containerd: too many requests',
    `unknown: ${UNRESOLVED}: unexpected status from HEAD request to http://private:5000/v2/: 429 Too Many Requests`,
    undefined,
  ],
  [
    'overlay2: too many requests',
    'toomanyrequests: You have reached your unauthenticated pull rate limit. You may increase the limit by authenticating: denied',
    undefined,
  ],
  ['overlay2: 500', 'received unexpected HTTP status: 500 Internal Server Error', undefined],
  [
    'containerd: HTML of a proxy',
    `unknown: ${UNRESOLVED}: unexpected status from HEAD request to http://private:5000/v2/: 403 Forbidden`,
    undefined,
  ],
  [
    'overlay2: HTML of a proxy',
    "pull access denied for app, repository does not exist or may require 'docker login': denied: <html><body>blocked</body></html>",
    undefined,
  ],
  [
    '28.5: HTML of a proxy',
    `error parsing HTTP 403 response body: invalid character '<' looking for beginning of value: "<html>denied"`,
    undefined,
  ],
  [
    'containerd: the host is down',
    `${UNRESOLVED}: failed to do request: Head "https://denied.example/v2/": dial tcp 10.0.0.9:443: connect: connection refused`,
    undefined,
  ],
  [
    'containerd: 500 of an image with a telling name',
    'failed to resolve reference "private:5000/denied:1.0": unexpected status from HEAD request: 500 Internal Server Error',
    undefined,
  ],
  [
    'overlay2: no such host',
    'Get "https://denied.example/v2/": dial tcp: lookup denied.example: no such host',
    undefined,
  ],
  ['a plugin of the engine', 'authorization denied by plugin opa: read only', undefined],
  [
    'a program that is not executable',
    'starting container failed: exec: "/app": permission denied: unknown',
    undefined,
  ],
  ['a mount', 'invalid mount config for type "bind": bind source path does not exist: /data', undefined],
  ['a program that fails', 'task: non-zero exit (3)', undefined],
  ['no error', '', undefined],
])('%s', (_, error, expected) => {
  expect(loginAfter(error)).toBe(expected);
  // Errors are made printable, which makes one line of them.
  expect(loginAfter(error.replaceAll('\n', ' '))).toBe(expected);
});

test.each([
  ['28.5, 29.7: no such tag', 'manifest unknown', true],
  ['28.5: the registry gives details', 'manifest unknown: manifest unknown', true],
  ['28.5: no such repository', 'name unknown: repository name not known to registry', true],
  ['28.5: a code that the engine does not know', 'unknown: artifact app:1.0 not found', true],
  ['28.5: the host has no registry', 'unknown: 404 page not found', true],
  [
    '28.5: HTML of a proxy',
    'unknown: <html><head><title>404 Not Found</title></head><body>blocked</body></html>',
    false,
  ],
  ['28.5: a login is wanted', 'Head "http://private:5000/v2/app/manifests/1.0": denied: denied', false],
  ['28.5: the host is down', 'Get "http://r:5000/v2/": dial tcp: lookup r: no such host', false],
  ['an engine without the request', 'page not found', false],
])('says that the image is missing: %s', (_, error, expected) => {
  expect(saysMissing(error)).toBe(expected);
});
