/** Every command that a report or an error tells is run as it stands: it succeeds, and it does what it says. */
import { describe, expect, test } from '@jest/globals';
import { image, run, swarm, swarmroll } from '../support/swarm.ts';
import type { Ended, RunOptions } from '../support/swarm.ts';
import { BRISK, PATIENT, QUICK, expectCode, given, serviceName, states } from './support.ts';

const [ping, crash] = [image('ping', '1.0'), image('crash', '1.0')];
const BAD = [...PATIENT, '--image', crash];

interface Told {
  readonly next: readonly string[];
  readonly hint?: string;
}
/** Of a command on several services: what is told of the first. */
function toldBy({ stdout }: Ended): Told {
  const result = JSON.parse(stdout) as Told & { readonly services?: readonly [Told] };
  return result.services?.[0] ?? result;
}

/** Runs a command as it was told. */
function follow(command: string, options?: RunOptions): Promise<Ended> {
  const [program = '', ...words] = command.split(' ');
  return program === 'docker' ? run('docker', words, options) : swarmroll(words, options);
}

/** Runs all of these commands, the way back last. Each must succeed. */
async function followAll(commands: readonly string[], options?: RunOptions): Promise<void> {
  const isBack = (command: string): boolean => / rollback | update /.test(command);
  for (const command of [...commands].sort((a, b) => Number(isBack(a)) - Number(isBack(b)))) {
    expectCode(await follow(command, options), 0);
  }
}

/** Ends with this code and tells these commands, where ID is the id of a generation. */
function expectNext(ended: Ended, code: number | readonly number[], commands: readonly string[]): Told {
  if (typeof code === 'number') expectCode(ended, code);
  else expect(code).toContain(ended.code);
  const told = toldBy(ended);
  expect(told.next.map((command) => command.replace(/--to [0-9a-f]{12}/, '--to ID'))).toEqual(commands);
  return told;
}

/** A service of 1.0 whose update to an image that crashes is paused. */
async function paused(stem: string, ...flags: readonly string[]): Promise<string> {
  const name = await given(stem, ...QUICK, ...flags, ping);
  expectCode(await swarmroll(['update', '--quiet', ...BAD, name]), 4);
  return name;
}

const json = (...words: readonly string[]): Promise<Ended> => swarmroll([...words, '--quiet', '-o', 'json']);

/** The commands in the hint of an error. */
const hinted = ({ stderr }: Ended): readonly string[] =>
  [...stderr.matchAll(/: ((?:swarmroll|docker) [^;\n]+)/g)].map(([, text = '']) => text);

describe('an update ends badly', () => {
  test('a crash loop after a second update: the hint leads back to the image that ran', async () => {
    const name = await paused('loop');
    // Each failure makes the engine delete an older task of the slot, and soon the last one that ran.
    const ended = await json('update', '--max-failures', '1', '--image', crash, name);
    expectCode(ended, 5);
    const { next: commands, hint } = toldBy(ended);
    const back = commands.filter((command) => !command.includes(' ps '));
    expect(back.join('\n')).toMatch(
      hint === undefined ? /^swarmroll update --image \S+\/ping:1\.0@\S+ \S+$/ : /^$/,
    );
    await followAll(commands);
    if (hint === undefined) expect(await states(name)).toEqual({ 'ping:1.0 running': 1 });
  });

  test('an image that the registry does not have: no login helps', async () => {
    const name = await given('missing', ...QUICK, ping);
    const ended = await json('update', ...PATIENT, '--image', image('ping', '9.9'), name);
    const told = expectNext(ended, 4, [`swarmroll rollback ${name}`, `swarmroll ps --no-trunc ${name}`]);
    await followAll(told.next);
    const none = serviceName('none');
    const words = ['create', '--quiet', '-o', 'json', ...BRISK, '--name', none, image('nowhere', '1')];
    expectNext(await swarmroll(words), 5, [`swarmroll ps --no-trunc ${none}`]);
  });
});

test('commands have the connection flags that were given', async () => {
  const name = await given('flags', ...QUICK, ping);
  const env = { DOCKER_HOST: undefined };
  const flag = `--host=${swarm.host}`;
  const ended = await swarmroll([flag, 'update', '--quiet', '-o', 'json', ...BAD, name], { env });
  const commands = [`swarmroll ${flag} rollback ${name}`, `swarmroll ${flag} ps --no-trunc ${name}`];
  await followAll(expectNext(ended, 4, commands).next, { env });
  expect(await states(name)).toEqual({ 'ping:1.0 running': 1 });
  const missing = await swarmroll(['-H', swarm.host, 'ps', 'no-such-service'], { env });
  expect(missing.stderr).toContain(`docker ${flag} service ls\n`);
  expectCode(await follow(`docker ${flag} service ls`, { env }), 0);
});

describe('an error', () => {
  test.each([['update'], ['rollback'], ['ps'], ['history'], ['inspect'], ['wait'], ['restart']])(
    '%s of a service that does not exist',
    async (command) => {
      const ended = await swarmroll([command, 'no-such-service']);
      expect(ended.code).toBe(1);
      for (const one of hinted(ended)) expectCode(await follow(one), 0);
      expect(hinted(ended).length).toBeLessThan(2);
    },
  );

  test('a rollback where the previous spec is the current one, and one to a generation that is not kept', async () => {
    const name = await given('none', ...QUICK, ping);
    const none = await swarmroll(['rollback', name]);
    const unknown = await swarmroll(['rollback', '--to', 'ffff', name]);
    expect([none.code, unknown.code]).toEqual([1, 1]);
    const commands = [...hinted(none), ...hinted(unknown)].filter((one) => !one.includes(' ID '));
    expect(commands).toEqual([`swarmroll history ${name}`, `swarmroll history ${name}`]);
    await followAll(commands);
  });
});
