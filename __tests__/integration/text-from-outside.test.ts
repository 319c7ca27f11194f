/**
 * Text from a container, a node, a proxy or the user: it is made printable on a terminal and on stderr, and stays as it is
 * in pipes.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { proxy } from './support/proxy.ts';
import { docker, image, removeServices, run, swarmroll, uniqueName } from './support/swarm.ts';
import { EXECUTABLE } from '../support/command.ts';

const BAD = '\u202e\u001b[31m\u0007';
const SHOWN = '\\u202e\\x1b[31m\\x07';
/** The characters that must not be on a terminal or in a log. Line feeds and the escapes of the frame are allowed. */
// eslint-disable-next-line no-control-regex -- the test searches for control characters
const HOSTILE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e]/;

/** A service whose tasks are rejected. The error contains the path of its mount, unchanged. */
const rejected = uniqueName('hostile');
const logging = uniqueName('logging');
beforeAll(async () => {
  const mount = `type=bind,source=/nowhere/${BAD}x,target=/x`;
  const ended = await swarmroll([
    ...['create', '--name', rejected, '--restart-condition', 'none', '--mount', mount],
    image('ping', '1.0'),
  ]);
  expect(ended.code).toBe(5);
  expect(ended.stderr).toContain(`bind source path does not exist: /nowhere/${SHOWN}x`);
  expect(ended.stderr).not.toMatch(HOSTILE);
});
afterAll(() => removeServices(rejected, logging));

test('ps: made printable on a terminal, and in a pipe the same as from docker', async () => {
  const line = ['ps', '--no-trunc', '--format', '{{.Error}}', rejected];
  const [theirs, ours] = [await docker(['service', ...line]), await swarmroll(line)];
  expect(ours.stdout).toContain(BAD);
  expect(ours.stdout).toBe(theirs.stdout);
  for (const command of [
    `ps --no-trunc ${rejected}`,
    `inspect ${rejected}`,
    `inspect --pretty ${rejected}`,
  ]) {
    const { stdout } = await run('script', ['-qec', `'${EXECUTABLE}' ${command}`, '/dev/null']);
    expect(stdout).not.toMatch(HOSTILE);
    expect(stdout).toContain(command.startsWith('inspect ') ? '\\u202e' : SHOWN);
  }
});

test('the log of a failed task: both streams sorted by time, without control characters', async () => {
  // The time of a line is that at which the engine has read it, so only the engine knows which order is right.
  const script = [
    'for i in 1 2 3 4; do echo out $i; sleep 0.05; echo err $i >&2; sleep 0.05; done',
    `printf '\\342\\200\\256\\033[31m\\007 last\\n'`,
    'exit 3',
  ].join('\n');
  const { code, stderr } = await swarmroll([
    ...['create', '-q', '--name', logging, '--restart-condition', 'none', '--update-monitor', '30s'],
    image('ping', '1.0'),
    ...['sh', '-c', script],
  ]);
  expect(code).toBe(5);
  const logs = await docker(['service', 'logs', '--raw', '--timestamps', logging]);
  const lines = `${logs.stdout}${logs.stderr}`.split('\n').filter((line) => line !== '');
  expect(lines).toHaveLength(9);
  expect(stderr.split('\n').filter((line) => line.startsWith('    | '))).toEqual(
    lines.sort().map((line) => `    | ${line.replace(/^\S+ /, '').replace(BAD, SHOWN)}`),
  );
});

test('the message of an engine, or of a server in its place', async () => {
  const broken = await proxy((_, response) => {
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ message: BAD }));
    return 'answered';
  });
  const { code, stderr } = await swarmroll(['ps', 'web'], { env: { DOCKER_HOST: broken.host } });
  broken.close();
  expect({ code, stderr }).toEqual({ code: 1, stderr: `swarmroll: ${SHOWN}\n` });
});

test('the arguments of the user', async () => {
  const { code, stderr } = await swarmroll(['update', '--force', `web${BAD}`]);
  expect(code).toBe(1);
  expect(stderr.split('\n')[0]).toBe(`swarmroll: no such service: web${SHOWN}`);
});
