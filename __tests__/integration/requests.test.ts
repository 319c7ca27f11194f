/** The number of requests: over a slow link, every further request that is not parallel takes another round trip. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { proxy } from './support/proxy.ts';
import {
  image,
  removeServices,
  storedService,
  storedTasks,
  swarmroll,
  uniqueName,
  until,
} from './support/swarm.ts';

const name = uniqueName('asked');
const others = [uniqueName('asked'), uniqueName('asked')];

beforeAll(async () => {
  const ping = image('ping', '1.0');
  await swarmroll(['create', '--detach', '--name', name, '--mode', 'global', ping]);
  await until('a task on every node', async () => (await storedTasks(name)).length === 3 || undefined);
});

afterAll(() => removeServices(name, ...others));

/** The requests of a command line, without queries. The proxy answers only once so many requests are waiting. */
async function asked(together: number, ...words: readonly string[]) {
  const waiting: (() => void)[] = [];
  const between = await proxy(
    () =>
      new Promise((resolve) => {
        waiting.push(() => resolve(undefined));
        if (waiting.length >= together) waiting.splice(0).forEach((answer) => answer());
      }),
  );
  try {
    const ended = await swarmroll(words, { env: { DOCKER_HOST: between.host } });
    return { ended, requests: between.requests.map((line) => line.replace(/\?.*/, '')).sort() };
  } finally {
    between.close();
  }
}

describe('ps with tasks on three nodes', () => {
  const onAllNodes = [' manager ', ' worker1 ', ' worker2 '];

  test('sends three requests in one round trip', async () => {
    const { ended, requests } = await asked(3, 'ps', name);
    expect(ended.stdout.match(/ (manager|worker1|worker2) /g)?.sort()).toEqual(onAllNodes);
    expect(requests).toEqual(['GET /nodes', 'GET /services', 'GET /tasks']);
  });

  test('sends a fourth request if the reference may be an id', async () => {
    const { ended, requests } = await asked(4, 'ps', (await storedService(name)).ID);
    expect(ended.stdout.match(/ (manager|worker1|worker2) /g)?.sort()).toEqual(onAllNodes);
    expect(requests).toEqual(['GET /nodes', 'GET /services', 'GET /services', 'GET /tasks']);
  });
});

test('update --detach sends one request to read and one to change', async () => {
  const { ended, requests } = await asked(1, 'update', '--detach', '--label-add', 'a=b', name);
  expect(ended.code).toBe(0);
  expect(requests).toEqual([
    `GET /services/${name}`,
    expect.stringMatching(/^POST \/services\/\w+\/update$/),
  ]);
});

test('create --detach sends one request for the digest and one to create', async () => {
  const [other = ''] = others;
  const words = ['create', '--detach', '--name', other, '--replicas', '0', image('ping', '1.0')];
  const { ended, requests } = await asked(1, ...words);
  expect(ended.code).toBe(0);
  expect(requests).toEqual([expect.stringMatching(/^GET \/distribution\//), 'POST /services/create']);
});

test('create --detach of a pinned image sends one request', async () => {
  const [, other = ''] = others;
  const words = ['create', '--detach', '--no-resolve-image', '--name', other, '--replicas', '0'];
  const { ended, requests } = await asked(1, ...words, image('ping', '1.0'));
  expect(ended.code).toBe(0);
  expect(requests).toEqual(['POST /services/create']);
});
