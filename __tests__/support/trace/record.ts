/** Makes a trace of what a proxy has seen between a command and the engine. */
import type { Node } from '../../../src/api/cluster.ts';
import type { Service, ServiceSpec, Task } from '../../../src/api/service.ts';
import type { Call } from '../../../src/command-line/command.ts';
import { loadCommand } from '../../../src/command-line/command.ts';
import { parse } from '../../../src/command-line/parse.ts';
import { COMMANDS } from '../../../src/commands/all.ts';
import type { Endpoint } from '../../../src/connection/connection.ts';
import { exitCodeOfVerdict } from '../../../src/watch/outcome.ts';
import { targetOf } from '../../../src/watch/targets.ts';
import type { ChangeToWatch } from '../../../src/watch/targets.ts';
import { waitFor } from '../../../src/watch/wait-for.ts';
import { connectionError, replyError } from '../../../src/engine/errors.ts';
import { parseExact } from '../../../src/values/exact-json.ts';
import type { EngineError } from '../../../src/errors.ts';
import { reduce, start } from '../../../src/rollout/reduce.ts';
import { isOver } from '../../../src/rollout/verdict.ts';
import { namedFields } from '../../../src/service-spec/owned-fields.ts';
import type { Exchange } from '../../integration/support/proxy.ts';
import type { ErrorLine, ReplyLine, Trace, TracedPoll } from './format.ts';
import { redact } from './redact.ts';
import { observationsOf } from './replay.ts';

/** What is known of one command after it has ended. Times are milliseconds of `performance.now()`. */
export interface Recording {
  /** The command line: "update", "--image", "ping:1.1", "web". */
  readonly argv: readonly string[];
  /** The engine's version: "28.5.2". */
  readonly engine: string;
  /** The engine itself, not the proxy: errors name it. */
  readonly endpoint: Endpoint;
  readonly exchanges: readonly Exchange[];
  readonly startedAt: number;
  readonly exitCode: number;
  /** The signal that it was sent. */
  readonly signal?: { readonly at: number; readonly name: 'SIGINT' | 'SIGTERM' };
}

/** The requests of a poll come together, in any order, within so many milliseconds. */
const TOGETHER = 5;

/**
 * The trace of a command on one service, until its verdict. A command that undoes its change
 * (`--rollback-on-failure`) has two verdicts, so it cannot be recorded.
 * @throws Error if the command line is not of a command that is recorded, or if what was seen does not bring its verdict
 */
export async function traceOf({
  argv,
  engine,
  endpoint,
  exchanges,
  startedAt,
  exitCode,
  signal,
}: Recording): Promise<Trace> {
  const since = (at: number): number => Math.round(at - startedAt);
  const asked = exchanges.map((exchange) => ({ ...exchange, ...pathOf(exchange) }));
  const given = await givenOf(argv);
  const accepted = changeOf(argv, asked, since);
  const { serviceId } = accepted;
  const calls = asked.flatMap((one): AskedCall[] => {
    const call = callOf(one, serviceId);
    return call === undefined ? [] : [{ ...one, call }];
  });
  const reads = calls.filter(({ call }) => call === 'service');

  // The first poll is the first that asks for the nodes.
  const nodesAt = calls.find(({ call }) => call === 'nodes')?.at ?? Infinity;
  const first = reads.findLast(({ at }) => at < nodesAt + TOGETHER);
  const begins = first === undefined ? [] : reads.slice(reads.indexOf(first));
  const polls = begins
    .map(({ at }, index) => {
      const next = begins[index + 1]?.at ?? Infinity;
      return calls.filter((one) => one.at >= at - TOGETHER && one.at < next - TOGETHER);
    })
    // A signal ends the poll under way.
    .filter((poll) => poll.every(({ endedAt }) => signal === undefined || endedAt < signal.at))
    .map((poll) => pollOf(poll, endpoint, since));
  if (signal !== undefined) {
    const last = { request: { tasks: 'all', nodes: false }, replies: [] } as const;
    polls.push({ at: since(signal.at), signal: signal.name, ...last });
  }

  const world = { startedAt: 0, program: 'swarmroll' };
  const { intent } = targetOf({ given, world } as Call, accepted);
  const { action, posted } = accepted;
  const trace: Trace = {
    header: {
      engine,
      host: endpoint.shown,
      intent,
      named: accepted.named ?? namedFields(given),
      observed: { serviceId, asksTime: posted === false, follows: action === 'wait' },
    },
    polls,
  };
  return { ...trace, polls: polls.slice(0, await pollsToVerdict(trace, exitCode)) };
}

/** An exchange, with its path apart from the query and the API version. */
interface Asked extends Exchange {
  readonly path: string;
  readonly query: URLSearchParams;
}

/** A request that may be part of a poll. */
interface AskedCall extends Asked {
  /** As ReplyLine names it. */
  readonly call: string;
}

function pathOf({ path: text }: Exchange): Pick<Asked, 'path' | 'query'> {
  const { pathname, searchParams } = new URL(text, 'http://engine');
  return { path: pathname.replace(/^\/v1\.\d+/, ''), query: searchParams };
}

async function givenOf([name, ...args]: readonly string[]): Promise<Call['given']> {
  const entry = COMMANDS.find((one) => one.name === name);
  if (entry === undefined) throw new Error(`no such command: ${name ?? ''}`);
  return parse(await loadCommand(entry), args, 'swarmroll').given;
}

/** The change that the command has sent, or what it watches without one. */
function changeOf(
  [action, ...args]: readonly string[],
  asked: readonly Asked[],
  since: (at: number) => number,
): ChangeToWatch {
  const sent = asked.find(({ method, status }) => method === 'POST' && status !== undefined && status < 300);
  const authSent = sent?.headers['x-registry-auth'] !== undefined;
  if (sent?.path === '/services/create') {
    const wanted = redact.spec(parseExact(sent.body) as ServiceSpec);
    const { ID: serviceId } = parseExact(sent.reply) as { ID: string };
    const name = wanted.Name ?? serviceId;
    return { action: 'create', serviceId, name, startedAt: since(sent.endedAt), wanted, authSent };
  }
  const found = asked
    .filter(
      ({ path, at, status }) =>
        /^\/services(\/[^/]+)?$/.test(path) && status === 200 && at < (sent?.at ?? Infinity),
    )
    .map(({ reply, at }) => ({ at, service: [parseExact(reply)].flat() as readonly Service[] }));
  const [last] = sent === undefined ? found : found.slice(-1);
  const service = last?.service.find(({ ID, Spec }) => args.includes(ID) || args.includes(Spec.Name ?? ID));
  if (last === undefined || service === undefined) throw new Error('the command has read no service');
  const before = redact.service(service);
  const watched = waitFor(before, since(sent?.at ?? last.at));
  if (sent === undefined) return { ...watched, action: action === 'wait' ? 'wait' : 'update' };
  const isRollback = sent.query.get('rollback') !== null;
  return {
    ...watched,
    posted: true,
    action: isRollback ? 'rollback' : 'update',
    wanted: isRollback
      ? (before.PreviousSpec ?? before.Spec)
      : redact.spec(parseExact(sent.body) as ServiceSpec),
    authSent,
    ...(isRollback ? { named: [] } : {}),
  };
}

function pollOf(calls: readonly AskedCall[], endpoint: Endpoint, since: (at: number) => number): TracedPoll {
  const replies = calls.map((one) => replyOf(one, endpoint));
  const failedAt = calls.find((_, index) => replies[index]?.error !== undefined)?.endedAt;
  // The observation has the time of these replies. What is asked because of them comes later.
  const together = calls.filter(({ at }) => at < (calls[0]?.at ?? 0) + 2 * TOGETHER);
  const at = failedAt ?? Math.max(...together.map(({ endedAt }) => endedAt));
  const asks = (wanted: RegExp): boolean => calls.some(({ call }) => wanted.test(call));
  if (asks(/^tasks .*"name"/)) throw new Error('the service has too many tasks for a trace');
  const isFresh = asks(/^tasks \{"service":.*"_up-to-date"/);
  const isTimedOut = failedAt === undefined && replies.some(({ pending }) => pending === true);
  return {
    at: since(at),
    request: { tasks: isFresh ? 'fresh' : asks(/^tasks/) ? 'all' : [], nodes: asks(/^nodes$/) },
    replies,
    ...(isTimedOut ? { timedOut: true } : {}),
  };
}

/** The call as ReplyLine names it; undefined for a request that is not of a poll. */
function callOf({ method, path, query }: Asked, serviceId: string): string | undefined {
  if (method !== 'GET') return undefined;
  if (path === '/tasks') return `tasks ${query.get('filters') ?? '{}'}`;
  const calls: Readonly<Record<string, string>> = {
    [`/services/${serviceId}`]: 'service',
    '/nodes': 'nodes',
    '/info': 'time',
  };
  return calls[path];
}

function replyOf(
  { call, path, status, contentType, reply, failed }: AskedCall,
  endpoint: Endpoint,
): ReplyLine {
  if (failed !== undefined)
    return { call, error: errorLine(connectionError({ code: failed }, 'GET', endpoint, true)) };
  if (status === undefined) return { call, pending: true };
  if (status >= 300) {
    const error = replyError({ status, contentType, body: reply }, { method: 'GET', path }, endpoint);
    return { call, error: errorLine(error) };
  }
  const value = parseExact(reply);
  if (call === 'service') return { call, reply: redact.service(value as Service) };
  if (call === 'nodes') return { call, reply: ((value ?? []) as Node[]).map(redact.node) };
  if (call === 'time') return { call, reply: Date.parse((value as { SystemTime: string }).SystemTime) };
  return { call, reply: ((value ?? []) as Task[]).map(redact.task) };
}

const errorLine = ({ kind, fault, status, message }: EngineError): ErrorLine => ({
  kind,
  fault,
  ...(status === undefined ? {} : { status }),
  message,
});

/**
 * How many polls there are up to the verdict: what comes after it looks for a way back.
 * @throws Error if there is none, or if it is not that of the command
 */
async function pollsToVerdict(trace: Trace, exitCode: number): Promise<number> {
  let state = start(trace.header.intent);
  let count = 0;
  for await (const observation of observationsOf(trace)) {
    state = reduce(state, observation);
    count += 1;
    if (!isOver(state.verdict)) continue;
    if (exitCodeOfVerdict(state.verdict) === exitCode) return count;
    throw new Error(`the replay ends with ${state.verdict.kind}, the command with exit code ${exitCode}`);
  }
  throw new Error(`no verdict after ${count} polls`);
}
