/** The last lines of a task's log, for a failure report. */
import { SwarmrollError } from '../errors.ts';
import type { LogText } from '../rollout/result.ts';
import { printable } from '../values/printable.ts';
import type { Engine } from './client.ts';

/** Bytes before each frame: the stream, three zeros, and the length of what follows. */
const HEADER = 8;
/**
 * What every frame begins with, because the request asks for timestamps: always nine digits and UTC, so times sort as
 * texts (moby api/server/httputils/write_log_stream.go; seen on 20.10 and 28.5).
 */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) /;
/** The engine's last lines are the last stored, a few of which may be older than those before: ask for more. */
const SPARE = 2;

interface Line {
  readonly time: string;
  /** The bytes, as latin1: a long line comes in parts, and one of them may end in the middle of a character. */
  text: string;
}

/** Lines of log that are told of each failed task. */
const LINES = 10;

/** The last lines of each task's log, by the task's id. */
export async function logsOf(
  engine: Engine,
  tasks: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LogText>> {
  const logs = tasks.map(async (id) => [id, await lastLines(engine, id, LINES, signal)] as const);
  return new Map(await Promise.all(logs));
}

/**
 * At most `count` last lines of the task's output, stdout and stderr in the order of their timestamps. Never throws: a
 * log that can't be had must spoil nothing.
 */
export async function lastLines(
  engine: Engine,
  taskId: string,
  count: number,
  signal: AbortSignal,
): Promise<LogText> {
  try {
    const bytes = await engine.taskLogs(taskId, count * SPARE, signal);
    const lines = linesOf(bytes)
      .sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)))
      .map(({ text }) => printable(Buffer.from(text, 'latin1').toString().trimEnd()));
    return { lines: lines.filter((line) => line !== '').slice(-count) };
  } catch (error) {
    return { unavailable: error instanceof SwarmrollError ? error.message : 'no answer in time' };
  }
}

/** The lines in the order in which the engine sends them. */
function linesOf(bytes: Buffer): Line[] {
  const framed = bytes.length >= HEADER && bytes.readUInt8(0) <= 2 && bytes.readUIntBE(1, 3) === 0;
  return framed ? framedLines(bytes) : terminalLines(bytes.toString('latin1'));
}

function framedLines(bytes: Buffer): Line[] {
  const lines: Line[] = [];
  /** By stream: the line that goes on with the stream's next frame. */
  const unfinished = new Map<number, Line>();
  for (let at = 0; at + HEADER <= bytes.length;) {
    const stream = bytes.readUInt8(at);
    const end = at + HEADER + bytes.readUInt32BE(at + 4);
    const frame = bytes.toString('latin1', at + HEADER, end);
    const time = TIME.exec(frame)?.[0] ?? '';
    const begun = unfinished.get(stream);
    const line = begun ?? { time: time || (lines.at(-1)?.time ?? ''), text: '' };
    if (begun === undefined) lines.push(line);
    line.text += frame.slice(time.length);
    if (frame.endsWith('\n')) unfinished.delete(stream);
    else unfinished.set(stream, line);
    at = end;
  }
  return lines;
}

/** A task with a terminal has one stream and no frames; each part of a long line begins with the time of the whole. */
function terminalLines(text: string): Line[] {
  let time = '';
  return text.split('\n').map((line) => {
    time = TIME.exec(line)?.[0] ?? time;
    return { time, text: line.replaceAll(time, '') };
  });
}
