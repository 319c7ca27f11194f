/** The command line, run in this process: texts, streams and exit codes of commands that need no engine. */
import { expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/commands/all.ts';
import { loadCommand } from '../../src/command-line/command.ts';
import { commandHelp } from '../../src/command-line/help.ts';
import type { ConnectionOptions } from '../../src/connection/connection.ts';
import { SwarmrollError } from '../../src/errors.ts';
import { MUST_BE_AN_IMAGE } from '../../src/service-spec/image.ts';
import type { World } from '../../src/world.ts';
import { run as runInWorld } from '../support/fake-world.ts';
import type { Ended } from '../support/fake-world.ts';

/** The connection options of the last command line. */
let asked: ConnectionOptions = {};

/** Runs a command line in a world without an engine: every connection fails with the error "connected". */
const run = (...argv: string[]): Promise<Ended> => runIn({}, ...argv);

/** Runs a command line in a world with some replaced fields. */
const runIn = (changes: Partial<World>, ...argv: string[]): Promise<Ended> =>
  runInWorld(argv, {
    changes: {
      connect: (options) => {
        asked = options;
        return Promise.reject(new SwarmrollError('unreachable', 'connected'));
      },
      ...changes,
    },
  });

test('the overview fits on one screen and lists every command', async () => {
  const { code, stdout, stderr } = await run('--help');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n').length).toBeLessThanOrEqual(25);
  const shown = COMMANDS.filter(({ hidden }) => hidden !== true);
  for (const { name, summary } of shown) expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'));
  expect(await run('help')).toEqual({ code, stdout, stderr });
});

test('a missing command is a usage error on stderr', async () => {
  const { code, stdout, stderr } = await run();
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: swarmroll COMMAND');
});

test.each([['--version'], ['-v']])('%s prints the version', async (flag) => {
  expect(await run(flag)).toEqual({ code: 0, stdout: 'swarmroll version 1.2.3\n', stderr: '' });
});

test.each(COMMANDS.map((entry) => [entry.name, entry] as const))(
  '%s --help has each flag once, no line that is too wide, and the exit codes at the end',
  async (name, entry) => {
    const command = await loadCommand(entry);
    const words = name.split(' ');
    const { code, stdout, stderr } = await run(...words, '--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { name: flag, short } of command.flags) {
      expect(stdout.match(new RegExp(`^ +(-\\w, )?--${flag}( |$)`, 'gm'))).toHaveLength(1);
      if (short !== undefined) expect(stdout).toContain(`  -${short}, --${flag}`);
    }
    const letters = stdout.match(/^ {2}-\w/gm) ?? [];
    expect(letters).toEqual([...new Set(letters)]);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^ {2}143 {2}interrupted by SIGTERM/);
    for (const columns of [80, 110, 200]) {
      const widest = Math.max(
        ...commandHelp(command, 'swarmroll', columns)
          .split('\n')
          .map((line) => line.length),
      );
      expect(widest).toBeLessThanOrEqual(110);
    }
    expect(await run('help', ...words)).toEqual({ code, stdout, stderr });
    expect(await run(...words, '--nope', '-h')).toMatchObject({ code: 2, stdout: '' });
  },
);

test.each([
  ['ps', [0, 1, 2, 130, 143]],
  ['stack diff', [0, 1, 2, 6, 7, 130, 143]],
  ['node undrain', [0, 1, 2, 7, 124, 130, 143]],
  ['update', [0, 1, 2, 3, 4, 5, 7, 124, 130, 143]],
])('%s --help has the exit codes with which it can end', async (name, codes) => {
  const { stdout } = await run(...name.split(' '), '--help');
  const listed = (stdout.split('Exit codes:\n')[1] ?? '').match(/^ {2}\d+/gm) ?? [];
  expect(listed.map(Number)).toEqual(codes);
});

test('update --help shows no defaults of flags that keep the stored value', async () => {
  expect((await run('create', '--help')).stdout).toMatch(/--restart-delay .*\[default 5s\]/);
  expect((await run('update', '--help')).stdout).not.toMatch(/--restart-delay .*\[default/);
});

test('connection flags are allowed before and after the command; create --host is a mapping of hosts', async () => {
  const reached = { code: 1, stdout: '', stderr: 'swarmroll: connected\n' };
  expect(await run('--host', 'tcp://a', 'ps', 'web')).toEqual(reached);
  expect(await run('ps', '-H', 'tcp://a', 'web')).toEqual(reached);
  expect(await run('-H', 'tcp://a', 'create', '--host', 'db:10.0.0.1', 'web')).toEqual(reached);
  expect(await run('create', '--host', 'tcp://a', 'web')).toMatchObject({ code: 2 });
});

test('if a command has a flag of the same name, the connection flag is allowed before the command', async () => {
  await run('--config', '/here', '-c', 'prod', 'create', '--config', 'web.conf', 'web');
  expect(asked).toMatchObject({ configDir: '/here', context: 'prod' });
  await run('--tlsverify', 'update', '--config', '/here', '--tlsverify=false', '--force', 'web');
  expect(asked).toMatchObject({ configDir: '/here', tlsVerify: false });
  await run('-H', 'tcp://a', 'create', '-H', 'tcp://b', 'web');
  expect(asked.hosts).toEqual(['tcp://a', 'tcp://b']);
});

test('with -o json, an error is one object on stdout and one line on stderr', async () => {
  const { code, stdout, stderr } = await run('update', '--replicas', 'many', '-o', 'json', 'web');
  const message = 'invalid argument "many" for --replicas: must be a whole number, 0 or more';
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toEqual({ verdict: 'error', exitCode: 2, message, error: { message } });
  expect(stderr).toBe(`swarmroll: ${message}\n`);
});

test('after a signal, the error of an aborted request is only in the JSON', async () => {
  const interrupted = AbortSignal.abort('SIGTERM');
  const connect = () => Promise.reject(interrupted.reason as Error);
  const { code, stdout, stderr } = await runIn(
    { interrupted, connect },
    'update',
    '-o',
    'json',
    '--force',
    'web',
  );
  const message = 'interrupted before anything was changed';
  expect({ code, stderr }).toEqual({ code: 143, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({ verdict: 'error', exitCode: 143, message, error: { message } });
});

test.each([['completion', 'constructor', 'bash, zsh, fish, powershell']])(
  '%s %s is a wrong command line',
  async (command, operand, choices) => {
    const ended = await run(command, operand);
    expect(ended).toEqual({
      code: 2,
      stdout: '',
      stderr: `swarmroll: invalid operand "${operand}" for ${command}: must be one of ${choices}\n`,
    });
  },
);

test('a command of two words', async () => {
  const connected = { code: 1, stdout: '', stderr: 'swarmroll: connected\n' };
  expect(await run('stack', 'deploy', '-c', 'a.yml', '--context', 'prod', 'app')).toEqual(connected);
  expect(asked).toMatchObject({ context: 'prod' });
  expect(await run('-c', 'prod', 'stack', '-H', 'tcp://a', 'up', '-c', 'a.yml', 'app')).toEqual(connected);
  expect(asked).toMatchObject({ context: 'prod', hosts: ['tcp://a'] });
  const group = await run('stack', '--help');
  expect(group).toMatchObject({ code: 0, stderr: '' });
  expect(group.stdout).toMatch(
    /^Usage: swarmroll stack COMMAND \[flags\][^]*\n {2}stack deploy {2}Deploy a stack/,
  );
  expect(await run('help', 'stack')).toEqual(group);
  expect(await run('stack')).toEqual({ code: 2, stdout: '', stderr: group.stdout });
  expect(await run('stack', 'depoy', 'app')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'swarmroll: unknown command: stack depoy\n  did you mean deploy?\n',
  });
  expect((await run('plugin', 'zap')).stderr).toBe(
    'swarmroll: unknown command: plugin zap\n  commands: plugin install, plugin uninstall\n',
  );
});

test.each([
  [['update'], 'update needs exactly 1 operand', 'update [flags] SERVICE'],
  [['ps'], 'ps needs at least 1 operand', 'ps [flags] SERVICE [SERVICE...]'],
  [['create'], 'create needs at least 1 operand', 'create [flags] IMAGE [COMMAND] [ARG...]'],
  [['stack', 'deploy'], 'stack deploy needs exactly 1 operand', 'stack deploy [flags] STACK'],
  [['plugin', 'install', 'now'], 'plugin install takes no operands', 'plugin install [flags]'],
  [['completion'], 'completion needs exactly 1 operand', 'completion [flags] bash|zsh|fish|powershell'],
  [['wait'], 'wait needs a service, --stack or --filter', 'wait [flags] [SERVICE...]'],
])('%j is a usage error that names the program as the user has typed it', async (line, message, usage) => {
  for (const program of ['swarmroll', 'docker swarmroll']) {
    const { code, stderr } = await runIn({ program }, ...line);
    expect(code).toBe(2);
    expect(stderr.startsWith(`swarmroll: ${message}`)).toBe(true);
    expect(stderr.endsWith(`\n  usage: ${program} ${usage}\n`)).toBe(true);
  }
});

// Every id begins with an empty text: the only service of a swarm would be meant.
test.each([
  [['restart', ''], 'the name of the service is empty'],
  [['ps', 'web', ''], 'the name of the service is empty'],
  [['update', '--force', ''], 'the name of the service is empty'],
  [['node', 'drain', ''], 'the name of the node is empty'],
  [['node', 'undrain', ''], 'the name of the node is empty'],
  [['stack', 'deploy', '-c', 'x.yml', ''], 'the name of the stack is empty'],
  [['wait', '--stack', ''], 'invalid argument "" for --stack: must not be empty'],
  [['node', 'drain', '--allow-down=', 'n1'], 'invalid argument "" for --allow-down: must not be empty'],
  [['stack', 'deploy', '--service=', 'app'], 'invalid argument "" for --service: must not be empty'],
  [['stack', 'deploy', '-c', '', 'app'], 'invalid argument "" for --compose-file: must not be empty'],
  [['restart', '--filter', 'name='], 'invalid argument "name=" for --filter: the value is empty'],
  [['wait', '--filter', 'label='], 'invalid argument "label=" for --filter: the value is empty'],
  [['restart', '--filter', 'label=env='], 'invalid argument "label=env=" for --filter: the value is empty'],
  [['wait', '--image', '', 'web'], `invalid argument "" for --image: ${MUST_BE_AN_IMAGE}`],
  [['wait', '--image', 'web:2\r', 'web'], `invalid argument "web:2\\r" for --image: ${MUST_BE_AN_IMAGE}`],
])('%j is a usage error, because a name is empty', async (line, message) => {
  const { code, stderr } = await runIn({}, ...line);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `swarmroll: ${message}\n` });
});

test('only --debug prints a stack trace', async () => {
  expect((await run('update', '--force', 'web')).stderr).not.toContain('    at ');
  expect((await run('update', '--debug', '--force', 'web')).stderr).toContain('    at ');
  expect((await run('ps', '-qD', 'web')).stderr).toContain('    at ');
  expect((await run('create', 'web', 'sshd', '-D')).stderr).not.toContain('    at ');
});
