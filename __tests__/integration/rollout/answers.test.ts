/** A manager that answers, but with an error: 500 and 503, as while there is no leader, or by hanging up. */
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { QUICK, given, states } from './support.ts';
import { proxy } from '../support/proxy.ts';
import type { Proxy } from '../support/proxy.ts';
import { image, startSwarmroll, until } from '../support/swarm.ts';

const ping = image('ping', '1.0');

/** What the proxy does instead of asking the engine; nothing while it is undefined. */
let fault: ((response: ServerResponse) => void) | undefined;
/** When each request came in while the fault lasted. */
let looks: number[] = [];
let between: Proxy;

beforeAll(async () => {
  between = await proxy((request, response) => {
    if (fault === undefined) return undefined;
    if (/^\/services\/\w+\?/.test(request.url ?? '')) looks.push(Date.now());
    fault(response);
    return 'answered';
  });
});
afterAll(() => between.close());

const say = (status: number, message: string) => (response: ServerResponse) => {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ message }));
};
const NO_LEADER =
  'rpc error: code = Unknown desc = The swarm does not have a leader. It is possible that too few managers are online.';

describe('for 8 seconds the manager', () => {
  test.each([
    ['answers 500', say(500, NO_LEADER), 'The swarm does not have a leader'],
    ['answers 503', say(503, 'This node is not a swarm manager.'), 'is not a swarm manager'],
    ['hangs up', (response: ServerResponse) => response.destroy(), 'the connection was closed'],
  ])('%s: said once, tried at least every 2 s, then the verdict', async (_, failing, reason) => {
    const name = await given('answers', ...QUICK, '--replicas', '2', '--update-delay', '2s', ping);
    const flags = ['-H', between.host, 'update', '--image', image('ping', '1.1')];
    const { ended, stderr } = startSwarmroll([...flags, name]);
    await until('the first new task', () => Promise.resolve(/: 1 out of /.test(stderr()) || undefined));
    looks = [];
    fault = failing;
    const began = Date.now();
    await until('8 seconds of it', () => Promise.resolve(Date.now() - began > 8_000 || undefined));
    fault = undefined;
    const healed = Date.now();
    await until('the watch to notice', () =>
      Promise.resolve(stderr().includes('answers again') || undefined),
    );
    expect(Date.now() - healed).toBeLessThan(2_500);
    const last = await ended;

    expect(last.code).toBe(0);
    expect(await states(name)).toEqual({ 'ping:1.1 running': 2 });
    const said = last.stderr.split('\n').filter((line) => line.includes("can't be reached"));
    expect(said).toEqual([expect.stringContaining(reason)]);
    expect(last.stderr.match(/the manager answers again/g)).toHaveLength(1);
    // It asks less and less often, but never waits for longer than 2 s.
    const waits = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
    expect(looks.length).toBeLessThan(12);
    expect(Math.max(...waits)).toBeLessThan(3_500);
    expect(waits[0]).toBeLessThan(1_000);
  });
});
