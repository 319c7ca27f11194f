/** Completion: the candidates for a command line. */
import { expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/commands/all.ts';
import { candidates } from '../../src/command-line/candidates.ts';
import type { Candidates } from '../../src/command-line/candidates.ts';

const shown = COMMANDS.filter(({ hidden }) => hidden !== true);

/** The first words of the commands. */
const NAMES = [...new Set(shown.map(({ name }) => name.replace(/ .*/, '')))];
const MODES = ['replicated', 'global', 'replicated-job', 'global-job'];

test.each<[string[], readonly string[], Candidates['names']]>([
  [['up'], NAMES, undefined],
  [['help', 'up'], NAMES, undefined],
  [['help', 'ps', ''], [], undefined],
  [['create', '--mode', ''], MODES, undefined],
  [['create', '--mode=g'], MODES.map((mode) => `--mode=${mode}`), undefined],
  [['update', '--progress', ''], ['auto', 'tty', 'plain', 'json', 'quiet'], undefined],
  [['update', '--image', ''], [], undefined],
  [['update', '-d', ''], [], 'services'],
  [['update', 'web', ''], [], undefined],
  [['ps', 'web', ''], [], 'services'],
  [['wait', ''], [], 'services'],
  [['restart', 'web', ''], [], 'services'],
  [['scale', 'w'], [], 'services'],
  [['wait', '--stack', ''], [], 'stacks'],
  [['stack', ''], ['deploy', 'diff', 'config'], undefined],
  [['help', 'stack', ''], ['deploy', 'diff', 'config'], undefined],
  [['-c', 'prod', 'stack', '--tls', ''], ['deploy', 'diff', 'config'], undefined],
  [['stack', '--context', ''], [], 'contexts'],
  [['node', 'drain', ''], [], 'nodes'],
  [['stack', 'deploy', ''], [], 'stacks'],
  [['stack', 'up', '-c', 'a.yml', ''], [], 'stacks'],
  [['stack', 'deploy', 'app', ''], [], undefined],
  [['stack', 'nope', ''], [], undefined],
  [['plugin', ''], ['install', 'uninstall'], undefined],
  [['plugin', 'install', ''], [], undefined],
  [['rollback', 'w'], [], 'services'],
  [['rollback', '--to', ''], [], 'generations'],
  [['rollback', 'web', '--to=3'], [], 'generations'],
  [['history', ''], [], 'services'],
  [['-H', 'tcp://a', '-D', 'rollback', 'w'], [], 'services'],
  [['--context', ''], [], 'contexts'],
  [['ps', '--context=p'], [], 'contexts'],
  [['create', '--network', ''], [], 'networks'],
  [['update', '--network-rm=n'], [], 'networks'],
  [['update', '--secret-add', ''], [], 'secrets'],
  [['create', '--config', ''], [], 'configs'],
  [['--config', ''], [], undefined],
  [['create', 'ima'], [], undefined],
  [['create', 'image', '--mo'], [], undefined],
  [['create', 'image', 'sh', ''], [], undefined],
  [['completion', ''], ['bash', 'zsh', 'fish', 'powershell'], undefined],
  [['nope', ''], [], undefined],
])('candidates after %j', async (argv, found, names) => {
  const { fixed, names: kind } = await candidates(shown, argv);
  expect([fixed, kind]).toEqual([found, names]);
});

test('the connection flags of the command line are kept', async () => {
  const argv = ['-H', 'tcp://a', 'ps', '--tls', '--filter', 'x=y', '--context=prod', ''];
  const { connection } = await candidates(shown, argv);
  expect(connection.map(([{ name }, text]) => `${name} ${text}`)).toEqual([
    'host tcp://a',
    'tls true',
    'context prod',
  ]);
});

test('after two dashes, every flag of the command is a candidate', async () => {
  const update = await shown.find(({ name }) => name === 'update')?.load();
  const { fixed } = await candidates(shown, ['update', '--']);
  for (const { name } of update?.flags ?? []) expect(fixed).toContain(`--${name}`);
  expect(fixed).not.toContain('--name');
});
