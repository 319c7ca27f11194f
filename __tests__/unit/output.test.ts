/** Results on their way out, to real files and pipes. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { outputTo } from '../../src/output.ts';

let folder: string;
let opened: number[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'swarmroll-'));
  opened = [];
});
afterEach(() => {
  for (const fd of opened) closeSync(fd);
  rmSync(folder, { recursive: true });
});

function open(path: string, flags: string | number): number {
  const fd = openSync(path, flags);
  opened.push(fd);
  return fd;
}

/** An output, and what its stream got and which errors there were. */
function made(fd: number, isTTY = false) {
  const streamed: Buffer[] = [];
  const errors: string[] = [];
  const output = outputTo(
    fd,
    () => ({ isTTY, write: (chunk: string | Uint8Array) => streamed.push(Buffer.from(chunk)) }),
    ({ code = '' }) => errors.push(code),
  );
  return { output, streamed, errors };
}

/** What can be read from a pipe that does not wait. */
function drained(fd: number): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.alloc(65_536);
    try {
      chunks.push(chunk.subarray(0, readSync(fd, chunk)));
    } catch {
      return Buffer.concat(chunks);
    }
  }
}

test('a file gets it at once', () => {
  const path = join(folder, 'file');
  const { output, streamed, errors } = made(open(path, 'w'));
  output.write('é\n');
  output.write('');
  output.write('b\n');
  expect([readFileSync(path, 'utf8'), streamed, errors]).toEqual(['é\nb\n', [], []]);
  expect(output.isFile).toBe(true);
});

test('what a pipe that does not wait has no room for, and all after it, goes to the stream', () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const fd = open(path, constants.O_RDWR | constants.O_NONBLOCK);
  const { output, streamed, errors } = made(fd);
  const long = 'aé'.repeat(100_000);
  output.write('first\n');
  output.write(long);
  const piped = drained(fd);
  output.write('last\n');
  expect(piped.length).toBeGreaterThan(6);
  expect(Buffer.concat([piped, ...streamed]).toString()).toBe(`first\n${long}last\n`);
  expect([drained(fd).length, errors]).toEqual([0, []]);
  expect(output.isFile).toBe(false);
});

test('any other error is told', () => {
  const { output, streamed, errors } = made(open('/etc/hostname', 'r'));
  output.write('a');
  expect([streamed, errors]).toEqual([[], ['EBADF']]);
});

test('a terminal has the stream; an error of another device is told', () => {
  const { output, streamed } = made(open('/dev/null', 'w'), true);
  output.write('a');
  expect(Buffer.concat(streamed).toString()).toBe('a');
  const full = made(open('/dev/full', 'w'));
  full.output.write('a');
  expect([full.streamed, full.errors]).toEqual([[], ['ENOSPC']]);
});
