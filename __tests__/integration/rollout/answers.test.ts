/** A manager that hangs up, and one that is away. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { QUICK, expectReport, given, halfWay, states } from './support.ts';
import { proxy } from '../support/proxy.ts';
import type { Proxy } from '../support/proxy.ts';
import { image, said, until } from '../support/swarm.ts';

const ping = image('ping', '1.0');

/** Whether the proxy hangs up instead of asking the engine. */
let hangsUp = false;
/** How many polls came in while it did. */
let polls = 0;
let between: Proxy;

beforeAll(async () => {
  between = await proxy((request, response) => {
    if (!hangsUp) return undefined;
    if (/^\/services\/\w+(\?|$)/.test(request.url ?? '')) polls += 1;
    response.destroy();
    return 'answered';
  });
});
afterAll(() => between.close());

test('for five polls the manager hangs up: said once, then the verdict', async () => {
  const name = await given('answers', ...QUICK, '--replicas', '2', '--update-delay', '2s', ping);
  const rollout = await halfWay(name, '-H', between.host);
  polls = 0;
  hangsUp = true;
  await until('some polls', () => Promise.resolve(polls >= 5 || undefined));
  hangsUp = false;
  await said(rollout, /answers again/);
  const last = await rollout.ended;

  expect(last.code).toBe(0);
  expect(await states(name)).toEqual({ 'ping:1.1 running': 2 });
  // A machine that hangs for seconds has an outage of its own.
  const outages = last.stderr.split('\n').filter((line) => line.includes("can't be reached"));
  expect(outages.filter((line) => line.includes('the connection was closed'))).toHaveLength(1);
  expect(last.stderr.match(/the manager answers again/g)).toHaveLength(outages.length);
});

test('a signal ends the watching while the manager is away', async () => {
  const name = await given('away', ...QUICK, '--replicas', '2', '--update-delay', '2s', ping);
  const only = await proxy(() => undefined);
  const rollout = await halfWay(name, '-H', only.host).finally(() => only.close());
  await said(rollout, /can't be reached, trying again: /);
  rollout.child.kill('SIGINT');
  const last = await rollout.ended;
  expect(last.code).toBe(130);
  expectReport(
    last,
    /: stopped watching \(\d out of 2 tasks\), and the manager has not been reached for \d+s: .*; the rollout goes on in the engine$/,
  );
});
