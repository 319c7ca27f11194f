/** Errors of what stands between us and the manager, while an update rolls: what goes by, and what ends the watch. */
import { describe, expect, test } from '@jest/globals';
import { fakeEngine } from '../../support/fake-engine/engine.ts';
import { NO_LEADER, NO_MANAGER, answer, cutBefore, cutReply } from '../../support/fake-engine/faults.ts';
import type { Fault } from '../../support/fake-engine/faults.ts';
import { run } from '../../support/fake-world.ts';
import { violations } from '../../support/schema.ts';

const SERVICE = /^GET \/services\/\w+/;
const TASKS = /^GET \/tasks/;
const html = (status: string): string =>
  `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`;
const OWN = answer(404, { message: 'service web not found' });
const PROXY = answer(404, html('404 Not Found'));

/** An update whose requests meet these faults after its change is stored. @param faults each meets so many of the requests */
const meets = (request: RegExp, ...faults: readonly (readonly [Fault, times: number])[]) =>
  meetsIn(['web'], request, ...faults);
/** @param words flags, and the service */
async function meetsIn(
  words: readonly string[],
  request: RegExp,
  ...faults: readonly (readonly [Fault, times: number])[]
) {
  const engine = fakeEngine();
  engine.given('web', 'ping:1.0', { Mode: { Replicated: { Replicas: 2 } } });
  const queue = faults.flatMap(([fault, times]) =>
    Array.from({ length: Math.min(times, 1_000) }, () => fault),
  );
  let isSent = false;
  let hits = 0;
  engine.inject(/./, (pass) => {
    const line = engine.requests.at(-1) ?? '';
    isSent ||= line.startsWith('POST ');
    const fault = isSent && request.test(line) ? queue.shift() : undefined;
    if (fault === undefined) return pass();
    hits += 1;
    return fault(pass);
  });
  const ended = await run(['update', '--force', ...words], { engine });
  return { ...ended, hits, engine };
}

describe('what goes by: the watch goes on to 0', () => {
  test.each<[string, RegExp, Fault, number]>([
    ['a 404 in HTML for the service', SERVICE, PROXY, 1],
    ['a 404 in HTML for the tasks', TASKS, PROXY, 1],
    ['three 404 in HTML in a row', SERVICE, PROXY, 3],
    ['a 404 in text', SERVICE, answer(404, '404 page not found'), 2],
    ['a 404 in the JSON of something else', SERVICE, answer(404, { error: 'no route' }), 2],
    ["one 404 in the engine's own words", SERVICE, OWN, 1],
    ['502 in HTML', SERVICE, answer(502, html('502 Bad Gateway')), 2],
    ['503 without a word', TASKS, answer(503, ''), 2],
    ['504 in HTML', SERVICE, answer(504, html('504 Gateway Time-out')), 1],
    ['429', SERVICE, answer(429, { message: 'too many requests' }), 2],
    ['408', TASKS, answer(408, html('408 Request Timeout')), 1],
    ["the engine's 500", TASKS, answer(500, { message: 'rpc error: code = Unavailable desc = x' }), 2],
    ['a page with 200', SERVICE, answer(200, html('Sign in')), 2],
    ['the connection is cut', SERVICE, cutBefore, 3],
    ['an answer is cut in its middle', TASKS, cutReply, 3],
  ])('%s', async (_, request, fault, times) => {
    const { code, hits, engine } = await meets(request, [fault, times]);
    expect({ code, hits, sent: engine.sent().length }).toEqual({ code: 0, hits: times, sent: 1 });
    expect(engine.states('web')).toEqual({ 'ping:1.0 running': 2 });
  });

  test("a proxy's 404 and the engine's in turn: not twice in a row", async () => {
    const { code, hits } = await meets(SERVICE, [OWN, 1], [PROXY, 1], [OWN, 1]);
    expect({ code, hits }).toEqual({ code: 0, hits: 3 });
  });
});

test('every reply takes a second: 0', async () => {
  const engine = fakeEngine();
  engine.given('web', 'ping:1.0', { Mode: { Replicated: { Replicas: 2 } } });
  engine.inject(/^GET \/(services|tasks|nodes)/, async (pass) => {
    await engine.clock.sleep(1_000);
    return pass();
  });
  expect((await run(['update', '--force', 'web'], { engine })).code).toBe(0);
  expect(engine.states('web')).toEqual({ 'ping:1.0 running': 2 });
});

test.each<[string, Fault, string]>([
  ['is behind a proxy that says 404', PROXY, '404'],
  ['has no leader', NO_LEADER, 'The swarm does not have a leader'],
  ['is no manager', NO_MANAGER, 'is not a swarm manager'],
  ['hangs up', cutBefore, 'the connection was closed'],
])('for five polls the manager %s: said once, then the verdict', async (_, fault, reason) => {
  const { code, hits, stderr } = await meets(SERVICE, [fault, 5]);
  expect({ code, hits }).toEqual({ code: 0, hits: 5 });
  const outages = stderr.split('\n').filter((line) => line.includes("can't be reached"));
  expect(outages).toEqual([expect.stringContaining(reason)]);
  expect(stderr.match(/the manager answers again/g)).toHaveLength(1);
});

test("the engine's own 404, twice in a row: 7", async () => {
  const { code, stderr } = await meets(SERVICE, [OWN, 2]);
  expect(code).toBe(7);
  expect(stderr).toMatch(/^swarmroll: web: the service was removed while it rolled out$/m);
});

describe('refused: 1 at once, in the words of whoever refused, and the change stands', () => {
  test.each<[string, Fault, RegExp]>([
    [
      '403 of a plugin',
      answer(403, { message: 'authorization denied by plugin opa: no' }),
      /denied by plugin opa: no/,
    ],
    ['403 in text', answer(403, 'Request forbidden by administrative rules.'), /forbidden by administrative/],
    ['403 in HTML', answer(403, html('403 Forbidden')), /403/],
    ['401 in HTML', answer(401, html('401 Authorization Required')), /401/],
    ['405', answer(405, { message: 'method not allowed' }), /method not allowed/],
    ['400', answer(400, { message: 'invalid filter' }), /invalid filter/],
  ])('%s for the tasks', async (_, fault, words) => {
    const { code, stderr, engine } = await meets(TASKS, [fault, Infinity]);
    expect(code).toBe(1);
    expect(stderr.split('\n').filter((line) => line.startsWith('swarmroll: '))).toEqual([
      expect.stringMatching(words),
    ]);
    expect(stderr).not.toMatch(/<|can't be reached/);
    expect(engine.stored('web').Spec.TaskTemplate.ForceUpdate).toBe(1);
  });

  test('-o json has the words', async () => {
    const fault = answer(403, { message: 'authorization denied by plugin opa: no' });
    const { code, stdout } = await meetsIn(['-o', 'json', 'web'], TASKS, [fault, Infinity]);
    const result = JSON.parse(stdout) as object;
    expect(violations('result', result)).toEqual([]);
    expect({ code, ...result }).toMatchObject({
      code: 1,
      exitCode: 1,
      error: { message: expect.stringContaining('authorization denied by plugin opa: no') as unknown },
    });
  });
});

describe('the nodes cannot be read', () => {
  /** The plan of a change of a service with two tasks. */
  async function planned(...flags: readonly string[]) {
    const engine = fakeEngine();
    engine.given('web', 'ping:1.0', { Mode: { Replicated: { Replicas: 2 } } });
    engine.inject(/^GET \/nodes/, answer(403, { message: 'not for you' }));
    return run(['update', '--dry-run', ...flags, 'web'], { engine });
  }
  const UNKNOWN = 'what happens to the tasks is not known: the nodes cannot be read\n';

  test('which tasks a change of the placement replaces is not known, and that is said', async () => {
    const { code, stdout } = await planned('--constraint-add', 'node.role!=x');
    expect(code).toBe(0);
    expect(stdout).toContain(UNKNOWN);
    expect(stdout).toContain('not for you');
    const json = await planned('--constraint-add', 'node.role!=x', '-o', 'json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      tasks: { replaced: 0, kept: 0 },
      message: UNKNOWN.trim(),
    });
  });

  test.each([[['--env-add', 'A=1']], [['--constraint-add', 'node.role!=x', '--image', 'ping:1.1']]])(
    'what %j replaces does not depend on them',
    async (flags) => {
      expect((await planned(...flags)).stdout).toContain('replaces 2 tasks');
    },
  );
});
