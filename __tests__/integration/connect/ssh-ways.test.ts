/** Kinds of ssh addresses, and the errors of failed connections. */
import net from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { expectError, run, swarm, swarmroll } from '../support/swarm.ts';
import { sshHosts } from './ssh-hosts.ts';
import { ME } from './sshd.ts';
import { COMMAND } from '../../support/command.ts';

const hosts = sshHosts();
const { env, service, started } = hosts;

describe('the engine is reached with', () => {
  test.each<[string, () => string]>([
    ['IPv6', () => `ssh://${ME}@[::1]:${hosts.server().port}`],
    ['a host of ~/.ssh/config behind a jump host', () => 'ssh://inner.prod'],
  ])('%s', async (_, address) => {
    const jumps = hosts.jump().connections();
    const ended = await swarmroll(['-H', address(), 'ps', '--format', '{{.Name}}', service], { env });
    expect(ended.stdout).toContain(`${service}.1\n`);
    expect(started()).toHaveLength(1);
    expect(hosts.jump().connections() - jumps).toBe(address().includes('inner') ? 1 : 0);
  });

  test('a context that the real docker made', async () => {
    await hosts.user.docker('context', 'create', 'over.ssh', '--docker', `host=${hosts.address()}`);
    const ended = await swarmroll(['ps', '-q', service], { env: { ...env, DOCKER_CONTEXT: 'over.ssh' } });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
  });

  test('a socket on the remote host with a space and a quote in its path', async () => {
    const path = join(hosts.folder, "an engine's.sock");
    const { hostname, port } = new URL(swarm.host);
    const relay = net.createServer((socket) => {
      const onward = net.connect(Number(port), hostname);
      socket.pipe(onward).pipe(socket);
      for (const end of [socket, onward]) end.on('error', () => end.destroy());
    });
    await new Promise<void>((resolve) => relay.listen(path, resolve));
    const ended = await swarmroll(['-H', `${hosts.address()}${path}`, 'ps', '-q', service], { env });
    relay.close();
    expect([ended.code, ended.stderr]).toEqual([0, '']);
  });
});

describe('a failure is shown with ssh’s message', () => {
  const reach = (address: string, why: string): string => `cannot reach the engine at ${address}: ${why}`;
  const ask = (address: string) => swarmroll(['-H', address, 'ps', service], { env });

  test('a user who may not log in; ssh is started once', async () => {
    const address = `ssh://nobody.else@127.0.0.1:${hosts.server().port}`;
    const ended = await ask(address);
    expectError(ended, 1, reach(address, 'nobody.else@127.0.0.1: Permission denied (publickey).'));
    expect(ended.stderr).toContain(`ssh -p ${hosts.server().port} nobody.else@127.0.0.1 docker version`);
    expect(started()).toHaveLength(1);
  });

  test('an unknown host key', async () => {
    hosts.client.know([]);
    const why = `No ED25519 host key is known for [127.0.0.1]:${hosts.server().port} and you have requested strict checking. Host key verification failed.`;
    expectError(await ask(hosts.address()), 1, reach(hosts.address(), why));
  });

  test('a changed host key', async () => {
    hosts.client.know([`[127.0.0.1]:${hosts.server().port} ${hosts.jump().hostKey}`]);
    const ended = await ask(hosts.address());
    expect(ended.stderr.split('\n')[0]).toMatch(
      /has changed and you have requested strict checking\. Host key verification failed\.$/,
    );
    expect(ended.code).toBe(1);
  });

  test('an unknown host', async () => {
    const ended = await ask('ssh://host.invalid');
    expect(ended.stderr.split('\n')[0]).toMatch(/: ssh: Could not resolve hostname host\.invalid: /);
    expect(ended.code).toBe(1);
  });

  test('nothing listens on the port', async () => {
    const ended = await ask('ssh://127.0.0.1:1');
    expectError(
      ended,
      1,
      reach('ssh://127.0.0.1:1', 'ssh: connect to host 127.0.0.1 port 1: Connection refused'),
    );
  });

  test('no docker on the remote host', async () => {
    const ended = await ask(`ssh://${ME}@127.0.0.1:${hosts.jump().port}`);
    expect(ended.stderr.split('\n')[0]).toMatch(/docker: (command )?not found$/);
    expect(ended.code).toBe(1);
  });

  test('no ssh on the PATH', async () => {
    const [program, ...words] = COMMAND;
    const ended = await run(program, [...words, '-H', hosts.address(), 'ps', service], {
      env: { ...env, PATH: '/nowhere' },
    });
    expectError(ended, 1, reach(hosts.address(), 'ssh is not on the PATH'));
  });
});
