/** What docker reads through our socket: each request is sent once, the likely look-ups before docker gets to them. */
import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import type { Engine } from '../../../src/engine/client.ts';
import type { HttpReply } from '../../../src/engine/http.ts';
import { dockerReads } from '../../../src/held-writes/docker-reads.ts';
import type { SocketReply } from '../../../src/held-writes/private-socket.ts';
import { fakeClock } from '../../support/fake-clock.ts';

const LIKELY = 'registry/web:1';

/** An engine whose registry takes so long (ms) for an answer. */
function reads(registryTime: number) {
  const clock = fakeClock();
  const sent: string[] = [];
  const engine = {
    forward: async (
      url: string,
      _: object,
      __: AbortSignal,
      read: (reply: HttpReply) => Promise<unknown>,
    ) => {
      sent.push(url);
      if (url.includes('/distribution/')) await clock.sleep(registryTime);
      const body = Readable.from([Buffer.from(`"${url}"`)]);
      return read({ status: 200, header: () => undefined, contentType: 'application/json', body });
    },
  } as unknown as Engine;
  const snapshot = { services: [], secrets: [], configs: [], networks: [] };
  const one = dockerReads(
    engine,
    () => Promise.resolve(snapshot),
    () => Promise.resolve([LIKELY]),
    { clock, interrupted: new AbortController().signal },
  );
  const ask = async (path: string, headers = {}, filters?: object) => {
    const query = new URLSearchParams(filters === undefined ? {} : { filters: JSON.stringify(filters) });
    const asked = { method: 'GET', url: `/v1.47${path}`, headers, body: '' };
    let replied: SocketReply | undefined;
    await one.answer(asked, path, query, [], (reply) => Promise.resolve(void (replied = reply)));
    return { status: replied?.status, body: (replied?.body as Buffer | undefined)?.toString() };
  };
  return { ...one, ask, sent, clock };
}

const lookUp = (image: string): string => `/distribution/${image}/json`;

test('what docker asks for first is asked for when it starts, and again nothing is', async () => {
  const { begin, ask, sent } = reads(0);
  await begin();
  expect(sent).toEqual(['/_ping', '/info']);
  await ask('/_ping');
  await ask('/networks', {}, { label: ['a=b'] });
  expect(sent).toEqual(['/_ping', '/info']);
});

test('likely images are looked up with the API version of docker, once', async () => {
  const { ask, sent, clock, endFirstRun } = reads(5);
  await ask('/info');
  await clock.sleep(10);
  expect(sent).toContain(`/v1.47${lookUp(LIKELY)}`);
  const { status, body } = await ask(lookUp(LIKELY));
  expect([status, body]).toEqual([200, `"/v1.47${lookUp(LIKELY)}"`]);
  expect(sent.filter((url) => url.includes('/distribution/'))).toHaveLength(1);
  expect(endFirstRun()).toBe(false);
});

test('with credentials, it is another look-up', async () => {
  const { ask, sent } = reads(0);
  await ask('/info');
  await ask(lookUp(LIKELY), { 'x-registry-auth': 'a' });
  expect(sent.filter((url) => url.includes('/distribution/'))).toHaveLength(2);
});

test('an answer that takes longer than a run of docker comes in the second run', async () => {
  const { begin, ask, sent, clock, endFirstRun } = reads(1_000);
  await begin();
  await clock.sleep(20);
  expect((await ask(lookUp('registry/other:1'))).status).toBe(404);
  expect(endFirstRun()).toBe(true);
  expect((await ask(lookUp('registry/other:1'))).status).toBe(200);
  expect(sent.filter((url) => url.includes('other'))).toHaveLength(1);
});
