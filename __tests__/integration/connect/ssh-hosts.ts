/** Hosts for ssh: one with docker, whose engine is the swarm's manager, and a jump host without docker. */
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import { image, removeServices, swarm, swarmroll, uniqueName } from '../support/swarm.ts';
import { ME, sshClient, sshd } from './sshd.ts';
import type { SshClient, Sshd, Started } from './sshd.ts';
import { newUser } from './support.ts';
import type { User } from './support.ts';

export interface SshHosts {
  readonly user: User;
  readonly client: SshClient;
  /** The environment for docker and swarmroll. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A folder whose path has no spaces. */
  readonly folder: string;
  /** The host with docker, which ~/.ssh/config names inner.prod, and the jump host. Available when the tests run. */
  readonly server: () => Sshd;
  readonly jump: () => Sshd;
  /** The engine's address. */
  readonly address: () => string;
  /** The name of a service of the engine. */
  readonly service: string;
  /** The ssh processes that were started during this test. */
  readonly started: () => readonly Started[];
}

/** Starts the hosts before a file's tests, and removes them afterwards. */
export function sshHosts(): SshHosts {
  const user = newUser();
  const folder = newUser('swarmroll-ssh-').home;
  const client = sshClient(join(folder, 'client'));
  const service = uniqueName('ssh');
  let server: Sshd | undefined;
  let jump: Sshd | undefined;
  let before = 0;
  const there = (one: Sshd | undefined): Sshd => {
    if (one === undefined) throw new Error('the hosts are there once the tests run');
    return one;
  };

  beforeAll(async () => {
    server = await sshd(join(folder, 'server'), client.publicKey, { DOCKER_HOST: swarm.host });
    jump = await sshd(join(folder, 'jump'), client.publicKey, { PATH: '/nowhere' });
    client.configure([
      'Host inner.prod',
      '  HostName 127.0.0.1',
      `  Port ${server.port}`,
      `  User ${ME}`,
      `  ProxyJump ${ME}@127.0.0.1:${jump.port}`,
    ]);
    const words = ['create', '--quiet', '--name', service, '--update-monitor', '1s', image('ping', '1.0')];
    const { code, stderr } = await swarmroll(words);
    if (code !== 0) throw new Error(`the service did not converge: ${stderr}`);
  });
  beforeEach(() => {
    before = client.started().length;
    client.know([
      `[127.0.0.1]:${there(server).port} ${there(server).hostKey}`,
      `[::1]:${there(server).port} ${there(server).hostKey}`,
      `[127.0.0.1]:${there(jump).port} ${there(jump).hostKey}`,
    ]);
  });
  afterAll(async () => {
    server?.close();
    jump?.close();
    await removeServices(service);
  });

  return {
    user,
    client,
    env: { ...user.env, PATH: client.path },
    folder,
    server: () => there(server),
    jump: () => there(jump),
    address: () => `ssh://${ME}@127.0.0.1:${there(server).port}`,
    service,
    started: () => client.started().slice(before),
  };
}
