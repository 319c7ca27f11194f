/** The connection flags in the commands that hints name. */
import { expect, test } from '@jest/globals';
import { withConnection } from '../../../src/command-line/common-flags.ts';
import { dockerOf } from '../../../src/values/docker-program.ts';
import type { ConnectionOptions } from '../../../src/connection/connection.ts';
import type { World } from '../../../src/world.ts';

test.each([
  ['swarmroll', {}, 'swarmroll', 'docker'],
  ['docker swarmroll', {}, 'docker swarmroll', 'docker'],
  [
    'swarmroll',
    { hosts: ['tcp://a:2375'], tls: true, tlsCaCert: '/my certs/ca.pem' },
    "swarmroll --host=tcp://a:2375 --tls=true '--tlscacert=/my certs/ca.pem'",
    "docker --host=tcp://a:2375 --tls=true '--tlscacert=/my certs/ca.pem'",
  ],
  [
    'docker swarmroll',
    { context: 'prod', configDir: '/etc/c' },
    'docker --context=prod --config=/etc/c swarmroll',
    'docker --context=prod --config=/etc/c',
  ],
  ...[
    ['tcp://u:topsecret@a:1', 'tcp://a:1'],
    ['u:topsecret@a:1/x', 'tcp://a:1/x'],
    ['https://u:topsecret@a', 'https://a'],
    ['ssh://u@a:22/run/d.sock', 'ssh://u@a:22/run/d.sock'],
    ['ssh://u:topsecret@a', "'ssh://u:***@a'"],
    ['tcp://u:top/secret@a:x', "'tcp://u:***@a:x'"],
    ['unix:///run/a:b@c.sock', 'unix:///run/a:b@c.sock'],
  ].map(([host = '', shown = '']): [string, ConnectionOptions, string, string] => {
    const word = shown.startsWith("'") ? `'--host=${shown.slice(1)}` : `--host=${shown}`;
    return ['swarmroll', { hosts: [host] }, `swarmroll ${word}`, `docker ${word}`];
  }),
])('%s with %j', (started, options, program, docker) => {
  const world = withConnection({ program: started } as unknown as World, options);
  expect([world.program, dockerOf(world.program)]).toEqual([program, docker]);
});

test('the other fields of the world are read only when they are used', () => {
  const lazy = {
    program: 'swarmroll',
    get cwd(): string {
      throw new Error('the folder has been removed');
    },
  };
  const world = withConnection(lazy as unknown as World, { context: 'prod' });
  expect(world.program).toBe('swarmroll --context=prod');
  expect(() => world.cwd).toThrow('removed');
});
