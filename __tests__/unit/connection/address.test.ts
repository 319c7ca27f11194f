import { describe, expect, test } from '@jest/globals';
import { parseAddress, shownAddress, sshCommand, withoutPassword } from '../../../src/connection/address.ts';
import type { SshAddress } from '../../../src/connection/address.ts';
import { sshArguments } from '../../../src/connection/ssh.ts';

const tcp = (host: string, port?: number, prefix = '') => ({
  kind: 'tcp',
  host,
  ...(port === undefined ? {} : { port }),
  prefix,
  secure: false,
});

test.each([
  ['unix:///var/run/docker.sock', { kind: 'socket', path: '/var/run/docker.sock' }],
  ['unix://', { kind: 'socket', path: '/var/run/docker.sock' }],
  ['unix:///a b/%20.sock', { kind: 'socket', path: '/a b/%20.sock' }],
  ['unix://relative.sock', { kind: 'socket', path: 'relative.sock' }],
  ['tcp://host:80', tcp('host', 80)],
  ['tcp://host', tcp('host')],
  ['tcp://', tcp('localhost')],
  ['tcp://:1', tcp('localhost', 1)],
  [':1', tcp('localhost', 1)],
  ['host', tcp('host')],
  ['host:1', tcp('host', 1)],
  [' tcp://host:1 ', tcp('host', 1)],
  ['tcp://[::1]:1', tcp('::1', 1)],
  ['[::1]:1', tcp('::1', 1)],
  ['::1', tcp('::1')],
  ['http://host:1', tcp('host', 1)],
  ['https://host', { ...tcp('host'), secure: true }],
  ['tcp://host:1/a/b/', tcp('host', 1, '/a/b')],
  ['tcp://ann:secret@host:1', tcp('host', 1)],
  ['ssh://host', { kind: 'ssh', host: 'host' }],
  ['ssh://My_Alias.prod', { kind: 'ssh', host: 'My_Alias.prod' }],
  ['ssh://ann@host:22/', { kind: 'ssh', user: 'ann', host: 'host', port: 22 }],
  ['ssh://a%20b@[::1]:2222', { kind: 'ssh', user: 'a b', host: '::1', port: 2222 }],
  ['ssh://host/run/my docker.sock', { kind: 'ssh', host: 'host', socket: '/run/my docker.sock' }],
])('%j', (text, wanted) => {
  expect(parseAddress(text, 'linux')).toEqual(wanted);
});

test.each([
  ['foo://bar', /not an address/],
  ['TCP://host', /not an address/],
  ['tcp://host:x', /not an address/],
  ['tcp://host:99999', /not an address/],
  ['tcp://a b:1', /not an address/],
  ['tcp://a:1,tcp://b:1', /not an address/],
  ['/var/run/docker.sock', /unix:\/\/PATH/],
  ['npipe:////./pipe/docker_engine', /only Windows/],
  ['ssh://', /no host/],
  ['ssh://ann@', /no host/],
  ['ssh://host:x', /no host/],
  ['ssh://ann:secret@host', /password/],
  ['ssh://ann:12/secret@host', /password/],
  ['ssh://host?a=b', /more than/],
  ['ssh://host#a', /more than/],
  ['ssh://%zz@host', /escape/],
])('%j is refused', (text, why) => {
  expect(() => parseAddress(text, 'linux')).toThrow(why);
});

test('on Windows, the path of a named pipe has backslashes, as Node requires', () => {
  const pipe = parseAddress('npipe:////./pipe/docker_engine', 'win32');
  expect(pipe).toEqual({ kind: 'socket', path: '\\\\.\\pipe\\docker_engine' });
  expect(shownAddress(pipe)).toBe('npipe:////./pipe/docker_engine');
});

test.each([
  'unix:///a b.sock',
  'tcp://host:1',
  'tcp://[::1]:1/a',
  'https://host:1',
  'ssh://ann@host:22/run/a.sock',
  'ssh://[::1]',
])('%j is shown unchanged', (text) => {
  expect(shownAddress(parseAddress(text, 'linux'))).toBe(text);
});

test.each([
  ['ssh://ann:sec:ret@host:1', 'ssh://ann:***@host:1'],
  ['ssh://ann:se/cret@host', 'ssh://ann:***@host'],
  ['ssh://ann:se@cret@host', 'ssh://ann:***@host'],
  ['ssh://ann:/@://secret@host/run/a.sock', 'ssh://ann:***@host/run/a.sock'],
  ['ssh://ann:se\ncret@host', 'ssh://ann:***@host'],
  ['ssh://a@b:secret@host', 'ssh://a@b:***@host'],
  ['tcp://:secret@host', 'tcp://:***@host'],
  ['ann:se/cret@host:1', 'ann:***@host:1'],
  ['ssh:/ann:secret@host', 'ssh:***@host'],
  ['tcp://host:1/a', 'tcp://host:1/a'],
  ['tcp://[::1]:1', 'tcp://[::1]:1'],
  ['ssh://ann@host:22/run/a.sock', 'ssh://ann@host:22/run/a.sock'],
  ['foo://ann@host', 'foo://ann@host'],
])('a password is never shown: %j', (text, wanted) => {
  expect(withoutPassword(text)).toBe(wanted);
});

test.each(['tcp://ann:12/secret@host', 'tcp://ann:secret@host:1/a'])(
  'a password is never shown, even when it parses as something else: %j',
  (text) => {
    expect(shownAddress(parseAddress(text, 'linux'))).not.toMatch(/12|secret/);
  },
);

describe('ssh', () => {
  const address = (text: string): SshAddress => parseAddress(text, 'linux') as SshAddress;

  test('is started with docker’s arguments', () => {
    const common = ['-o', 'ConnectTimeout=30', '-T'];
    expect(sshArguments(address('ssh://host'))).toEqual([
      ...common,
      '--',
      'host',
      'docker',
      'system',
      'dial-stdio',
    ]);
    expect(sshArguments(address('ssh://ann@[::1]:22/run/a.sock'))).toEqual([
      ...[...common, '-l', 'ann', '-p', '22', '--', '::1'],
      ...['docker', '--host', 'unix:///run/a.sock', 'system', 'dial-stdio'],
    ]);
  });

  test('the socket’s path is quoted for the remote shell', () => {
    expect(sshArguments(address("ssh://host/it's; rm -r"))).toContain("'unix:///it'\\''s; rm -r'");
  });

  test('the command for hints is one that people can type', () => {
    expect(sshCommand(address('ssh://ann@host:22'))).toBe('ssh -p 22 ann@host');
    expect(sshCommand(address('ssh://host'))).toBe('ssh host');
  });
});
