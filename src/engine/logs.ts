/** The last lines of a task's log, for a failure report. */
import { SwarmrollError } from '../errors.ts';
import type { LogText } from '../rollout/result.ts';
import type { Engine } from './client.ts';

const HEADER = 8;

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

/** At most `count` last lines of the task's output. Never throws: a log that can't be had must spoil nothing. */
export async function lastLines(
  engine: Engine,
  taskId: string,
  count: number,
  signal: AbortSignal,
): Promise<LogText> {
  try {
    const bytes = await engine.taskLogs(taskId, count, signal);
    const lines = demultiplex(bytes)
      .split('\n')
      .map((line) => line.trimEnd());
    return { lines: lines.filter((line) => line !== '').slice(-count) };
  } catch (error) {
    return { unavailable: error instanceof SwarmrollError ? error.message : 'no answer in time' };
  }
}

/**
 * The engine frames output in blocks of an 8 byte header (the stream, three zeros, the length) and the bytes;
 * a task with a terminal sends them bare.
 */
function demultiplex(bytes: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const framed = at + HEADER <= bytes.length && (bytes[at] ?? 9) <= 2 && bytes.readUIntBE(at + 1, 3) === 0;
    if (!framed) return bytes.toString();
    const end = at + HEADER + bytes.readUInt32BE(at + 4);
    parts.push(bytes.subarray(at + HEADER, end));
    at = end;
  }
  return Buffer.concat(parts).toString();
}
