/** What the errors of a connection propose: the TLS flags, or docker's command for the context, with which they are ignored. */
import { expect, test } from '@jest/globals';
import type { Endpoint } from '../../../src/connection/connection.ts';
import { explainConnection, NEEDS_TLS } from '../../../src/connection/unreachable.ts';

const file = Buffer.from('pem');
const client = { cert: file, key: file };
const UPDATE = 'docker context update t3 --docker host=https://a:1';
const endpoint = (tls: Endpoint['tls'], contextUpdate?: string): Endpoint => ({
  address: { kind: 'tcp', host: 'a', port: 1, prefix: '', secure: true },
  shown: 'https://a:1',
  contextUpdate,
  tls,
});
const STRANGER = { code: 'SELF_SIGNED_CERT_IN_CHAIN' };
const REJECTED = { code: 'EPROTO', message: 'alert certificate required' };
const PLAIN = { code: 'EPROTO', message: 'wrong version number' };

test.each([
  [STRANGER, { verify: true }, '--tlscacert', `${UPDATE},ca=FILE`],
  [STRANGER, { verify: true, ca: file, client }, '--tlscacert', `${UPDATE},ca=FILE,cert=FILE,key=FILE`],
  [REJECTED, { verify: true, ca: file }, '--tlscert', `${UPDATE},ca=FILE,cert=FILE,key=FILE`],
  [REJECTED, { verify: true }, '--tlscert', `${UPDATE},cert=FILE,key=FILE`],
  [{ code: 'EPIPE' }, { verify: false }, '--tlscert', `${UPDATE},skip-tls-verify=true,cert=FILE,key=FILE`],
  [PLAIN, { verify: true }, 'DOCKER_TLS_VERIFY', UPDATE.replace('https', 'tcp')],
  [{ code: NEEDS_TLS }, undefined, '--tlsverify', `${UPDATE},ca=FILE,cert=FILE,key=FILE`],
  [{ code: 'ECONNRESET' }, undefined, '--tlsverify', `${UPDATE},ca=FILE,cert=FILE,key=FILE`],
  [{ code: 'HPE_INVALID' }, undefined, '--tlsverify', `${UPDATE},ca=FILE,cert=FILE,key=FILE`],
])('%j with %j', (error, tls, byFlags, command) => {
  expect(explainConnection(error, endpoint(tls)).remedy).toContain(byFlags);
  const { remedy } = explainConnection(error, endpoint(tls, UPDATE));
  expect(remedy).toMatch(/: docker context update /);
  expect(remedy.endsWith(` ${command}`)).toBe(true);
  expect(remedy).not.toMatch(/--tls|DOCKER_/);
});

test.each([
  [undefined, 'ssh mgr docker version'],
  ['/var/run/nope.sock', 'ssh mgr docker -H unix:///var/run/nope.sock version'],
])('over ssh, the command asks the socket that failed: %s', (socket, command) => {
  const address = { kind: 'ssh' as const, host: 'mgr', ...(socket === undefined ? {} : { socket }) };
  const { remedy } = explainConnection({ message: 'closed' }, { address, shown: 'ssh://mgr' });
  expect(remedy).toBe(`check that this works: ${command}`);
});
