/** The last lines of a failed task, from the frames that an engine sends (seen on 28.5 and 20.10). */
import { expect, test } from '@jest/globals';
import type { Engine } from '../../../src/engine/client.ts';
import { lastLines } from '../../../src/engine/logs.ts';

type Stream = 'stdout' | 'stderr';

/** A moment as engines write it: nine digits, in UTC. */
const at = (nanoseconds: number): string => `2026-01-01T00:00:00.${String(nanoseconds).padStart(9, '0')}Z`;

/** A frame: the stream, the length, and one line (or a part of one) behind its time. */
function frame(stream: Stream, nanoseconds: number, text: string): Buffer {
  const body = Buffer.from(`${at(nanoseconds)} ${text}`);
  const header = Buffer.alloc(8);
  header[0] = stream === 'stdout' ? 1 : 2;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

/** The lines of a log, and how many the engine was asked for. */
async function read(bytes: Buffer, count = 10) {
  let asked = 0;
  const engine: Pick<Engine, 'taskLogs'> = {
    taskLogs: (_id, tail) => {
      asked = tail;
      return Promise.resolve(bytes);
    },
  };
  const log = await lastLines(engine as Engine, 'id', count, new AbortController().signal);
  return { log, asked };
}

const linesOf = async (bytes: Buffer, count?: number): Promise<readonly string[]> => {
  const { log } = await read(bytes, count);
  return 'lines' in log ? log.lines : [log.unavailable];
};

test('both streams in the order of their time stamps; equal ones as they came', async () => {
  const bytes = Buffer.concat([
    frame('stdout', 1, 'first\n'),
    frame('stdout', 3, 'third\n'),
    frame('stderr', 2, 'second\n'),
    frame('stdout', 1_000, 'sixth\n'),
    frame('stderr', 4, 'fourth\n'),
    frame('stdout', 4, 'fifth\n'),
  ]);
  expect(await linesOf(bytes)).toEqual(['first', 'second', 'third', 'fourth', 'fifth', 'sixth']);
});

test('the last lines by time, of both streams together', async () => {
  const bytes = Buffer.concat([
    frame('stdout', 10, 'last\n'),
    frame('stderr', 1, 'a\n'),
    frame('stderr', 2, 'b\n'),
    frame('stderr', 3, 'c\n'),
  ]);
  expect(await linesOf(bytes, 2)).toEqual(['c', 'last']);
});

test('more are asked for than are shown, because those that come last need not be the latest', async () => {
  expect((await read(Buffer.alloc(0), 10)).asked).toBeGreaterThan(10);
});

test('a long line comes in parts, each behind the time of the whole', async () => {
  const bytes = Buffer.concat([
    frame('stdout', 1, 'x'.repeat(5)),
    frame('stderr', 2, 'other\n'),
    frame('stdout', 1, 'y'.repeat(5)),
    frame('stdout', 1, 'end\n'),
    frame('stdout', 3, 'no line break'),
  ]);
  expect(await linesOf(bytes)).toEqual(['xxxxxyyyyyend', 'other', 'no line break']);
});

test('a task with a terminal has no frames', async () => {
  const text = [
    `${at(1)} out\r`,
    `${at(2)} ${'x'.repeat(5)}${at(2)} ${'y'.repeat(5)}end\r`,
    `${at(3)} said at ${at(1)} again\r`,
    '',
  ].join('\n');
  expect(await linesOf(Buffer.from(text))).toEqual(['out', 'xxxxxyyyyyend', `said at ${at(1)} again`]);
});

test('a time that the task itself prints stays', async () => {
  expect(await linesOf(frame('stdout', 1, `${at(9)} own\n`))).toEqual([`${at(9)} own`]);
});

test('empty lines are left out, and what has no time stays where it is', async () => {
  const bare = Buffer.from('no time\n');
  const header = Buffer.from([2, 0, 0, 0, 0, 0, 0, bare.length]);
  const bytes = Buffer.concat([
    frame('stdout', 1, 'a\n'),
    frame('stdout', 2, '\n'),
    header,
    bare,
    frame('stdout', 3, 'b\n'),
  ]);
  expect(await linesOf(bytes)).toEqual(['a', 'no time', 'b']);
});

test('frames that were cut off', async () => {
  const bytes = frame('stdout', 1, 'whole\n');
  expect(await linesOf(Buffer.concat([bytes, frame('stderr', 2, 'cut off\n').subarray(0, -4)]))).toEqual([
    'whole',
    'cut',
  ]);
});
