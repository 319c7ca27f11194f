/** What goes where: stdout for the result alone, stderr for progress, and the same verdict in every way. */
import { describe, expect, test } from '@jest/globals';
import { violations } from '../../support/schema.ts';
import { image, run, storedService, swarmroll, until } from '../support/swarm.ts';
import type { Ended } from '../support/swarm.ts';
import { FAILING, NOWHERE, PATIENT, QUICK, create, given, serviceName, stuck } from './support.ts';
import { EXECUTABLE } from '../../support/command.ts';

const ping = image('ping', '1.0');
const next = image('ping', '1.1');
const crash = image('crash', '1.0');

/* eslint-disable no-control-regex -- what moves the cursor and colours */
const ESCAPE = /\u001b\[[\d;?]*[A-Za-z]|\r?\n/;
const COLOUR = /\u001b\[[\d;]*m/;
const UPWARDS = /\u001b\[\d*A/;
/* eslint-enable no-control-regex */

interface Json {
  readonly [field: string]: unknown;
  readonly verdict: string;
  readonly exitCode: number;
}

function resultOf({ stdout, code }: Ended): Json {
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  const result = JSON.parse(stdout) as Json;
  expect(violations('result', result)).toEqual([]);
  expect(result.exitCode).toBe(code);
  return result;
}

function progressOf({ stderr }: Ended): Json[] {
  const lines = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);
  for (const line of lines) expect(violations('progress', line)).toEqual([]);
  return lines;
}

describe('text', () => {
  test('create prints the id alone, update the name alone; a rollout of three tasks is tens of lines, not hundreds', async () => {
    const created = await create('text', [...QUICK, '--replicas', '3', ping]);
    expect(created.stdout).toBe(`${(await storedService(created.name)).ID}\n`);
    const updated = await swarmroll(['update', '--image', next, created.name]);
    expect(updated.stdout).toBe(`${created.name}\n`);
    for (const { stderr } of [created, updated]) {
      const lines = stderr.trimEnd().split('\n');
      expect(lines.length).toBeGreaterThan(5);
      expect(lines.length).toBeLessThan(100);
      for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \S/);
      // A change is told once.
      expect(new Set(lines.map((line) => line.slice(21))).size).toBe(lines.length);
      // No colour and no cursor movement in a pipe.
      expect(stderr).not.toContain('\u001b');
    }
  });

  test('--quiet says nothing of what goes well', async () => {
    const ended = await create('quiet', [...QUICK, '--quiet', ping]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('on a terminal', () => {
  /** A create of two tasks; script(1) gives it the terminal, and a shell's own exec gives that a size. */
  async function onTerminal(env: Readonly<Record<string, string>> = {}, of = ping) {
    const name = serviceName('terminal');
    const words = ['--name', name, ...QUICK, '--replicas', '2', '--env', 'PLACE=north-by-northwest', of];
    const command = `stty cols 50 rows 20; exec '${EXECUTABLE}' create ${words.join(' ')}`;
    const { code, stdout } = await run('script', ['-qec', command, '/dev/null'], {
      env: { TERM: 'xterm', CI: undefined, NO_COLOR: undefined, ...env },
    });
    expect(code).toBe(0);
    return { name, stdout };
  }

  test('it is drawn in place, no line wider than the terminal, and the end stays', async () => {
    // Its health check takes 3 s.
    const { name, stdout } = await onTerminal({}, image('healthy', '1.0'));
    expect(stdout).toMatch(COLOUR);
    const drawn = stdout.split(ESCAPE).filter((text) => text.trim() !== '');
    expect(Math.max(...drawn.map((text) => text.length))).toBeLessThanOrEqual(50);
    expect(drawn.some((text) => text.endsWith('overall progress: 0 out of 2 tasks'))).toBe(true);
    expect(drawn.slice(-4)).toEqual([
      '\u2714 overall progress: 2 out of 2 tasks',
      expect.stringMatching(/^1\/2: running {3}\[=+>\] {2}\w+$/),
      expect.stringMatching(/^2\/2: running {3}\[=+>\] {2}\w+$/),
      `verify: Service ${name} converged`,
    ]);
  });

  test('NO_COLOR takes the colours away, not the drawing', async () => {
    const { stdout } = await onTerminal({ NO_COLOR: '1' });
    expect(stdout).not.toMatch(COLOUR);
    expect(stdout).toMatch(UPWARDS);
  });

  test.each([{ TERM: 'dumb' }, { CI: 'true' }])('%j: plain lines', async (env) => {
    const { name, stdout } = await onTerminal(env);
    expect(stdout).not.toContain('\u001b');
    const lines = stdout.trimEnd().split('\r\n');
    expect(lines.at(-1)).toMatch(new RegExp(`^\\d{4}-\\S+Z verify: Service ${name} converged$`));
  });
});

test('warnings of the engine are on stderr, a line each, of create and of update', async () => {
  // Spoken to in this version, it looks for the digest itself and warns where there is none.
  const options = { env: { DOCKER_API_VERSION: '1.29' } };
  const told = (tag: string) =>
    `swarmroll: warning: image ${image('nothere', tag)} could not be accessed on a registry to record its digest. ` +
    `Each node will access ${image('nothere', tag)} independently, possibly leading to different nodes running ` +
    'different versions of the image.\n';
  const created = await create('warned', ['-d', '--constraint', NOWHERE, image('nothere', '1')], options);
  expect(created).toMatchObject({ code: 0, stderr: told('1') });
  const updated = await swarmroll(['update', '-d', '--image', image('nothere', '2'), created.name], options);
  expect(updated).toMatchObject({ code: 0, stdout: `${created.name}\n`, stderr: told('2') });
});

describe('every way of showing progress comes to the same verdict', () => {
  test.each([
    ['quiet', ['--quiet']],
    ['plain', ['--progress', 'plain']],
    ['json', ['--progress', 'json']],
    ['tty, which a pipe is not', ['--progress', 'tty']],
  ])('%s', async (_, flags) => {
    const failed = await create('verdict', [...FAILING, '--restart-condition', 'none', ...flags, crash]);
    expect(failed.code).toBe(5);
    expect(failed.stderr).toContain('task 1/1 ended and will not be restarted');
    expect(failed.stderr).toContain('crash: cannot open /etc/crash.conf');
  });
});

describe('-o json', () => {
  test('converged: before and after', async () => {
    const name = await given('json', ...QUICK, '--replicas', '2', ping);
    const before = await storedService(name);
    const result = resultOf(await swarmroll(['update', '-o', 'json', '--image', next, name]));
    const after = await storedService(name);
    expect(result).toMatchObject({
      action: 'update',
      verdict: 'converged',
      service: { id: before.ID, name },
      version: { before: before.Version.Index, after: after.Version.Index },
      image: {
        before: before.Spec.TaskTemplate.ContainerSpec?.Image,
        after: after.Spec.TaskTemplate.ContainerSpec?.Image,
        stored: after.Spec.TaskTemplate.ContainerSpec?.Image,
      },
      update: { state: 'completed' },
      tasks: { wanted: 2, done: 2, failed: 0 },
      slots: [{ slot: '1/2', state: 'running' }, { slot: '2/2' }],
      failures: [],
      next: [],
    });
  });

  test('failed: the reasons, with logs', async () => {
    const result = resultOf(await create('failed', [...FAILING, '-o', 'json', '--quiet', crash]));
    expect(result).toMatchObject({
      verdict: 'failed',
      why: 'max-failures',
      failures: [
        {
          error: 'task: non-zero exit (3)',
          exitCode: 3,
          count: expect.any(Number),
          log: ['crash: cannot open /etc/crash.conf'],
        },
      ],
    });
  });

  test('timed out: what is pending, and why', async () => {
    const flags = ['-o', 'json', '--timeout', '8s', '--label-add', 'a=b'];
    const ended = await swarmroll(['update', ...flags, await stuck('pending')]);
    expect(resultOf(ended)).toMatchObject({
      verdict: 'timedOut',
      exitCode: 124,
      pending: [{ state: 'pending', reason: expect.stringContaining('no suitable node') }],
    });
  });

  test('accepted, unchanged, and an error', async () => {
    const detached = await create('detached', [...QUICK, '-o', 'json', '--detach', ping]);
    expect(resultOf(detached)).toMatchObject({ verdict: 'accepted', exitCode: 0 });
    // Unchanged is said of tasks that have run for the monitor period: of others, that they have converged.
    const same = ['update', '-o', 'json', '--replicas', '1', detached.name];
    const unchanged = await until('its task to have run for the monitor period', async () => {
      const result = resultOf(await swarmroll(same));
      return result.verdict === 'converged' ? undefined : result;
    });
    expect(unchanged).toMatchObject({ verdict: 'unchanged', exitCode: 0 });
    const error = await swarmroll(['update', '-o', 'json', '--force', 'ghost']);
    expect(resultOf(error)).toMatchObject({
      verdict: 'error',
      exitCode: 1,
      message: 'no such service: ghost',
    });
    expect(resultOf(await swarmroll(['update', '-o', 'json', '--nope']))).toMatchObject({ exitCode: 2 });
  });
});

describe('--progress json', () => {
  test('is one object a line, the report included', async () => {
    const name = await given('lines', ...QUICK, ping);
    const ended = await swarmroll(['update', ...PATIENT, '--progress', 'json', '--image', crash, name]);
    expect(ended.code).toBe(4);
    const lines = progressOf(ended);
    expect(lines[0]).toMatchObject({ type: 'image' });
    // Their order, and whether a task is told before it fails, depend on what the first poll sees.
    const types = lines.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['progress', 'update']));
    expect(lines.at(-2)).toMatchObject({ type: 'verdict', verdict: 'paused' });
    expect(lines.at(-1)).toMatchObject({
      type: 'report',
      failures: [{ log: ['crash: cannot open /etc/crash.conf'] }],
      next: [`swarmroll rollback ${name}`, `swarmroll ps --no-trunc ${name}`],
    });
  });
});

describe('what was asked for is there already', () => {
  test('nothing is sent; --force always acts', async () => {
    const name = await given('same', ...QUICK, '--env', 'A=1', ping);
    const before = await storedService(name);
    const ended = await swarmroll(['update', '--env-add', 'A=1', '--replicas', '1', name]);
    expect(ended).toMatchObject({ code: 0, stdout: `${name}\n` });
    expect(ended.stderr).toBe(`${name} is unchanged: it already has this spec\n`);
    expect(await storedService(name)).toEqual(before);

    expect((await swarmroll(['update', '--force', '--quiet', name])).code).toBe(0);
    const forced = await storedService(name);
    expect(forced.Spec.TaskTemplate.ForceUpdate).toBe((before.Spec.TaskTemplate.ForceUpdate ?? 0) + 1);
    expect(forced.UpdateStatus?.State).toBe('completed');
  });

  test('--detach returns before anything runs', async () => {
    const ended = await create('detach', [...QUICK, '--detach', '--constraint', NOWHERE, ping]);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^\w{25}\n$/);
  });
});
