/**
 * Control characters in text from an engine, a node, a registry or a container are made visible at the engine's edge.
 */
import { expect, test } from '@jest/globals';
import type { Engine } from '../../../src/engine/client.ts';
import type { Endpoint } from '../../../src/connection/connection.ts';
import { parseAddress, shownAddress } from '../../../src/connection/address.ts';
import { connectionError, replyError } from '../../../src/engine/errors.ts';
import { lastLines } from '../../../src/engine/logs.ts';
import { nodeSeen, serviceSeen, taskSeen } from '../../../src/engine/convert.ts';

const BAD = 'a\u202eb\u001b[31m\u0007c\u009b';
const SHOWN = 'a\\u202eb\\x1b[31m\\x07c\\u009b';

const endpoint: Endpoint = {
  address: { kind: 'tcp', host: 'engine', port: 2375, prefix: '', secure: false },
  shown: 'tcp://engine:2375',
};

test('a task’s error, message and image', () => {
  const { error, message, image } = taskSeen(
    {
      ID: 'id',
      CreatedAt: '',
      ServiceID: 'service',
      DesiredState: 'running',
      Spec: { ContainerSpec: { Image: BAD } },
      Status: { State: 'failed', Err: `${BAD}\nmore`, Message: BAD },
    },
    true,
  );
  expect({ error, message, image }).toEqual({ error: `${SHOWN} more`, message: SHOWN, image: SHOWN });
});

test('a node’s name; the attributes for constraints stay unchanged', () => {
  const { name, attributes } = nodeSeen({
    ID: 'id',
    Spec: { Labels: { zone: BAD } },
    Description: { Hostname: BAD },
    Status: { State: 'ready' },
  });
  expect(name).toBe(SHOWN);
  expect(attributes).toMatchObject({ 'node.hostname': BAD, 'node.labels.zone': BAD });
});

test('a service’s name, image and update message; its constraints stay unchanged', () => {
  const { name, image, update, constraints } = serviceSeen(
    {
      ID: 'id',
      Version: { Index: 1 },
      CreatedAt: '',
      UpdatedAt: '',
      Spec: {
        Name: BAD,
        TaskTemplate: {
          ContainerSpec: { Image: BAD },
          Placement: { Constraints: [`node.labels.zone==${BAD}`] },
        },
      },
      UpdateStatus: { State: 'paused', Message: BAD },
    },
    () => '',
  );
  expect({ name, image, update }).toEqual({
    name: SHOWN,
    image: SHOWN,
    update: { state: 'paused', message: SHOWN },
  });
  expect(constraints).toEqual([`node.labels.zone==${BAD}`]);
});

test.each([
  [
    'the engine',
    'application/json',
    JSON.stringify({ message: `rpc error: code = Unknown desc = ${BAD}\n` }),
    SHOWN,
  ],
  ['a proxy', 'text/plain', BAD, `GET /services: ${SHOWN} (HTTP 502 from tcp://engine:2375)`],
])('the error message from %s', (_, contentType, body, message) => {
  expect(
    replyError({ status: 502, contentType, body }, { method: 'GET', path: '/services' }, endpoint).message,
  ).toBe(message);
});

test('the reason of a failed connection', () => {
  const { message } = connectionError({ message: BAD }, 'GET', endpoint);
  expect(message).toBe(`cannot reach the engine at tcp://engine:2375: ${SHOWN}`);
  const error = { code: 'ERR_TLS_CERT_ALTNAME_INVALID', cert: { subjectaltname: `DNS:${BAD}` } };
  const certified = connectionError(error, 'GET', { ...endpoint, tls: { verify: true } });
  expect(certified.message).toContain(`its certificate is for other hosts: ${SHOWN}`);
});

test('an address, which may come from argv', () => {
  expect(shownAddress(parseAddress(`unix:///${BAD}`, 'linux'))).toBe(`unix:///${SHOWN}`);
});

test('log lines', async () => {
  const engine: Pick<Engine, 'taskLogs'> = {
    taskLogs: () => Promise.resolve(Buffer.from(`2026-01-01T00:00:00.000000000Z ${BAD}\u001b[0m\r\n`)),
  };
  const log = await lastLines(engine as Engine, 'id', 10, new AbortController().signal);
  expect(log).toEqual({ lines: [`${SHOWN}\\x1b[0m`] });
});
