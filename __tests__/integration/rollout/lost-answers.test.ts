/** A change was sent and no answer came: what the engine has stored decides, and nothing is sent twice. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { cutAfter, cutReply } from '../support/proxy.ts';
import { api, image, removeServices, swarmroll } from '../support/swarm.ts';
import type { Service } from '../../../src/api/service.ts';
import { QUICK, expectCode, given, opened, posts, serviceName, states } from './support.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');
const POST = /^POST /;

test('update: stored, but the answer is cut in its middle: watched to 0', async () => {
  const name = await given('lost', ...QUICK, '--replicas', '2', ping);
  const between = await opened();
  between.inject(POST, cutReply);
  const ended = await swarmroll(['-H', between.host, 'update', '--image', next, name]);
  expectCode(ended, 0);
  expect(ended.stdout).toBe(`${name}\n`);
  expect(posts(between)).toHaveLength(1);
  expect(await states(name)).toEqual({ 'ping:1.1 running': 2 });
});

describe('create', () => {
  const unnamed: string[] = [];
  afterAll(() => removeServices(...unnamed));

  test('without a name of its own: found by what it is', async () => {
    const label = serviceName('lost-label');
    const between = await opened();
    between.inject(POST, cutAfter);
    const words = ['create', '--label', `test=${label}`, ...QUICK, ping];
    const ended = await swarmroll(['-H', between.host, ...words]);
    const filters = encodeURIComponent(JSON.stringify({ label: [`test=${label}`] }));
    const made = await api<Service[]>(`/services?filters=${filters}`);
    unnamed.push(...made.map(({ ID }) => ID));
    expectCode(ended, 0);
    expect(made.map(({ ID }) => `${ID}\n`)).toEqual([ended.stdout]);
  });
});
