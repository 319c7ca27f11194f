/**
 * Connections over ssh, made like docker's (docker/cli cli/connhelper). The system's ssh runs `docker system
 * dial-stdio` on the remote host, and ssh's standard streams are the connection. So ~/.ssh/config, agents, jump hosts
 * and known hosts apply. Docker starts an ssh for every connection; this program uses one ssh for the whole command.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import { Duplex } from 'node:stream';
import { shellWord } from '../values/shell-words.ts';
import type { SshAddress } from './address.ts';
import { AS_SOCKET } from './as-socket.ts';

/** The reason of a failure is in the last lines of ssh's stderr. Lines before them may be the host's banner. */
const REASON_LINES = 3;
/** Only this many characters from the end of stderr are kept. */
const MAX_STDERR = 10_000;

/**
 * Opens connections to a host; `close` kills all ssh processes. After a failed first login, later connections fail
 * immediately, because every queued request would start another login.
 */
export function sshOpener(address: SshAddress): { open: () => Duplex; close: () => void } {
  const running = new Set<ChildProcess>();
  let hasConnected = false;
  let loginError: Error | undefined;
  return {
    open: () => {
      if (loginError !== undefined) return failing(loginError);
      // A process group of its own keeps Ctrl-C in the terminal from killing ssh. The final report still needs the
      // engine.
      const child = spawn('ssh', sshArguments(address), { detached: true });
      running.add(child);
      child.stdout.once('data', () => (hasConnected = true));
      const stream = streamOf(child);
      stream.once('error', (error) => {
        // An ssh that this program killed is not a failed login.
        if (!hasConnected && !child.killed) loginError = error;
      });
      child.on('close', () => running.delete(child));
      return stream;
    },
    close: () => running.forEach((child) => child.kill()),
  };
}

/** A connection that fails after the caller has added its listeners. */
function failing(error: Error): Duplex {
  const stream = new Duplex({ read: () => undefined, write: () => undefined });
  setImmediate(() => stream.destroy(error));
  return Object.assign(stream, AS_SOCKET);
}

/**
 * ssh's arguments, the same as docker's (docker/cli cli/connhelper/connhelper.go, getConnectionHelper). The socket's
 * path is quoted for the shell of the remote host.
 */
export function sshArguments({ user, host, port, socket }: SshAddress): string[] {
  return [
    ...['-o', 'ConnectTimeout=30', '-T'],
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...['--', host, 'docker'],
    ...(socket === undefined ? [] : ['--host', shellWord(`unix://${socket}`)]),
    ...['system', 'dial-stdio'],
  ];
}

/** A process's stdin and stdout as one stream. It fails when the process ends, because stderr is complete only then. */
function streamOf(child: ChildProcessWithoutNullStreams): Duplex {
  let stderr = '';
  const stream = new Duplex({
    read: () => void child.stdout.resume(),
    write: (chunk, _encoding, done) => void child.stdin.write(chunk, () => done()),
    final: (done) => void child.stdin.end(() => done()),
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk) => {
    if (!stream.push(chunk)) child.stdout.pause();
  });
  child.stderr
    .setEncoding('utf8')
    .on('data', (text: string) => (stderr = (stderr + text).slice(-MAX_STDERR)));
  child.on('error', ({ code, message }: NodeJS.ErrnoException) =>
    stream.destroy(new Error(code === 'ENOENT' ? 'ssh is not on the PATH' : message)),
  );
  child.on('close', (code) => stream.destroy(closeError(code, stderr)));
  return Object.assign(stream, AS_SOCKET);
}

function closeError(code: number | null, stderr: string): Error {
  if (code === 0) return Object.assign(new Error('closed'), { code: 'ECONNRESET' });
  return new Error(lastStderrLines(stderr) || `ssh ended with exit code ${code ?? 'none'}`);
}

function lastStderrLines(text: string): string {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-REASON_LINES)
    .join(' ');
}
