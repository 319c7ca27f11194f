/**
 * Every flag of every command's help, against an engine that notes what it is asked for: the flag is read or refused, and with
 * --dry-run nothing is sent.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/commands/all.ts';
import { commandWorld } from '../../src/command-world.ts';
import { loadCommand } from '../../src/command-line/command.ts';
import type { Command } from '../../src/command-line/command.ts';
import { connectionOptions, debug, help } from '../../src/command-line/common-flags.ts';
import type { Flag } from '../../src/command-line/flag.ts';
import { flagsOf, parse } from '../../src/command-line/parse.ts';
import { SwarmrollError, exitCodeOf } from '../../src/errors.ts';
import { templateId } from '../../src/generations/generations.ts';
import { main } from '../../src/main.ts';
import { boolean, string } from '../../src/values/value.ts';
import { reportFile, timeout } from '../../src/watch/rollout-flags.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { fakeWorld } from '../support/fake-world.ts';
import { PREVIOUS, isWrite, recordingEngine } from '../support/recording-engine.ts';

const commands: Command[] = [];
for (const entry of COMMANDS) commands.push(await loadCommand(entry));

/** The operands with which a command does something. */
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  create: ['ping:1.0'],
  update: ['--image', 'ping:1.3', 'web'],
  scale: ['web=2'],
  'stack deploy': ['-c', 'a.yml', 'app'],
  'stack diff': ['-c', 'a.yml', 'app'],
  completion: ['bash'],
  'plugin install': [],
  'plugin uninstall': [],
  __complete: ['ps', ''],
};
const operandsOf = ({ name }: Command): readonly string[] => OPERANDS[name] ?? ['web'];

/** The values of the flags that not every text is a value of: the first one that the flag takes. */
const VALUES =
  'ping:1.2 1 1s json a=b a=1 nofile=1 label=a=b type=volume,dst=/a 80:80 file://a a:10.0.0.1 10.0.0.1 spread=node.labels.a none'.split(
    ' ',
  );
const folder = mkdtempSync(join(tmpdir(), 'swarmroll-flags-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SAMPLES: Readonly<Record<string, string>> = {
  // `plugin install` makes a link in it.
  config: folder,
  to: templateId(PREVIOUS.TaskTemplate),
  progress: 'plain',
};

/** A flag on a command line, with a value that it takes. */
function words(flag: Flag): readonly string[] {
  const dashes = flag.name.length === 1 ? `-${flag.name}` : `--${flag.name}`;
  if (flag.type === boolean) return [dashes];
  const value = [SAMPLES[flag.name], ...VALUES, ...choicesOf(flag)].find((text) => takes(flag, text));
  if (value === undefined) throw new Error(`no value for --${flag.name} is known here: add one to VALUES`);
  return [dashes, value];
}

const choicesOf = ({ type }: Flag): readonly string[] => type.choices ?? [];

function takes({ type }: Flag, text: string | undefined): boolean {
  if (text === undefined) return false;
  try {
    type.parse([text]);
    return true;
  } catch {
    return false;
  }
}

/** It lets pass a second at least: a rollout is polled once a second, not ten times. */
function slowClock() {
  const clock = fakeClock();
  return { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(Math.max(1_000, ms), signal) };
}

/** A world with the engine. Time passes only while somebody sleeps. */
function worldWith() {
  const { engine, calls } = recordingEngine();
  // What goes on for ever ends when nobody reads it any more.
  const clock = slowClock();
  const outputEnd = new AbortController();
  clock.later(5_000, () => outputEnd.abort());
  let runs = 0;
  const { world, written } = fakeWorld({
    clock,
    // A docker that is only counted.
    spawn: () => {
      runs += 1;
      return Promise.resolve(0);
    },
    changes: {
      outputEnded: outputEnd.signal,
      env: { HOME: folder },
      cwd: folder,
      connect: () => Promise.resolve(engine),
    },
  });
  const sent = (): readonly string[] => [
    ...calls.filter(isWrite).map(({ name }) => name),
    ...(runs > 0 ? ['docker'] : []),
  ];
  return { world, written, sent };
}

/** The flags that main reads for every command. */
const READ_BY_MAIN: readonly Flag[] = [help, debug, reportFile, timeout];

/** Runs a command with one flag. @returns what is wrong: undefined if it has read or refused the flag */
async function problemOf(command: Command, flag: Flag): Promise<string | undefined> {
  if (READ_BY_MAIN.includes(flag)) return undefined;
  const { world } = worldWith();
  const read = new Set<Flag>();
  const line = parse(command, [...words(flag), ...operandsOf(command)], 'swarmroll');
  const given = {
    has: (asked: Flag) => line.given.has(asked),
    get: <V>(asked: Flag<V>): V | undefined => {
      read.add(asked);
      return line.given.get(asked);
    },
  };
  let isRefused = false;
  try {
    const start = {
      startedAt: 0,
      connection: () => connectionOptions(given),
      tell: () => undefined,
      warn: () => undefined,
    };
    await command.run({ ...line, given, world: commandWorld(world, start) });
  } catch (error) {
    if (!(error instanceof SwarmrollError)) throw error;
    isRefused = exitCodeOf(error) === 2 && error.message.includes(`--${flag.name}`);
  }
  return read.has(flag) || isRefused ? undefined : `${command.name} --${flag.name} is not read`;
}

test.each(commands.map((command) => [command.name, command] as const))(
  '%s reads or refuses each flag of its help',
  async (_, command) => {
    const problems: (string | undefined)[] = [];
    for (const flag of flagsOf(command)) problems.push(await problemOf(command, flag));
    expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  },
);

test('a flag that a command lists and never reads is found', async () => {
  const [command] = commands;
  if (command === undefined) throw new Error('no command');
  const idle: Flag<string> = { name: 'idle', type: string, group: 'Output', help: 'Nothing' };
  const unread = { ...command, flags: [...command.flags, idle] };
  expect(await problemOf(unread, idle)).toBe('create --idle is not read');
});

describe('--dry-run', () => {
  const dryRuns = commands.filter(({ flags }) => flags.some(({ name }) => name === 'dry-run'));

  test('is a flag of the commands that change services', () => {
    expect(dryRuns.map(({ name }) => name)).toEqual([
      ...['create', 'update', 'rollback', 'scale', 'restart', 'stack deploy', 'node drain'],
    ]);
  });

  // What docker would send is held (cli/deploy/stack). A drain sends more than one change (cli/deploy/node-drain).
  test.each(
    dryRuns
      .filter(({ name }) => !/^(stack deploy|node drain)$/.test(name))
      .map((command) => [command.name, command] as const),
  )('%s sends nothing, whatever other flag is given', async (name, command) => {
    const codes = new Map<number, number>();
    const plain = worldWith();
    expect(await main([name, ...operandsOf(command)], plain.world)).toBe(0);
    expect(plain.sent()).toHaveLength(1);
    for (const flag of [undefined, ...command.flags]) {
      const { world, sent, written } = worldWith();
      const line = [name, '--dry-run', ...(flag === undefined ? [] : words(flag)), ...operandsOf(command)];
      const code = await main(line, world);
      codes.set(code, (codes.get(code) ?? 0) + 1);
      expect({ line, sent: sent() }).toEqual({ line, sent: [] });
      expect({ line, code, said: written.stderr.trim() !== '' }).toEqual({ line, code, said: true });
    }
    // Most of the lines get as far as the plan.
    expect(codes.get(0)).toBeGreaterThan(command.flags.length / 2);
  });
});
