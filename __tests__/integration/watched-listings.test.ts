/** `ps --watch` and `history --watch` of a service of the real swarm. */
import { expect, test } from '@jest/globals';
import { EXECUTABLE } from '../support/command.ts';
import { QUICK, given } from './rollout/support.ts';
import { image, run, start, startSwarmroll, storedTasks, swarmroll, until } from './support/swarm.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');

const listed = (): Promise<string> => given('listed', ...QUICK, ping);

const has = (text: () => string, what: RegExp) => (): Promise<true | undefined> =>
  Promise.resolve(what.test(text()) || undefined);

test('a line for each change, until SIGINT, which ends it with 0', async () => {
  const name = await listed();
  const tasks = startSwarmroll(['ps', '--watch', '--format', '{{.ID}} {{.Image}} {{.DesiredState}}', name]);
  const history = startSwarmroll(['history', '-w', '--format', '{{.ID}} {{.Image}}', name]);
  await until('the first listings', has(tasks.stdout, /\n/));
  await until('the first listings', has(history.stdout, /\n/));
  expect((await swarmroll(['update', '-q', '--image', next, name])).code).toBe(0);
  await until('the new task', has(tasks.stdout, /ping:1\.1 Running\n/));
  await until('the old task', has(tasks.stdout, /ping:1\.0 Shutdown\n/));
  await until('the new generation', has(history.stdout, /ping:1\.1/));
  for (const { child } of [tasks, history]) child.kill('SIGINT');
  const ended = await tasks.ended;
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const ids = (await storedTasks(name)).map(({ ID }) => ID.slice(0, 12));
  for (const line of ended.stdout.trimEnd().split('\n')) expect(ids).toContain(line.slice(0, 12));
  expect(await history.ended).toMatchObject({ code: 0, stderr: '' });
});

test('it ends when its reader has gone', async () => {
  const name = await listed();
  const watching = start('sh', ['-c', `'${EXECUTABLE}' ps --watch '${name}' | head -n 1; echo gone`]);
  await until('the first line', has(watching.stdout, /ID/));
  // It is known from the next line that it writes.
  expect((await swarmroll(['update', '-q', '--force', name])).code).toBe(0);
  const { code, stdout } = await watching.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/gone\n$/);
});

test('a terminal is redrawn in place', async () => {
  const name = await listed();
  const command = `stty cols 100 rows 20; exec '${EXECUTABLE}' history --timeline --watch '${name}'`;
  const drawn = start('script', ['-qec', command, '/dev/null'], {
    env: { TERM: 'xterm', NO_COLOR: '1' },
  });
  await until('the timeline', has(drawn.stdout, /A {2}\w+ .*ping:1\.0/));
  expect((await swarmroll(['update', '-q', '--image', next, name])).code).toBe(0);
  await until('the second generation', has(drawn.stdout, /B {2}\w+ .*ping:1\.1/));
  expect((await run('pkill', ['-INT', '-f', `history --timeline --watch ${name}`])).code).toBe(0);
  const { code, stdout } = await drawn.ended;
  expect(code).toBe(0);
  expect(stdout).toContain('\u001b[?25h');
});
