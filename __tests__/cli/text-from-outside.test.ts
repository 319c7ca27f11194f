/** Hostile text in the arguments and from the engine: control characters never reach a terminal. */
import { describe, expect, test } from '@jest/globals';
import type { Engine } from '../../src/engine/client.ts';
import type { Service, Task } from '../../src/api/service.ts';
import type { Node } from '../../src/api/cluster.ts';
import { EngineError, SwarmrollError } from '../../src/errors.ts';
import { run as runInWorld } from '../support/fake-world.ts';
import type { Ended } from '../support/fake-world.ts';

const BAD = 'a\u202eb\u001b[31m\u0007c\u009b2J';
const SHOWN = 'a\\u202eb\\x1b[31m\\x07c\\u009b2J';
/** The characters that no stream may contain. */
// eslint-disable-next-line no-control-regex -- the test searches for control characters
const HOSTILE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

/** Runs a command line with an engine that has the given functions. */
const run = (argv: readonly string[], engine: Partial<Engine> = {}, isTTY = false): Promise<Ended> =>
  runInWorld(argv, {
    isTTY,
    changes: {
      executable: `/opt/${BAD}/dist/cli.js`,
      connect: () => Promise.resolve({ host: 'tcp://a:1', parallel: true, ...engine } as Engine),
    },
  });

describe('text of the arguments', () => {
  test.each([
    [['update', `--${BAD}`, 'web'], `unknown flag: --${SHOWN}`],
    [['update', '-\u202e', 'web'], "unknown shorthand flag: '\\u202e' in -\\u202e"],
    [[BAD], `unknown command: ${SHOWN}`],
    [
      ['create', '--replicas', 'a\u202eb', 'ping'],
      'invalid argument "a\\u202eb" for --replicas: must be a whole number, 0 or more',
    ],
    [['rollback', 'web', 'a\u202eb'], 'rollback needs exactly 1 operand: unexpected operand "a\\u202eb"'],
    [['update', '--one\n--two'], 'unknown flag: --one --two'],
  ])('in the errors of %j', async (argv, message) => {
    const { code, stdout, stderr } = await run(argv);
    expect({ code, stdout, first: stderr.split('\n')[0] }).toEqual({
      code: 2,
      stdout: '',
      first: `swarmroll: ${message}`,
    });
    expect(stderr).not.toMatch(HOSTILE);
  });

  const notFound = {
    service: () => Promise.reject(new SwarmrollError('notFound', 'not found')),
    services: () => Promise.resolve([]),
    tasks: () => Promise.resolve([]),
    nodes: () => Promise.resolve([]),
  };

  test.each(['update', 'rollback', 'inspect', 'ps'])(
    'in the name of a missing service: %s',
    async (command) => {
      const { code, stderr } = await run([command, BAD], notFound);
      expect({ code, first: stderr.split('\n')[0] }).toEqual({
        code: 1,
        first: `swarmroll: no such service: ${SHOWN}`,
      });
      expect(stderr).not.toMatch(HOSTILE);
    },
  );

  test('goes to the engine as it was typed', async () => {
    const asked: string[] = [];
    const service = (ref: string) => {
      asked.push(ref);
      return Promise.reject(new SwarmrollError('notFound', 'not found'));
    };
    await run(['update', BAD], { service });
    expect(asked).toEqual([BAD]);
  });

  test('in the JSON of an error', async () => {
    const { stdout } = await run(['update', '-o', 'json', BAD], notFound);
    expect(stdout).not.toMatch(HOSTILE);
    expect(JSON.parse(stdout)).toMatchObject({ message: `no such service: ${SHOWN}` });
  });

  test('in a stack trace', async () => {
    const { stderr } = await run(['update', '--debug', BAD], notFound);
    expect(stderr).toMatch(/^ {4}at /m);
    expect(stderr).not.toMatch(HOSTILE);
  });

  test('in paths', async () => {
    const { stdout } = await run(['plugin', 'uninstall', '--config', `/nowhere/${BAD}`]);
    expect(stdout).toBe(
      `docker swarmroll is not installed: /nowhere/${SHOWN}/cli-plugins/docker-swarmroll\n`,
    );
  });

  test('in the id, the name and the warnings of a change', async () => {
    const { code, stdout, stderr } = await run(['create', '-d', '--name', BAD, 'ping'], {
      pinnedApiVersion: undefined,
      distribution: () => Promise.reject(new EngineError('refused', 'no such image', { fault: 'final' })),
      createService: () => Promise.resolve({ ID: BAD, Warnings: [BAD] }),
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${SHOWN}\n` });
    const [ofImage, ofEngine] = stderr.split('\n');
    expect(ofImage).toContain('image ping:latest could not be accessed');
    expect(ofEngine).toBe(`swarmroll: warning: ${SHOWN}`);
    expect(stderr).not.toMatch(HOSTILE);
  });
});

describe('text of the engine on stdout', () => {
  const service: Service = {
    ID: 'id1',
    Version: { Index: 1 },
    CreatedAt: '2026-01-01T00:00:00Z',
    UpdatedAt: '2026-01-01T00:00:00Z',
    Spec: {
      Name: 'web',
      Labels: { [BAD]: 'x\ny\u202e' },
      TaskTemplate: { ContainerSpec: { Image: 'ping', Env: [`A=${BAD}`] } },
      Mode: { Replicated: { Replicas: 1 } },
    },
  };
  const task: Task = {
    ID: 'task1',
    CreatedAt: '2026-01-01T00:00:00Z',
    ServiceID: 'id1',
    Slot: 1,
    NodeID: 'node1',
    DesiredState: 'shutdown',
    Spec: { ContainerSpec: { Image: 'ping' } },
    Status: { State: 'failed', Timestamp: '1970-01-01T00:00:00Z', Err: `${BAD}\nmore` },
  };
  const node: Node = { ID: 'node1', Spec: {}, Description: { Hostname: BAD }, Status: { State: 'ready' } };
  const engine: Partial<Engine> = {
    service: () => Promise.resolve(service),
    services: () => Promise.resolve([service]),
    tasks: () => Promise.resolve([task]),
    nodes: () => Promise.resolve([node]),
  };

  test.each([
    ['the table', []],
    ['a custom table', ['--format', 'table {{.Name}}\\t{{.Node}}\\t{{.Error}}']],
    ['a template', ['--format', '{{.Node}} {{.Error}}']],
    ['raw', ['--format', 'raw']],
    ['JSON', ['--format', 'json']],
  ])('ps, %s: visible on a terminal, as docker prints it elsewhere', async (_, flags) => {
    const terminal = await run(['ps', '--no-trunc', ...flags, 'web'], engine, true);
    expect(terminal.code).toBe(0);
    expect(terminal.stdout).not.toMatch(HOSTILE);
    expect(terminal.stdout).toContain('\\u202e');
    const pipe = await run(['ps', '--no-trunc', ...flags, 'web'], engine);
    expect(pipe.stdout).toContain('a\u202eb');
  });

  test('ps: the columns are aligned', async () => {
    const { stdout } = await run(['ps', '--no-trunc', 'web'], engine, true);
    const [titles = '', row = ''] = stdout.split('\n');
    expect(row.indexOf('Shutdown')).toBe(titles.indexOf('DESIRED STATE'));
    expect(row.indexOf(`"${SHOWN} more"`)).toBe(titles.indexOf('ERROR'));
  });

  test('colours in the user’s own template are kept', async () => {
    const { stdout } = await run(['ps', '--format', '\u001b[1m{{.Name}}\u001b[0m', 'web'], engine, true);
    expect(stdout).toBe('\u001b[1mweb.1\u001b[0m\n');
  });

  test.each([
    ['the JSON', []],
    ['JSON on one line', ['--format', 'json']],
    ['a template', ['--format', '{{range $k, $v := .Spec.Labels}}{{$k}}={{$v}}{{end}}']],
    ['a template of JSON', ['--format', '{{json .Spec.Labels}}']],
    ['pretty', ['--pretty']],
  ])('inspect, %s: visible on a terminal, as docker prints it elsewhere', async (_, flags) => {
    const terminal = await run(['inspect', ...flags, 'web'], engine, true);
    expect(terminal.code).toBe(0);
    expect(terminal.stdout).not.toMatch(HOSTILE);
    expect(terminal.stdout).toContain('\\u202e');
    const pipe = await run(['inspect', ...flags, 'web'], engine);
    expect(pipe.stdout).toContain('a\u202eb');
  });

  test('inspect: the JSON on a terminal contains the same data', async () => {
    const [terminal, pipe] = await Promise.all([
      run(['inspect', 'web'], engine, true),
      run(['inspect', 'web'], engine),
    ]);
    expect(JSON.parse(terminal.stdout)).toEqual(JSON.parse(pipe.stdout));
  });

  test('completion offers no name with control characters', async () => {
    const services = () =>
      Promise.resolve([service, { ...service, Spec: { ...service.Spec, Name: `web${BAD}` } }]);
    const { stdout } = await run(['__complete', '--', 'ps', 'we'], { ...engine, services });
    expect(stdout).toBe('web\n');
  });
});
