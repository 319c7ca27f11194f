/**
 * Connections over ssh, as docker makes them: the system's own ssh runs `docker system dial-stdio` on the other
 * side, so that ~/.ssh/config, agents, jump hosts and known hosts count, and its standard streams are the
 * connection. Docker starts one for each connection; here one serves the command.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import { Duplex } from 'node:stream';
import { shellWord } from '../values/shell-words.ts';
import type { SshAddress } from './address.ts';
import { AS_SOCKET } from './as-socket.ts';

/** ssh's last lines say why it failed; before them may stand a host's banner. */
const LINES = 3;
const MAX_WORDS = 10_000;

/**
 * Opens connections to a host, and ends whatever ssh is left. Who was turned away at the first try stays away: for
 * every request that waits, ssh would log in anew.
 */
export function sshOpener(address: SshAddress): { open: () => Duplex; close: () => void } {
  const running = new Set<ChildProcess>();
  let worked = false;
  let refused: Error | undefined;
  return {
    open: () => {
      if (refused !== undefined) return failing(refused);
      // Not in the terminal's process group: Ctrl-C ends the watching, and what is then said still needs the engine.
      const child = spawn('ssh', sshArguments(address), { detached: true });
      running.add(child);
      child.stdout.once('data', () => (worked = true));
      const stream = streamOf(child);
      stream.once('error', (error) => {
        // One that was ended from here says nothing of the host.
        if (!worked && !child.killed) refused = error;
      });
      child.on('close', () => running.delete(child));
      return stream;
    },
    close: () => running.forEach((child) => child.kill()),
  };
}

/** A connection that fails once somebody listens to it. */
function failing(error: Error): Duplex {
  const stream = new Duplex({ read: () => undefined, write: () => undefined });
  setImmediate(() => stream.destroy(error));
  return Object.assign(stream, AS_SOCKET);
}

/** The words that docker gives to ssh; what a shell would read is quoted for the one on the other side. */
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

/** A process's standard streams as one; an error of it waits for the end of the process, when its words are complete. */
function streamOf(child: ChildProcessWithoutNullStreams): Duplex {
  let words = '';
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
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-MAX_WORDS)));
  child.on('error', ({ code, message }: NodeJS.ErrnoException) =>
    stream.destroy(new Error(code === 'ENOENT' ? 'there is no program ssh on the PATH' : message)),
  );
  child.on('close', (code) => stream.destroy(endOf(code, words)));
  return Object.assign(stream, AS_SOCKET);
}

/** Why there is no connection any more. */
function endOf(code: number | null, words: string): Error {
  if (code === 0) return Object.assign(new Error('closed'), { code: 'ECONNRESET' });
  return new Error(lastWords(words) || `ssh ended with exit code ${code ?? 'none'}`);
}

/** What ssh said last, on one line. */
function lastWords(text: string): string {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-LINES)
    .join(' ');
}
