/**
 * Records what an engine replies while a rollout is watched: a trace, from which the watch can be replayed without an engine.
 * A trace is a file of lines, each a JSON object: a header, then one for each poll. Nothing in it is secret (redact.ts).
 */
import { EngineError } from '../errors.ts';
import type { ErrorKind, Fault } from '../errors.ts';
import type { PollRequest } from '../rollout/plan.ts';
import type { Intent } from '../rollout/state.ts';
import type { Engine, Filters } from './client.ts';
import { stringifyExact } from './exact-json.ts';
import { observer } from './observe.ts';
import type { Observed } from './observe.ts';
import { redaction } from './redact.ts';
import type { Redaction } from './redact.ts';

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

/** One poll. What it leaves out is as in the poll before. */
export interface PollLine {
  /** When the observation was made, by the clock of the watch (ms). */
  readonly at: number;
  readonly request?: Omit<PollRequest, 'at'>;
  readonly replies?: readonly ReplyLine[];
  /** The poll took too long and was cut off. */
  readonly timedOut?: true;
  /** There was no poll: the process was asked to stop. */
  readonly signal?: 'SIGINT' | 'SIGTERM';
}

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

/** A call of a list of tasks, as ReplyLine names it. */
export const tasksCall = (filters: Filters): string => `tasks ${JSON.stringify(filters)}`;

/** One call of a poll, and what has come of it so far. */
interface Call {
  readonly name: string;
  reply?: unknown;
  error?: ErrorLine;
}

/** What a recording is told of the change. */
export interface Recorded {
  readonly header: (redact: Redaction) => Omit<TraceHeader, 'observed'>;
  readonly write: (line: string) => void;
  readonly interrupted: AbortSignal;
}

/** An observer that also records. A trace is of one service: it is to be used once. */
export function recorder({ header, write, interrupted }: Recorded): typeof observer {
  return (engine, observed, now) => {
    const redact = redaction();
    const { ownedOf, ...known } = observed;
    write(stringifyExact({ ...header(redact), observed: known } satisfies TraceHeader));
    const lines = lineWriter(write);
    let calls: Call[] = [];
    const poll = observer(
      recorded(engine, redact, () => calls),
      observed,
      now,
    );

    let isPolling = false;
    const onInterrupt = (): void => {
      if (isPolling) return;
      const signal = interrupted.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
      write(stringifyExact({ at: now(), signal } satisfies PollLine));
    };
    interrupted.addEventListener('abort', onInterrupt, { once: true });

    return async (request, signal) => {
      const ofThis: Call[] = (calls = []);
      isPolling = true;
      try {
        const observation = await poll(request, signal);
        lines(observation.at, request, ofThis);
        return observation;
      } catch (error) {
        if (signal.aborted && !interrupted.aborted) lines(now(), request, ofThis, { timedOut: true });
        throw error;
      } finally {
        isPolling = false;
        if (interrupted.aborted) onInterrupt();
      }
    };
  };
}

/** The engine, with what it replies added to the calls of the poll under way. */
function recorded(engine: Engine, redact: Redaction, calls: () => Call[]): Engine {
  const keep = async <T>(name: string, reply: Promise<T>, known: (reply: T) => unknown): Promise<T> => {
    const call: Call = { name };
    calls().push(call);
    try {
      const value = await reply;
      call.reply = known(value);
      return value;
    } catch (error) {
      if (error instanceof EngineError) call.error = errorLine(error);
      throw error;
    }
  };
  return {
    ...engine,
    service: (ref, options) => keep('service', engine.service(ref, options), redact.service),
    tasks: (filters, signal) =>
      keep(tasksCall(filters), engine.tasks(filters, signal), (tasks) => tasks.map(redact.task)),
    nodes: (filters, signal) =>
      keep('nodes', engine.nodes(filters, signal), (nodes) => nodes.map(redact.node)),
    systemTime: (signal) => keep('time', engine.systemTime(signal), (time) => time),
  };
}

const errorLine = ({ kind, fault, status, message }: EngineError): ErrorLine => ({
  kind,
  fault,
  ...(status === undefined ? {} : { status }),
  message,
});

/** Writes the lines of polls, without what is as before. */
function lineWriter(write: (line: string) => void) {
  /** The last request, the last calls, and the last reply to each call, all as text. */
  let lastRequest = '';
  let lastCalls = '';
  const lastReplies = new Map<string, string>();
  /** The objects of the swarm by their ids, as they were last recorded. */
  const objects = new Map<string, Identified>();

  const replyLine = ({ name, reply, error }: Call): ReplyLine => {
    if (error !== undefined) return { call: name, error };
    if (reply === undefined) return { call: name, pending: true };
    const text = stringifyExact(reply);
    if (lastReplies.get(name) === text) return { call: name };
    lastReplies.set(name, text);
    return { call: name, reply: Array.isArray(reply) ? reply.map(change) : change(reply) };
  };
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

  return (
    at: number,
    { tasks, nodes }: Omit<PollRequest, 'at'>,
    calls: readonly Call[],
    end: Pick<PollLine, 'timedOut'> = {},
  ): void => {
    const request = { tasks, nodes };
    const replies = calls.map(replyLine);
    const isAsBefore = stringifyExact(replies) === lastCalls;
    lastCalls = stringifyExact(calls.map(({ name }) => ({ call: name })));
    const isSameRequest = stringifyExact(request) === lastRequest;
    lastRequest = stringifyExact(request);
    const line: PollLine = {
      at,
      ...(isSameRequest ? {} : { request }),
      ...(isAsBefore ? {} : { replies }),
      ...end,
    };
    write(stringifyExact(line));
  };
}

/** An object of the swarm: a service, a task, a node. */
interface Identified {
  readonly ID: string;
  readonly [field: string]: unknown;
}

const isIdentified = (value: unknown): value is Identified =>
  typeof value === 'object' && value !== null && 'ID' in value && typeof value.ID === 'string';
