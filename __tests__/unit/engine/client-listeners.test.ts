/** A settled request leaves no listener on a signal that lives longer. */
import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect } from '../../../src/engine/client.ts';
import type { Engine } from '../../../src/engine/client.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
const path = join(folder, 'engine.sock');
let held: http.ServerResponse[] = [];
/** Answers lists with [] and services with 404. It does not answer /info. */
const server = http.createServer(({ url = '' }, response) => {
  if (url.startsWith('/info')) held.push(response);
  else {
    const isList = !url.startsWith('/services/');
    response.writeHead(isList ? 200 : 404, { 'content-type': 'application/json' });
    response.end(isList ? '[]' : '{"message":"service x not found"}');
  }
});
beforeAll(() => new Promise<void>((resolve) => server.listen(path, resolve)));
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

async function engineFor(interrupted: AbortSignal): Promise<Engine> {
  return connect(
    { address: { kind: 'socket', path }, shown: `unix://${path}` },
    { interrupted, waits: (_, reply) => reply },
  );
}

test('no listener is left by requests that succeed or fail, one at a time and in parallel', async () => {
  const [interrupt, request] = [new AbortController(), new AbortController()];
  const engine = await engineFor(interrupt.signal);
  const before = listeners(interrupt.signal);
  for (let count = 0; count < 20; count += 1) {
    await engine.services({}, request.signal);
    await engine.services({}, interrupt.signal);
    await expect(engine.service('x', { signal: request.signal })).rejects.toThrow('not found');
  }
  await Promise.all(Array.from({ length: 20 }, () => engine.tasks({}, request.signal)));
  await new Promise(setImmediate);
  expect([listeners(request.signal), listeners(interrupt.signal)]).toEqual([0, before]);
});

test('no listener is left by an aborted request', async () => {
  const [interrupt, request] = [new AbortController(), new AbortController()];
  const engine = await engineFor(interrupt.signal);
  const waiting = engine.ownNodeId(request.signal);
  while (held.length === 0) await new Promise(setImmediate);
  request.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow();
  await new Promise(setImmediate);
  expect(listeners(request.signal)).toBe(0);
  held = [];
});
