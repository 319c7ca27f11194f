/**
 * The format of a trace: what an engine replied while a rollout was watched. It is a file of lines, each a JSON object: a header,
 * then one for each poll. Nothing in it is secret (redact.ts).
 */
import { parseExact, stringifyExact } from '../../../src/values/exact-json.ts';
import type { Observed } from '../../../src/engine/observe.ts';
import type { ErrorKind, Fault } from '../../../src/errors.ts';
import type { PollRequest } from '../../../src/rollout/next-poll.ts';
import type { Intent } from '../../../src/rollout/state.ts';

/** The first line. */
export interface TraceHeader {
  /** The engine's version: "28.5.2". */
  readonly engine: string;
  readonly host: string;
  /** Its digests are those of the specs without secrets. */
  readonly intent: Intent;
  /** The fields that the change owns beside the task template and the ports. */
  readonly named: readonly (readonly string[])[];
  readonly observed: Omit<Observed, 'ownedOf'>;
}

/** One poll. */
export interface TracedPoll {
  /** When the observation was made (ms), by the clock of `intent.startedAt`. */
  readonly at: number;
  readonly request: Omit<PollRequest, 'at'>;
  readonly replies: readonly ReplyLine[];
  /** The poll took too long and was cut off. */
  readonly timedOut?: true;
  /** There was no poll: the process was asked to stop. */
  readonly signal?: 'SIGINT' | 'SIGTERM';
}

/** The line of a poll. What it leaves out is as in the poll before. */
type PollLine = Omit<TracedPoll, 'request' | 'replies'> & Partial<Pick<TracedPoll, 'request' | 'replies'>>;

/** The reply to one call; none of the last three fields: the same as the last reply to the same call. */
export interface ReplyLine {
  /** "service", "nodes", "time", or "tasks" and the filters. */
  readonly call: string;
  /**
   * An object of the swarm is its id alone where it is as it was last recorded. Else it has the fields that have changed;
   * null is one that has gone.
   */
  readonly reply?: unknown;
  readonly error?: ErrorLine;
  /** No reply had come when the poll ended. */
  readonly pending?: true;
}

/** An EngineError. */
export interface ErrorLine {
  readonly kind: ErrorKind;
  readonly fault: Fault;
  readonly status?: number;
  readonly message: string;
}

export interface Trace {
  readonly header: TraceHeader;
  /** With everything that their lines leave out. */
  readonly polls: readonly TracedPoll[];
}

/** The trace in the text of a file. */
export function parseTrace(text: string): Trace {
  const [first = '', ...rest] = text.trimEnd().split('\n');
  const objects = new Map<string, object>();
  const lastReplies = new Map<string, unknown>();
  let last: Pick<TracedPoll, 'request' | 'replies'> = {
    request: { tasks: 'fresh', nodes: true },
    replies: [],
  };

  const whole = (reply: unknown): unknown => {
    if (typeof reply === 'string') return objects.get(reply);
    if (typeof reply !== 'object' || reply === null) return reply;
    const { ID } = reply as { ID: string };
    const fields = Object.entries({ ...objects.get(ID), ...reply }).filter(([, value]) => value !== null);
    const object = Object.fromEntries(fields);
    objects.set(ID, object);
    return object;
  };
  const wholeReply = (line: ReplyLine): ReplyLine => {
    const { call, reply } = line;
    if (line.error !== undefined || line.pending === true) return line;
    if (reply !== undefined) lastReplies.set(call, Array.isArray(reply) ? reply.map(whole) : whole(reply));
    return { call, reply: lastReplies.get(call) };
  };
  const polls = rest.map((line): TracedPoll => {
    const { replies = last.replies.map(({ call }) => ({ call })), ...poll } = parseExact(line) as PollLine;
    const full: TracedPoll = { request: last.request, ...poll, replies: replies.map(wholeReply) };
    last = full;
    return full;
  });
  return { header: parseExact(first) as TraceHeader, polls };
}

/** The text of the file, which leaves out what is as before. */
export function traceText({ header, polls }: Trace): string {
  /** The last request, the last calls, and the last reply to each call, all as text. */
  let lastRequest = '';
  let lastCalls = '';
  const lastReplies = new Map<string, string>();
  /** The objects of the swarm by their ids, as they were last recorded. */
  const objects = new Map<string, Identified>();

  /** What has changed of an object since it was last recorded. */
  const change = (now: unknown): unknown => {
    if (!isIdentified(now)) return now;
    const before = objects.get(now.ID) ?? { ID: now.ID };
    objects.set(now.ID, now);
    const fields = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
      (field) => stringifyExact([before[field]]) !== stringifyExact([now[field]]),
    );
    if (fields.length === 0) return now.ID;
    return { ID: now.ID, ...Object.fromEntries(fields.map((field) => [field, now[field] ?? null])) };
  };
  const replyLine = (line: ReplyLine): ReplyLine => {
    const { call, reply } = line;
    if (line.error !== undefined || line.pending === true) return line;
    const text = stringifyExact(reply);
    if (lastReplies.get(call) === text) return { call };
    lastReplies.set(call, text);
    return { call, reply: Array.isArray(reply) ? reply.map(change) : change(reply) };
  };
  const pollLine = ({ at, request, replies, ...end }: TracedPoll): PollLine => {
    if (end.signal !== undefined) return { at, ...end };
    const lines = replies.map(replyLine);
    const isAsBefore = stringifyExact(lines) === lastCalls;
    lastCalls = stringifyExact(lines.map(({ call }) => ({ call })));
    const isSameRequest = stringifyExact(request) === lastRequest;
    lastRequest = stringifyExact(request);
    return {
      at,
      ...(isSameRequest ? {} : { request }),
      ...(isAsBefore ? {} : { replies: lines }),
      ...end,
    };
  };
  return [header, ...polls.map(pollLine)].map((line) => `${stringifyExact(line)}\n`).join('');
}

/** An object of the swarm: a service, a task, a node. */
interface Identified {
  readonly ID: string;
  readonly [field: string]: unknown;
}

const isIdentified = (value: unknown): value is Identified =>
  typeof value === 'object' && value !== null && 'ID' in value && typeof value.ID === 'string';
