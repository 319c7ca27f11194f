/** What docker reads of the engine itself is passed on while it comes: exact, of any size, and never cut off without a sign. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { connect } from '../../../src/engine/client.ts';
import { readBytes } from '../../../src/engine/request.ts';
import { heldWrites } from '../../../src/held-writes/held-writes.ts';
import { fakeClock } from '../../support/fake-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'swarmroll-streamed-'));
const servers: http.Server[] = [];
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
  rmSync(folder, { recursive: true });
});

const LARGE = 16 * 1024 * 1024;
const EMPTY = { services: [], secrets: [], configs: [], networks: [] };

/** What is done by a docker that asks for `url`. */
type Docker = (
  ask: (url: string, headers?: http.OutgoingHttpHeaders) => Promise<IncomingMessage>,
) => Promise<string>;

/** Runs it against an engine that answers /version with `engine`, and everything else with {}. */
async function holding(engine: RequestListener, docker: Docker) {
  const server = http.createServer((request, response) => {
    if (request.url?.endsWith('/version') === true) engine(request, response);
    else response.end('{}');
  });
  const path = join(folder, `${servers.push(server)}.sock`);
  await once(server.listen(path), 'listening');
  const { signal } = new AbortController();
  const client = await connect(
    { address: { kind: 'socket', path }, shown: 'the engine' },
    { interrupted: signal, waits: (_, reply) => reply },
  );
  return heldWrites(
    client,
    { clock: fakeClock(), interrupted: signal, atExit: () => () => undefined },
    () => Promise.resolve(EMPTY),
    () => Promise.resolve([]),
    (host) =>
      docker(async (url, headers = {}) => {
        const socketPath = host.replace('unix://', '');
        const request = http.get({ socketPath, path: url, headers, agent: false });
        return ((await once(request, 'response')) as [IncomingMessage])[0];
      }),
  );
}

test('the status, the headers and each part come before the next part is there', async () => {
  let sendRest = (): void => undefined;
  const { warnings } = await holding(
    (_, response) => {
      response.writeHead(203, { 'content-type': 'text/x', 'api-version': '1.99' }).write('one ');
      sendRest = () => response.end('two');
    },
    async (ask) => {
      const reply = await ask('/v1.47/version');
      const { statusCode, headers } = reply;
      const [first] = (await once(reply, 'data')) as [Buffer];
      sendRest();
      const rest = await readBytes(reply as AsyncIterable<Buffer>);
      return [statusCode, headers['content-type'], headers['api-version'], first, rest].join();
    },
  );
  expect(warnings).toBe('203,text/x,1.99,one ,two');
});

test('a connection to the engine that breaks breaks that of docker, and the error is that of the connection', async () => {
  let breakIt = (): void => undefined;
  let ended: unknown;
  const held = holding(
    (_, response) => {
      response.write('one ');
      breakIt = () => response.destroy();
    },
    async (ask) => {
      const reply = await ask('/version');
      await once(reply, 'data');
      breakIt();
      ended = await readBytes(reply as AsyncIterable<Buffer>).catch((error: unknown) => error);
      throw new Error("docker's own words");
    },
  );
  await expect(held).rejects.toThrow(/the engine/);
  expect(ended).toMatchObject({ code: 'ECONNRESET' });
});

test('a docker that goes away in the middle says why itself', async () => {
  const held = holding(
    (_, response) => response.write('one '),
    async (ask) => {
      const reply = await ask('/version');
      await once(reply, 'data');
      reply.destroy();
      throw new Error("docker's own words");
    },
  );
  await expect(held).rejects.toThrow("docker's own words");
});

test('no more is read than docker takes, and then every byte comes', async () => {
  const chunk = Buffer.alloc(64 * 1024, 'swarmroll');
  let sent = 0;
  const { warnings } = await holding(
    (_, response) => {
      const more = (): void => {
        while (sent < LARGE) {
          sent += chunk.length;
          if (!response.write(chunk)) return;
        }
        response.end();
      };
      response.on('drain', more);
      more();
    },
    async (ask) => {
      const reply = await ask('/version');
      // Without a limit, something is sent in each turn.
      for (let [idle, last] = [0, 0]; idle < 1_000 && sent < LARGE; idle += 1) {
        await new Promise(setImmediate);
        if (sent > last) [idle, last] = [0, sent];
      }
      const whenItStopped = sent;
      const bytes = await readBytes(reply as AsyncIterable<Buffer>);
      return `${whenItStopped < LARGE} ${bytes.equals(Buffer.alloc(LARGE, chunk))}`;
    },
  );
  expect(warnings).toBe('true true');
});

test('the encoding is what docker accepts', async () => {
  const { warnings } = await holding(
    ({ headers }, response) => {
      const accepts = headers['accept-encoding'] ?? 'any';
      if (accepts === 'gzip') response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(accepts === 'gzip' ? gzipSync('packed') : `plain, ${accepts}`);
    },
    async (ask) => {
      const packed = await ask('/version', { 'accept-encoding': 'gzip' });
      const text = gunzipSync(await readBytes(packed as AsyncIterable<Buffer>));
      const plain = await readBytes((await ask('/version')) as AsyncIterable<Buffer>);
      return [packed.headers['content-encoding'], text, plain].join();
    },
  );
  expect(warnings).toBe('gzip,packed,plain, identity');
});

test.each(['networks', 'secrets', 'configs'])(
  '%s of a name with a slash are looked up, as without us',
  async (family) => {
    const { warnings } = await holding(
      () => undefined,
      async (ask) => {
        const { statusCode } = await ask(`/v1.47/${family}/a/b`);
        return `${statusCode}`;
      },
    );
    expect(warnings).toBe('200');
  },
);
