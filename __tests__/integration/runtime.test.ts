/** What differs between Node and Bun, on a real swarm: other connections than the engine's, and a terminal's new size. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { COMMAND, EXECUTABLE } from '../support/command.ts';
import { image, run, start, swarm, until } from './support/swarm.ts';
import { NOWHERE, QUICK, given, serviceName } from './rollout/support.ts';

/* eslint-disable no-control-regex -- what moves the cursor and colours */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swarmroll-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a command', () => {
  let name: string;
  beforeAll(async () => {
    name = await given('traced', ...QUICK, image('ping', '1.0'));
    await writeFile(join(folder, '.env'), 'DOCKER_HOST=tcp://127.0.0.1:1\n');
    await writeFile(join(folder, 'bunfig.toml'), 'preload = ["./nothing.js"]\n');
  });

  test.each([[['--version']], [['ps']], [['update', '--label-add', 'a=b']], [['inspect', '--pretty']]])(
    '%j connects to the engine alone and opens no file of the working directory',
    async ([command = '', ...flags]) => {
      const log = join(folder, 'trace');
      const words = command.startsWith('-') ? [command] : [command, ...flags, name];
      const traced = ['-f', '-qq', '-e', 'trace=connect,sendto,open,openat', '-o', log, ...COMMAND, ...words];
      const ended = await run('sh', ['-c', 'cd "$0" && exec strace "$@"', folder, ...traced]);
      expect(ended.code).toBe(0);
      const calls = await readFile(log, 'utf8');
      const { hostname, port } = new URL(swarm.host);
      const addresses = [...calls.matchAll(/sin6?_port=htons\((\d+)\).*?"([^"]+)"/g)].map(
        ([, at, host]) => `${host}:${at}`,
      );
      const others = addresses.filter((address) => address !== `${hostname}:${port}`);
      expect(others).toEqual([]);
      expect(addresses.length > 0).toBe(words.length > 1);
      // A socket of the name service's cache (glibc) would be another program's.
      expect(calls).not.toMatch(/sun_path=(?!"\/var\/run\/nscd)/);
      expect(calls).not.toContain(folder);
      expect(calls).not.toMatch(/"(\.\/)?(\.env|bunfig\.toml)/);
    },
  );
});

test('after the terminal has become narrower, no line is wider than it', async () => {
  const name = serviceName('narrower');
  const tty = join(folder, 'tty');
  const words = [
    'create',
    '--name',
    name,
    '--timeout',
    '100s',
    '--constraint',
    NOWHERE,
    image('ping', '1.0'),
  ];
  const command = `tty > '${tty}'; stty cols 100 rows 20; exec '${EXECUTABLE}' ${words.join(' ')}`;
  const drawn = start('script', ['-qec', command, '/dev/null'], { env: { TERM: 'xterm', CI: undefined } });
  await until('the reason to be drawn', () =>
    Promise.resolve(/no suitable node/.test(drawn.stdout()) || undefined),
  );
  const device = (await readFile(tty, 'utf8')).trim();
  const before = drawn.stdout().length;
  expect(await run('stty', ['-F', device, 'cols', '40'])).toMatchObject({ code: 0 });
  const split = (text: string): string[] => text.split(/\u001b\[[\d;?]*[A-Za-z]|\r?\n/);
  // One more frame of the old width may come. The reason is cut to the new width, so a narrow frame ends with a dot.
  const narrow = await until('a narrow frame', () => {
    const at = drawn
      .stdout()
      .slice(before)
      .search(/1\/1: pending [^\r\n\u001b]{10,27}\u2026/);
    return Promise.resolve(at < 0 ? undefined : before + at);
  });
  await until('the next frame', () => Promise.resolve(drawn.stdout().length > narrow + 500 || undefined));
  for (const text of split(drawn.stdout().slice(narrow))) expect(text.length).toBeLessThanOrEqual(40);
  drawn.child.kill();
});
