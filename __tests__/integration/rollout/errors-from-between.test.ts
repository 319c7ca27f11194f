/** Errors of what stands between us and the manager, or of the manager itself: transient or final. */
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { answer, cutBefore, cutReply, hang, rewrite } from '../support/proxy.ts';
import type { Fault, Proxy } from '../support/proxy.ts';
import { image, said, startSwarmroll, storedService, storedTasks, swarmroll } from '../support/swarm.ts';
import { PATIENT, QUICK, create, expectCode, expectReport, given, opened, posts, states } from './support.ts';

const ping = image('ping', '1.0');

const SERVICE = /^GET \/services\/\w+/;
const TASKS = /^GET \/tasks/;
const NODES = /^GET \/nodes/;
const html = (status: string): string =>
  `<html>\r\n<head><title>${status}</title></head>\r\n<body>\r\n<center><h1>${status}</h1></center>\r\n</body>\r\n</html>`;

/** Two tasks, which each test has replaced one after the other. */
let name: string;
let between: Proxy;
beforeAll(async () => {
  name = await given('between', ...QUICK, '--replicas', '2', ping);
});
beforeEach(async () => {
  between = await opened();
});

/** Starts an update through the proxy that replaces both tasks. */
const started = (...flags: readonly string[]) =>
  startSwarmroll(['-H', between.host, 'update', '--force', ...flags, name]);

/** The same, of which one task is replaced. */
async function halfWay() {
  const rollout = started();
  await said(rollout, /: 1 out of /);
  return rollout;
}

/** How an update ends that meets a fault when it is half-way, and how many requests have met it. */
async function meets(request: RegExp, fault: Fault, times: number) {
  const rollout = await halfWay();
  const { hits } = between.inject(request, fault, { times });
  return { ended: await rollout.ended, hits: hits() };
}

describe('what goes by: the watch goes on, and 0 is observed', () => {
  test.each<[string, RegExp, Fault, number]>([
    ['the connection is cut', SERVICE, cutBefore, 3],
    ['an answer is cut in its middle', TASKS, cutReply, 3],
    ['no answer', TASKS, hang, 1],
  ])('%s', async (_, request, fault, times) => {
    const { ended, hits } = await meets(request, fault, times);
    expectCode(ended, 0);
    expect(hits).toBe(times);
    expect((await storedService(name)).UpdateStatus?.State).toBe('completed');
    expect(await states(name)).toEqual({ 'ping:1.0 running': 2 });
  });
});

describe('refused: final at once, in the words of whoever refused', () => {
  const DENIED = 'authorization denied by plugin opa: tasks are not for you';
  const plugin = answer(403, { message: DENIED });

  test('from the first request on: 1, and not after ten minutes', async () => {
    between.inject(TASKS, plugin);
    // The time limit of tests is shorter.
    const ended = await started().ended;
    expectCode(ended, 1);
    expectReport(ended, new RegExp(DENIED));
  });

  test('for the nodes, networks and the registry: a replicated service is watched without them', async () => {
    const page =
      '<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>';
    between.inject(/^GET \/(nodes|networks|distribution)/, answer(403, page));
    const words = '403 Forbidden Request forbidden by administrative rules. (HTTP 403 from ';
    const ended = await started('--image', ping).ended;
    expectCode(ended, 0);
    expect((await storedService(name)).UpdateStatus?.State).toBe('completed');
    expect(ended.stderr).toContain(`names and states of the nodes: GET /nodes: ${words}`);
    expect(ended.stderr).toMatch(
      /^swarmroll: warning: the registry of image .* \(GET \/distribution\/.*403 Forbidden/m,
    );
    expect(ended.stderr).not.toMatch(/login|</);
    const listed = await swarmroll(['-H', between.host, 'ps', name]);
    expectCode(listed, 0);
    const [task] = await storedTasks(name);
    expect(listed.stdout).toContain(task?.NodeID);
    expect(listed.stderr).toContain(`ids are shown instead of names: GET /nodes: ${words}`);
    const planned = await swarmroll(['-H', between.host, 'update', '--dry-run', '--force', name]);
    expectCode(planned, 0);
    expect(planned.stdout).toContain(`not checked: GET /nodes: ${words}`);
  });

  test('for the nodes of a global service: it ends with the words', async () => {
    between.inject(NODES, plugin);
    const words = [...QUICK, '--mode', 'global', ping];
    const ended = await create('no-nodes', words, { env: { DOCKER_HOST: between.host } });
    expectCode(ended, 1);
    expect(ended.stderr).toContain(DENIED);
  });
});

test('a reply that is cut over plain HTTP says nothing of TLS', async () => {
  between.inject(SERVICE, cutReply);
  const ended = await started().ended;
  expectCode(ended, 1);
  expect(ended.stderr).toMatch(/: the connection was closed\n/);
  expect(ended.stderr).not.toMatch(/TLS/i);
});

test("before anything was sent: a proxy's 404 is not the engine's word that there is no such service", async () => {
  between.inject(SERVICE, answer(404, html('404 Not Found')));
  const ended = await started().ended;
  expectCode(ended, 1);
  expect(ended.stderr).toMatch(/404/);
  expect(ended.stderr).not.toMatch(/no such service/);
  expect(posts(between)).toEqual([]);
});

test('a node with a hostile name, a registry and an engine with hostile words: made visible', async () => {
  // As JSON has them, and as they may be shown.
  const bad = '\\u001b[31m\\u0007\\u202e';
  const shown = '\\x1b[31m\\x07\\u202e';
  between.inject(NODES, rewrite(/"Hostname":"/g, `"Hostname":"${bad}`));
  between.inject(/^GET \/distribution\//, answer(403, { message: `denied: ${JSON.parse(`"${bad}"`)}` }));
  const words = [...PATIENT, '--restart-condition', 'none', image('crash', '1.0')];
  const failed = await create('hostile', words, { env: { DOCKER_HOST: between.host } });
  expectCode(failed, 5);
  expect(failed.stderr).toMatch(new RegExp(`failed on ${escaped(shown)}(manager|worker[12]): task: `));
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  expect(failed.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
});

const escaped = (text: string): string => text.replace(/[\\[\]]/g, '\\$&');
