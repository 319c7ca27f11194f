/** Traces (src/engine/record.ts) read back: the engine that a trace is a recording of, and the polls of the watch. */
import type { Engine } from '../../../../src/engine/client.ts';
import { parseExact } from '../../../../src/engine/exact-json.ts';
import { observer } from '../../../../src/engine/observe.ts';
import { tasksCall } from '../../../../src/engine/record.ts';
import type { PollLine, ReplyLine, TraceHeader } from '../../../../src/engine/record.ts';
import { EngineError } from '../../../../src/errors.ts';
import type { Observation } from '../../../../src/rollout/observation.ts';
import { ownedDigest } from '../../../../src/service-spec/owned-fields.ts';

/** A poll, with everything that its line leaves out. */
interface Poll extends PollLine {
  readonly request: NonNullable<PollLine['request']>;
  readonly replies: readonly ReplyLine[];
}

export interface Trace {
  readonly header: TraceHeader;
  readonly polls: readonly Poll[];
}

/** The trace in the text of a file. */
export function parseTrace(text: string): Trace {
  const [first = '', ...rest] = text.trimEnd().split('\n');
  const objects = new Map<string, object>();
  const lastReplies = new Map<string, unknown>();
  let last: Pick<Poll, 'request' | 'replies'> = { request: { tasks: 'fresh', nodes: true }, replies: [] };

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
  const polls = rest.map((line): Poll => {
    const { replies = last.replies.map(({ call }) => ({ call })), ...poll } = parseExact(line) as PollLine;
    const full: Poll = { request: last.request, ...poll, replies: replies.map(wholeReply) };
    last = full;
    return full;
  });
  return { header: parseExact(first) as TraceHeader, polls };
}

/**
 * What the observer makes of the recorded replies, poll by poll.
 * @throws where it asks for something that was not asked when the trace was recorded: then the trace is to be recorded again
 */
export async function observationsOf({ header, polls }: Trace): Promise<Observation[]> {
  const { host, named, observed } = header;
  let current: Poll | undefined;
  let unread: ReplyLine[] = [];
  const replyTo = async (call: string): Promise<never> => {
    const index = unread.findIndex((line) => line.call === call);
    const [line] = index === -1 ? [] : unread.splice(index, 1);
    if (line === undefined) throw new Error(`the trace has no reply to: ${call} (CONTRIBUTING.md)`);
    if (line.error !== undefined) {
      const { kind, message, ...rest } = line.error;
      throw new EngineError(kind, message, rest);
    }
    if (line.pending !== true) return line.reply as never;
    // Where another call has failed, nobody waits for this one.
    if (current?.timedOut !== true) return new Promise<never>(() => undefined);
    throw new CutOff();
  };
  const engine: Pick<Engine, 'service' | 'tasks' | 'nodes' | 'systemTime'> = {
    service: () => replyTo('service'),
    tasks: (filters) => replyTo(tasksCall(filters)),
    nodes: () => replyTo('nodes'),
    systemTime: () => replyTo('time'),
  };
  const ownedOf = (spec: Parameters<typeof ownedDigest>[0]): string => ownedDigest(spec, named);
  const poll = observer(engine as Engine, { ...observed, ownedOf }, () => current?.at ?? 0);

  const observations: Observation[] = [];
  for (const line of polls) {
    const { at, request, replies, signal } = (current = line);
    unread = [...replies];
    observations.push(
      signal === undefined
        ? await poll(request, new AbortController().signal).catch((error: unknown) => {
            if (!(error instanceof CutOff)) throw error;
            // As the watch loop takes it (src/watch.ts, pollOnce).
            return { kind: 'unreachable' as const, at, reason: `no answer from ${host}` };
          })
        : { kind: 'interrupted', at, signal },
    );
  }
  return observations;
}

/** The poll took too long. */
class CutOff extends Error {}
