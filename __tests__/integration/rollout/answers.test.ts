/** A manager that answers, but with an error: 500, as while there is no leader, or by hanging up. */
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { QUICK, expectReport, given, halfWay, states } from './support.ts';
import { proxy } from '../support/proxy.ts';
import type { Proxy } from '../support/proxy.ts';
import { image, said, until } from '../support/swarm.ts';

const ping = image('ping', '1.0');

/** What the proxy does instead of asking the engine; nothing while it is undefined. */
let fault: ((response: ServerResponse) => void) | undefined;
/** How many polls came in while the fault lasted. */
let polls = 0;
let between: Proxy;

beforeAll(async () => {
  between = await proxy((request, response) => {
    if (fault === undefined) return undefined;
    if (/^\/services\/\w+(\?|$)/.test(request.url ?? '')) polls += 1;
    fault(response);
    return 'answered';
  });
});
afterEach(() => {
  fault = undefined;
});
afterAll(() => between.close());

const say = (status: number, message: string) => (response: ServerResponse) => {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ message }));
};
const NO_LEADER =
  'rpc error: code = Unknown desc = The swarm does not have a leader. It is possible that too few managers are online.';

describe('for five polls the manager', () => {
  test.each([
    ['answers 500', say(500, NO_LEADER), 'The swarm does not have a leader'],
    ['hangs up', (response: ServerResponse) => response.destroy(), 'the connection was closed'],
  ])('%s: said once, then the verdict', async (_, failing, reason) => {
    const name = await given('answers', ...QUICK, '--replicas', '2', '--update-delay', '2s', ping);
    const rollout = await halfWay(name, '-H', between.host);
    polls = 0;
    fault = failing;
    await until('some polls', () => Promise.resolve(polls >= 5 || undefined));
    fault = undefined;
    await said(rollout, /answers again/);
    const last = await rollout.ended;

    expect(last.code).toBe(0);
    expect(await states(name)).toEqual({ 'ping:1.1 running': 2 });
    // A machine that hangs for seconds has an outage of its own.
    const outages = last.stderr.split('\n').filter((line) => line.includes("can't be reached"));
    expect(outages.filter((line) => line.includes(reason))).toHaveLength(1);
    expect(last.stderr.match(/the manager answers again/g)).toHaveLength(outages.length);
  });
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
