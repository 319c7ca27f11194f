/** A trace as the engine that it is a recording of: the observer polls it again. */
import type { Engine, Filters } from '../../../src/engine/client.ts';
import { observer } from '../../../src/engine/observe.ts';
import { EngineError } from '../../../src/errors.ts';
import type { Observation } from '../../../src/rollout/observation.ts';
import { ownedDigest } from '../../../src/service-spec/owned-fields.ts';
import type { ReplyLine, Trace, TracedPoll } from './format.ts';

/** A call of a list of tasks, as ReplyLine names it. */
const tasksCall = (filters: Filters): string => `tasks ${JSON.stringify(filters)}`;

/**
 * What the observer makes of the recorded replies, poll by poll.
 * @throws where it asks for something that was not asked when the trace was recorded: then the trace is to be recorded again
 */
export async function* observationsOf({ header, polls }: Trace): AsyncGenerator<Observation> {
  const { host, named, observed } = header;
  let current: TracedPoll | undefined;
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

  for (const line of polls) {
    const { at, request, replies, signal } = (current = line);
    unread = [...replies];
    yield signal === undefined
      ? await poll(request, new AbortController().signal).catch((error: unknown) => {
          if (!(error instanceof CutOff)) throw error;
          // As the watch loop takes it (src/watch/loop.ts, pollOnce).
          return { kind: 'unreachable' as const, at, reason: `no answer from ${host}` };
        })
      : { kind: 'interrupted', at, signal };
  }
}

/** The poll took too long. */
class CutOff extends Error {}
