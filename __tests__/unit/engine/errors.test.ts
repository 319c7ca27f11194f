/** What a failed reply means: whether a change may be stored, in whose words it is told, and what to do next. */
import { describe, expect, test } from '@jest/globals';
import type { Endpoint } from '../../../src/connection/connection.ts';
import { connectionError, notManagerOf, replyError } from '../../../src/engine/errors.ts';
import type { FailedReply } from '../../../src/engine/errors.ts';

const endpoint: Endpoint = {
  address: { kind: 'tcp', host: 'engine', port: 2375, prefix: '', secure: false },
  shown: 'tcp://engine:2375',
  namedBy: 'DOCKER_HOST',
};

const own = (status: number, message: string): FailedReply => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify({ message }),
});
const page = (status: number, body: string): FailedReply => ({ status, contentType: 'text/html', body });

const CREATE = { method: 'POST', path: '/services/create' } as const;
const NODES = { method: 'GET', path: '/nodes' } as const;

const LOCKED =
  'Swarm is encrypted and needs to be unlocked before it can be used. Please use "docker swarm unlock" to unlock it.';
const WORKER =
  "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.";

describe('the fault of a change that failed with 5xx', () => {
  test.each([
    ['a locked manager', own(503, LOCKED), 'transient'],
    ['a worker', own(503, WORKER), 'transient'],
    [
      'no leader',
      own(
        500,
        "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.",
      ),
      'transient',
    ],
    [
      'a manager that is being stopped',
      own(
        503,
        'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /var/run/docker/swarm/control.sock: connect: no such file or directory"',
      ),
      'transient',
    ],
    [
      'a manager that is being stopped, a moment later',
      own(500, 'rpc error: code = Canceled desc = grpc: the client connection is closing'),
      'transient',
    ],
    [
      'a connection to the leader that broke',
      own(503, 'rpc error: code = Unavailable desc = transport is closing'),
      'unknown',
    ],
    [
      'a leader that cannot be dialled at the second try',
      own(
        503,
        'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 10.0.0.3:2377: i/o timeout"',
      ),
      'unknown',
    ],
    [
      'the lead was lost',
      own(
        500,
        'rpc error: code = Unknown desc = raft: failed to process the request: node lost leader status',
      ),
      'unknown',
    ],
    [
      'a deadline',
      own(500, 'rpc error: code = DeadlineExceeded desc = context deadline exceeded'),
      'unknown',
    ],
    ['a gateway', page(504, '<html><title>504 Gateway Time-out</title></html>'), 'unknown'],
    [
      'what swarmkit does not implement',
      own(501, 'rpc error: code = Unimplemented desc = service mode change is not allowed'),
      'final',
    ],
    ['the same status of a gateway', page(501, 'Not Implemented'), 'unknown'],
    ['a refusal of the engine', own(500, 'rpc error: code = Unknown desc = update out of sequence'), 'final'],
  ])('of %s', (_, reply, fault) => {
    expect(replyError(reply, CREATE, endpoint).fault).toBe(fault);
    expect(replyError(reply, NODES, endpoint).fault).toBe('transient');
  });
});

test('a locked manager: the hint says how to unlock it', () => {
  const { message, hint, reason } = replyError(own(503, LOCKED), CREATE, endpoint);
  expect({ message, reason }).toEqual({ message: LOCKED, reason: 'locked' });
  expect(hint).toBe(
    'tcp://engine:2375 is from DOCKER_HOST: unlock it with: docker swarm unlock, or choose another manager with -H or --context',
  );
});

test('a worker: the hint names a manager that it knows', () => {
  const error = replyError(own(503, WORKER), CREATE, endpoint);
  expect(notManagerOf(error, [])).toBe(error);
  const { message, kind, fault, managers, hint } = notManagerOf(error, ['10.0.0.2:2377', '10.0.0.3:2377']);
  expect({ message, kind, fault }).toEqual({
    message: 'the engine at tcp://engine:2375 is not a swarm manager',
    kind: 'notManager',
    fault: 'transient',
  });
  expect(managers).toEqual(['10.0.0.2', '10.0.0.3']);
  expect(hint).toBe(
    'tcp://engine:2375 is from DOCKER_HOST: choose a manager of the swarm, for example the one at 10.0.0.2',
  );
});

describe('refused by something else than the engine: the request, and its words', () => {
  test.each([
    [
      'HAProxy',
      page(
        403,
        '<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n',
      ),
      'GET /nodes: 403 Forbidden Request forbidden by administrative rules. (HTTP 403 from tcp://engine:2375)',
    ],
    [
      'a page with a title alone',
      page(403, '<!doctype html><head><title>Access denied</title><style>p{}</style></head><body></body>'),
      'GET /nodes: Access denied (HTTP 403 from tcp://engine:2375)',
    ],
    [
      'a text',
      { status: 403, contentType: 'text/plain', body: 'not for you\n' },
      'GET /nodes: not for you (HTTP 403 from tcp://engine:2375)',
    ],
    [
      'nothing',
      { status: 403, contentType: '', body: '' },
      'GET /nodes: HTTP status 403 from tcp://engine:2375',
    ],
    [
      'a long page',
      page(403, `<p>${'no '.repeat(1000)}</p>`),
      `GET /nodes: ${'no '.repeat(66)}n… (HTTP 403 from tcp://engine:2375)`,
    ],
    [
      'a plugin of the engine',
      own(403, 'authorization denied by plugin opa: not for you'),
      'GET /nodes: authorization denied by plugin opa: not for you',
    ],
  ])('%s', (_, reply, expected) => {
    const { message, fault, reason, hint } = replyError(reply, NODES, endpoint);
    expect({ message, fault, reason, hint }).toEqual({
      message: expected,
      fault: 'final',
      reason: undefined,
      hint: undefined,
    });
  });
});

test('a connection that is cut: TLS is a hint only before the first reply', () => {
  const cut = { code: 'ECONNRESET' };
  expect(connectionError(cut, 'GET', endpoint).hint).toContain('if it requires TLS');
  expect(connectionError(cut, 'GET', endpoint, true).hint).toBe(
    'tcp://engine:2375 is from DOCKER_HOST: check the network, and what is between here and the engine',
  );
  const secure = { ...endpoint, tls: { verify: true } };
  expect(connectionError(cut, 'GET', secure).message).toContain('requires a client certificate');
  expect(connectionError(cut, 'GET', secure, true).message).toMatch(/: the connection was closed$/);
});
