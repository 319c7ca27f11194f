/**
 * Real sshd servers for a test, and an ssh wrapper on the PATH that uses the test's configuration and records its
 * starts.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';

export interface Sshd {
  readonly port: number;
  /** Its line for known_hosts, without the host name. */
  readonly hostKey: string;
  /** The number of connections so far. */
  readonly connections: () => number;
  readonly close: () => void;
}

/** The user who runs the tests, and logs in. */
export const ME = userInfo().username;

/** An ssh process that was started. */
export interface Started {
  readonly pid: number;
  readonly words: string;
}

export interface SshClient {
  /** The client's public key, for a server's authorized_keys. */
  readonly publicKey: string;
  /** A PATH whose `ssh` runs the real one with the test's configuration. */
  readonly path: string;
  /** Sets the start of the configuration: the hosts. */
  readonly configure: (lines: readonly string[]) => void;
  /** Sets the known host keys: lines like `[127.0.0.1]:2222 ssh-ed25519 ...`. */
  readonly know: (lines: readonly string[]) => void;
  readonly started: () => readonly Started[];
}

/** sshd is in sbin, which is not on every user's PATH. */
const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find((path) => existsSync(path));

function newKey(path: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', path]);
  return readFileSync(`${path}.pub`, 'utf8').trim();
}

/**
 * Starts a server on a free port of 127.0.0.1 and ::1. It runs one sshd for each connection, as inetd does.
 * @param environment the environment of the commands that run on the host
 */
export async function sshd(
  folder: string,
  authorizedKey: string,
  environment: Readonly<Record<string, string>>,
): Promise<Sshd> {
  if (SSHD === undefined) throw new Error('there is no sshd: scripts/swarm tools installs one');
  mkdirSync(folder);
  const hostKey = newKey(join(folder, 'host'));
  writeFileSync(join(folder, 'authorized_keys'), `${authorizedKey}\n`);
  writeFileSync(
    join(folder, 'config'),
    [
      `HostKey "${folder}/host"`,
      `AuthorizedKeysFile "${folder}/authorized_keys"`,
      ...['StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
      ...[
        'PidFile none',
        'PrintMotd no',
        `SetEnv ${Object.entries(environment)
          .map(([name, value]) => `"${name}=${value}"`)
          .join(' ')}`,
      ],
      '',
    ].join('\n'),
  );
  // sshd of root drops its privileges in this folder.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  let connections = 0;
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    connections += 1;
    spawn(SSHD, ['-i', '-f', join(folder, 'config'), '-E', join(folder, 'log')], {
      stdio: [socket, socket, 'ignore'],
    });
    socket.destroy();
  });
  const port = await listen(server);
  return { port, hostKey, connections: () => connections, close: () => server.close() };
}

/** Listens on 127.0.0.1, and on ::1 if the machine has IPv6. */
async function listen(server: net.Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ port: 0, host: '::', ipv6Only: false }, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

/** Makes an ssh client in a folder, with a new key. */
export function sshClient(folder: string): SshClient {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const publicKey = newKey(join(folder, 'id'));
  const config = join(folder, 'config');
  const log = join(folder, 'started');
  const known = join(folder, 'known_hosts');
  const real = execFileSync('sh', ['-c', 'command -v ssh']).toString().trim();
  writeFileSync(log, '');
  // ssh takes the home folder from passwd and not from HOME, so the paths of its files are set.
  writeFileSync(
    join(folder, 'bin/ssh'),
    `#!/bin/sh\necho "$$ $*" >>'${log}'\nexec '${real}' -F '${config}' "$@"\n`,
  );
  chmodSync(join(folder, 'bin/ssh'), 0o755);
  const configure = (lines: readonly string[]): void =>
    writeFileSync(
      config,
      [
        ...lines,
        'Host *',
        `  IdentityFile "${join(folder, 'id')}"`,
        ...['  IdentitiesOnly yes', '  IdentityAgent none'],
        `  UserKnownHostsFile "${known}"`,
        ...['  GlobalKnownHostsFile /dev/null', '  StrictHostKeyChecking yes', ''],
      ].join('\n'),
    );
  configure([]);
  return {
    publicKey,
    path: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    configure,
    know: (lines) => writeFileSync(known, lines.map((line) => `${line}\n`).join('')),
    started: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ pid: Number.parseInt(line, 10), words: line.replace(/^\d+ /, '') })),
  };
}
