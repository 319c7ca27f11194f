/**
 * The last lines of a task's log, for a failure report. The engine multiplexes stdout and stderr in frames (moby
 * api/server/httputils/write_log_stream.go; the format is in the API's documentation of /containers/{id}/attach).
 */
import { SwarmrollError } from '../errors.ts';
import type { LogText } from '../rollout/evidence.ts';
import { printable } from '../values/printable.ts';
import { ellipsis } from '../values/width.ts';
import type { Engine } from './client.ts';

/**
 * Length of a frame's header in bytes: the stream (1 byte), three zeros, the length of the frame's content (4 bytes).
 */
const HEADER = 8;
/**
 * The timestamp at the start of each frame's content. The engine writes nine digits and UTC, so timestamps sort as
 * strings (write_log_stream.go; seen on 20.10 and 28.5).
 */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) /;
/**
 * Ask for this many times more lines: the engine returns the lines stored last, and these may not be the latest by
 * time.
 */
const TAIL_FACTOR = 2;

interface Line {
  readonly time: string;
  /** The bytes as latin1. A long line is split into several frames, and a split may be inside a UTF-8 character. */
  text: string;
}

/** A longer line is cut (terminal columns). */
const MAX_COLUMNS = 500;

/** The log drivers whose logs the engine can always read. It keeps a copy of what goes to others, except to "none". */
const READABLE: ReadonlySet<string> = new Set(['', 'json-file', 'local', 'journald']);

/**
 * At most `count` lines from the end of a task's log: stdout and stderr together, sorted by time, printable, without
 * empty lines. Never throws: a report is complete without a log, and `unavailable` says why there is none. Long lines are cut.
 */
export async function lastLines(
  engine: Engine,
  taskId: string,
  count: number,
  signal: AbortSignal,
): Promise<LogText> {
  try {
    const bytes = await engine.taskLogs(taskId, count * TAIL_FACTOR, signal);
    const lines = linesOf(bytes)
      .sort((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)))
      .map(({ text }) => cut(printable(Buffer.from(text, 'latin1').toString().trimEnd())))
      .filter((line) => line !== '')
      .slice(-count);
    return (lines.length === 0 ? await driverReason(engine, taskId, signal) : undefined) ?? { lines };
  } catch (error) {
    return { unavailable: error instanceof SwarmrollError ? error.message : 'no answer in time' };
  }
}

/** The line or, of a long one, its beginning and its length. */
function cut(line: string): string {
  const shown = ellipsis(line, MAX_COLUMNS);
  return shown === line ? line : `${shown} (${line.length} characters)`;
}

/** Why a log is empty, if it is because of the task's log driver. For a log that is not kept, the engine sends none (seen on 28.5). */
async function driverReason(
  engine: Engine,
  taskId: string,
  signal: AbortSignal,
): Promise<LogText | undefined> {
  const [task] = await engine.tasks({ id: [taskId] }, signal);
  const { Name = '' } = task?.Spec.LogDriver ?? {};
  if (READABLE.has(Name)) return undefined;
  const text = `the log driver of the task is ${printable(Name)}`;
  return { unavailable: Name === 'none' ? text : `${text}, and the engine has no copy` };
}

function linesOf(bytes: Buffer): Line[] {
  const framed = bytes.length >= HEADER && bytes.readUInt8(0) <= 2 && bytes.readUIntBE(1, 3) === 0;
  return framed ? framedLines(bytes) : terminalLines(bytes.toString('latin1'));
}

/** A frame without a line break at its end is continued by the next frame of the same stream. */
function framedLines(bytes: Buffer): Line[] {
  const lines: Line[] = [];
  /** Stream → the line that the stream's next frame continues. */
  const unfinished = new Map<number, Line>();
  for (let at = 0; at + HEADER <= bytes.length;) {
    const stream = bytes.readUInt8(at);
    const end = at + HEADER + bytes.readUInt32BE(at + 4);
    const frame = bytes.toString('latin1', at + HEADER, end);
    const time = TIME.exec(frame)?.[0] ?? '';
    const started = unfinished.get(stream);
    const line = started ?? { time: time || (lines.at(-1)?.time ?? ''), text: '' };
    if (started === undefined) lines.push(line);
    line.text += frame.slice(time.length);
    if (frame.endsWith('\n')) unfinished.delete(stream);
    else unfinished.set(stream, line);
    at = end;
  }
  return lines;
}

/** A task with a TTY has one stream and no frames. Each part of a long line starts with the line's timestamp. */
function terminalLines(text: string): Line[] {
  let time = '';
  return text.split('\n').map((line) => {
    time = TIME.exec(line)?.[0] ?? time;
    return { time, text: line.replaceAll(time, '') };
  });
}
