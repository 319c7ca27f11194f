/** The last lines of a task's log, from frames like those of real engines (seen on 28.5 and 20.10). */
import { expect, test } from '@jest/globals';
import type { Task } from '../../../src/api/service.ts';
import type { Engine } from '../../../src/engine/client.ts';
import { lastLines } from '../../../src/engine/logs.ts';

type Stream = 'stdout' | 'stderr';

/** A timestamp as engines write it: nine digits, UTC. */
const at = (nanoseconds: number): string => `2026-01-01T00:00:00.${String(nanoseconds).padStart(9, '0')}Z`;

/** A frame: header, timestamp, and a line or a part of a line. */
function frame(stream: Stream, nanoseconds: number, text: string): Buffer {
  const body = Buffer.from(`${at(nanoseconds)} ${text}`);
  const header = Buffer.alloc(8);
  header[0] = stream === 'stdout' ? 1 : 2;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

/** The result of lastLines, and how many lines it asked the engine for. */
async function read(bytes: Buffer, count = 10, tasks: Task[] = []) {
  let asked = 0;
  const engine: Pick<Engine, 'taskLogs' | 'tasks'> = {
    taskLogs: (_id, tail) => {
      asked = tail;
      return Promise.resolve(bytes);
    },
    tasks: () => Promise.resolve(tasks),
  };
  const log = await lastLines(engine as Engine, 'id', count, new AbortController().signal);
  return { log, asked };
}

const linesOf = async (bytes: Buffer, count?: number): Promise<readonly string[]> => {
  const { log } = await read(bytes, count);
  return 'lines' in log ? log.lines : [log.unavailable];
};

test('both streams are sorted by time; lines of the same time keep their order', async () => {
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

test('the last lines are the latest of both streams', async () => {
  const bytes = Buffer.concat([
    frame('stdout', 10, 'last\n'),
    frame('stderr', 1, 'a\n'),
    frame('stderr', 2, 'b\n'),
    frame('stderr', 3, 'c\n'),
  ]);
  expect(await linesOf(bytes, 2)).toEqual(['c', 'last']);
});

test('it asks for more lines than it returns, because the lines stored last may not be the latest', async () => {
  expect((await read(Buffer.alloc(0), 10)).asked).toBeGreaterThan(10);
});

test('the frames of a long line are joined', async () => {
  const bytes = Buffer.concat([
    frame('stdout', 1, 'x'.repeat(5)),
    frame('stderr', 2, 'other\n'),
    frame('stdout', 1, 'y'.repeat(5)),
    frame('stdout', 1, 'end\n'),
    frame('stdout', 3, 'no line break'),
  ]);
  expect(await linesOf(bytes)).toEqual(['xxxxxyyyyyend', 'other', 'no line break']);
});

test('the log of a task with a TTY has no frames', async () => {
  const text = [
    `${at(1)} out\r`,
    `${at(2)} ${'x'.repeat(5)}${at(2)} ${'y'.repeat(5)}end\r`,
    `${at(3)} said at ${at(1)} again\r`,
    '',
  ].join('\n');
  expect(await linesOf(Buffer.from(text))).toEqual(['out', 'xxxxxyyyyyend', `said at ${at(1)} again`]);
});

test('a timestamp in the task’s own output stays', async () => {
  expect(await linesOf(frame('stdout', 1, `${at(9)} own\n`))).toEqual([`${at(9)} own`]);
});

test('empty lines are dropped, and a line without a timestamp keeps its place', async () => {
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

test('a frame that was cut off is used as far as it goes', async () => {
  const bytes = frame('stdout', 1, 'whole\n');
  expect(await linesOf(Buffer.concat([bytes, frame('stderr', 2, 'cut off\n').subarray(0, -4)]))).toEqual([
    'whole',
    'cut',
  ]);
});

test('a long line is cut, and its length is told', async () => {
  expect(await linesOf(frame('stdout', 1, `${'x'.repeat(60_000)}\n`))).toEqual([
    `${'x'.repeat(499)}… (60000 characters)`,
  ]);
  expect(await linesOf(frame('stdout', 1, `${'x'.repeat(500)}\n`))).toEqual(['x'.repeat(500)]);
});

test.each([
  ['none', { unavailable: 'the log driver of the task is none' }],
  ['syslog', { unavailable: 'the log driver of the task is syslog, and the engine has no copy' }],
  ['json-file', { lines: [] }],
  [undefined, { lines: [] }],
])('an empty log of the driver %s', async (Name, expected) => {
  const task = { Spec: Name === undefined ? {} : { LogDriver: { Name } } } as Task;
  expect((await read(Buffer.alloc(0), 10, [task])).log).toEqual(expected);
  // The task may be gone already.
  expect((await read(Buffer.alloc(0), 10, [])).log).toEqual({ lines: [] });
});
