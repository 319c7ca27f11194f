/** `ps --watch` and `history --watch`: what is printed of a service that changes, and how they end. */
import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { fakeEngine } from '../support/fake-engine/engine.ts';
import type { FakeEngine } from '../support/fake-engine/engine.ts';
import { FORBIDDEN, cutBefore } from '../support/fake-engine/faults.ts';
import { run } from '../support/fake-world.ts';
import type { Ended } from '../support/fake-world.ts';

/** Runs a command line for so many milliseconds, and lets something happen in the middle. */
async function watched(
  argv: readonly string[],
  meanwhile: (engine: FakeEngine) => void,
  { ms = 20_000, signal = 'SIGINT', output = 'SIGPIPE' } = {},
): Promise<Ended & { readonly requests: readonly string[] }> {
  const engine = fakeEngine();
  engine.given('web');
  const interrupt = new AbortController();
  const outputEnd = new AbortController();
  engine.clock.later(5_000, () => meanwhile(engine));
  engine.clock.later(ms, () => (signal === output ? outputEnd : interrupt).abort(signal));
  const changes = { interrupted: interrupt.signal, outputEnded: outputEnd.signal };
  return { ...(await run(argv, { engine, changes })), requests: engine.requests };
}

const setImage = (engine: FakeEngine): void =>
  engine.change('web', ({ TaskTemplate }) => {
    TaskTemplate.ContainerSpec = { ...TaskTemplate.ContainerSpec, Image: 'ping:1.1' };
  });

test('ps: the table, and then the rows that are new or have changed, in its columns', async () => {
  const { code, stdout, stderr } = await watched(['ps', '--watch', 'web'], setImage);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^ID +NAME +IMAGE/);
  expect(lines[1]).toMatch(/^\w+ +web\.1 +ping:1\.0 +[\w-]+ +Running +Running/);
  expect(lines.slice(2).some((line) => /^\w+ +web\.1 +ping:1\.1 .* Running /.test(line))).toBe(true);
  expect(lines.slice(2).some((line) => /^\w+ +\\_ web\.1 +ping:1\.0 .* Shutdown +Shutdown /.test(line))).toBe(
    true,
  );
  // Rows alone, no second title; and a row is printed once for each thing that has changed.
  expect(stdout.match(/CURRENT STATE/g)).toHaveLength(1);
  expect(new Set(lines).size).toBe(lines.length);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('an age that grows is no change', async () => {
  const { stdout, requests } = await watched(['ps', '--watch', 'web'], () => undefined);
  expect(stdout.trimEnd().split('\n')).toHaveLength(2);
  // Once a second, with the events in between.
  expect(requests.filter((line) => line.startsWith('GET /tasks')).length).toBeLessThanOrEqual(22);
});

test.each([
  [['ps', '-w', '-q', 'web'], /^(\w+\n){2}$/],
  [['ps', '--watch', '--format', '{{.Name}} {{.Image}}', 'web'], /^web\.1 ping:1\.0\nweb\.1 ping:1\.1\n$/],
  [['ps', '--watch', '--format', 'table {{.Image}}', 'web'], /^IMAGE\nping:1\.0\nping:1\.1\n$/],
  [['history', '--watch', '-q', 'web'], /^(\w{12}\n){2}$/],
])('%j prints what changes of what it shows', async (argv, expected) => {
  const { code, stdout } = await watched(argv, setImage);
  expect(stdout).toMatch(expected);
  expect(code).toBe(0);
});

test.each([
  ['ps', '--format', 'json'],
  ['history', '-o', 'json'],
  ['history', '--format', 'json'],
])('%j: each line is an object', async (...argv) => {
  const { stdout } = await watched([...argv, '--watch', 'web'], setImage);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(1);
  for (const line of lines) expect(JSON.parse(line)).toBeInstanceOf(Object);
});

test.each([
  ['SIGINT', 0],
  ['SIGTERM', 143],
  ['SIGPIPE', 0],
])('%s ends it with %i', async (signal, code) => {
  const ended = await watched(['ps', '--watch', 'web'], () => undefined, { signal, ms: 10_000 });
  expect(ended).toMatchObject({ code, stderr: '' });
});

test('while the manager cannot be reached, it says so once, and goes on', async () => {
  const { code, stdout, stderr } = await watched(['ps', '--watch', 'web'], (engine) => {
    engine.inject(/./, cutBefore, { times: 12 });
    setImage(engine);
  });
  expect(stderr).toMatch(/^swarmroll: warning: .*; trying again\nswarmroll: warning: .* answers again\n$/);
  expect(stdout).toContain('ping:1.1');
  expect(code).toBe(0);
});

test('what else fails ends it, as without --watch', async () => {
  const removed = await watched(['ps', '--watch', 'web'], (engine) => engine.remove('web'));
  expect(removed.code).toBe(1);
  expect(removed.stderr).toContain('no such service: web');
  const refused = await watched(['history', '--watch', 'web'], (engine) => engine.inject(/./, FORBIDDEN));
  expect(refused.code).toBe(1);
  const missing = await watched(['ps', '--watch', 'web', 'other'], () => undefined);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toContain('other');
  expect(missing.stdout).toContain('web.1');
});

/** A terminal of 80 columns that keeps what was written to it. */
function terminal(rows: number) {
  const written: string[] = [];
  const stream = Object.assign(new EventEmitter(), {
    isTTY: true,
    columns: 80,
    rows,
    write: (text: string) => written.push(text) > 0,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
    getColorDepth: () => 1,
    hasColors: () => false,
  });
  return { written, stream };
}

test.each([
  [24, /web\.1 +ping:1\.1/],
  [6, /\n\.\.\. and \d+ more lines/],
])('on a terminal of %i rows the last table stays, and the cursor is visible', async (rows, expected) => {
  const { written, stream } = terminal(rows);
  const engine = fakeEngine();
  engine.given('web');
  const interrupt = new AbortController();
  engine.clock.later(20_000, () => setImage(engine));
  engine.clock.later(30_000, () => interrupt.abort('SIGINT'));
  const changes = { stdout: stream, interrupted: interrupt.signal };
  const { code } = await run(['ps', '--watch', 'web'], { engine, changes });
  expect(code).toBe(0);
  const text = written.join('');
  expect(written.at(-1)).toMatch(expected);
  expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(text.lastIndexOf('\u001b[?25l'));
  expect(stream.listenerCount('resize')).toBe(0);
});
