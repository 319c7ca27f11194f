/** What the engine and the connection to it say when something fails, as an error for people. */
import { EngineError } from '../errors.ts';
import type { Fault, Reason } from '../errors.ts';
import type { Endpoint } from '../connection/connection.ts';
import { NEEDS_TLS, PROXY_FAILED, explainConnection, namedBy, proxyHint } from '../connection/unreachable.ts';
import type { ConnectionError } from '../connection/unreachable.ts';
import { printable } from '../values/printable.ts';

/** Whether a request only reads, or asks for a change. */
export type Method = 'GET' | 'POST';

/** A reply whose status says that the request failed. */
export interface FailedReply {
  readonly status: number;
  /** The engine writes "application/json"; what stands between us and it writes what it likes. */
  readonly contentType: string;
  readonly body: string;
}

const NOT_A_MANAGER = /not a swarm manager|node is not a manager/i;
/** What a web server that wants TLS answers to a client that speaks plain text. */
const WANTS_TLS = /HTTP request (was sent )?to an? HTTPS (server|port)/i;
const OTHER_API = /client version \S+ is too (new|old)/;
/** Moby answers a change of an outdated version with HTTP 500 and these words (swarmkit manager/state/store, ErrSequenceConflict). */
const OUT_OF_SEQUENCE = /update out of sequence/;
/** Registries say this, each in its own words, to a client that they do not know. */
const WANTS_LOGIN = /no basic auth credentials|unauthorized|authentication required|denied|forbidden/i;
const NOT_FOUND = /not found|no such/i;
/** The manager has passed a change on to the others and did not hear the end: it may still be stored. */
const UNDECIDED = /deadline|timeout|timed out|cancel|unavailable|leader|lost|transport|EOF/i;

/** These codes of Node mean that no connection was made, so nothing was sent. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'EACCES',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  NEEDS_TLS,
  PROXY_FAILED,
]);

/** A connection that failed, before or in the middle of a reply. */
export function connectionError(error: ConnectionError, method: Method, endpoint: Endpoint): EngineError {
  const { reason, remedy } = explainConnection(error, endpoint);
  const { code = '' } = error;
  const wasSent = !NOT_CONNECTED.has(code) && !/CERT|SIGN|TLS/.test(code);
  return new EngineError(
    'unreachable',
    `cannot reach the engine at ${endpoint.shown}: ${printable(reason)}`,
    {
      fault: method === 'POST' && wasSent ? 'unknown' : 'transient',
      hint: `${namedBy(endpoint)}: ${remedy}`,
      cause: error,
    },
  );
}

/** A reply of 200 that is not JSON: a web server answers, or the reply was cut short. */
export function notAnEngine(cause: unknown, method: Method, endpoint: Endpoint): EngineError {
  return new EngineError('refused', `what answers at ${endpoint.shown} is not a Docker engine`, {
    fault: method === 'POST' ? 'unknown' : 'transient',
    hint: `${namedBy(endpoint)}: check the address`,
    cause,
  });
}

/** A reply that refuses the request. */
export function replyError(reply: FailedReply, method: Method, endpoint: Endpoint): EngineError {
  const { status } = reply;
  const { shown } = endpoint;
  const own = engineMessage(reply);
  const words = oneLine(own ?? reply.body);
  if (NOT_A_MANAGER.test(words)) {
    const remedy = `${namedBy(endpoint)}: name a manager of the swarm`;
    return new EngineError('notManager', `the engine at ${shown} is not a swarm manager`, {
      // A manager that has just restarted says so for a moment (seen on 28.5).
      fault: 'transient',
      status,
      hint: /swarm init|docker swarm join/.test(words)
        ? `${remedy}, or make this engine one with: docker swarm init`
        : remedy,
    });
  }
  if (WANTS_TLS.test(words)) return connectionError({ code: NEEDS_TLS }, method, endpoint);
  const fault = faultOf(status, own, method);
  const message =
    own ??
    (isHtml(reply) || words === ''
      ? `HTTP status ${status} from ${shown}`
      : `${words} (HTTP ${status} from ${shown})`);
  return new EngineError(status === 404 && own !== undefined ? 'notFound' : 'refused', message, {
    fault,
    status,
    reason: reasonOf(words),
    hint: OTHER_API.test(words)
      ? 'that is what DOCKER_API_VERSION asks for: set it to a version that the engine has, or unset it'
      : own === undefined
        ? proxyHint(status, endpoint)
        : undefined,
  });
}

function faultOf(status: number, own: string | undefined, method: Method): Fault {
  if (status === 404) {
    if (own !== undefined && NOT_FOUND.test(own)) return method === 'GET' ? 'gone' : 'final';
    return method === 'GET' ? 'transient' : 'final';
  }
  if (status < 500 && status !== 408 && status !== 429) return 'final';
  if (method === 'GET') return 'transient';
  return own === undefined || status !== 500 || UNDECIDED.test(own) ? 'unknown' : 'final';
}

function reasonOf(words: string): Reason | undefined {
  if (OUT_OF_SEQUENCE.test(words)) return 'outOfSequence';
  return WANTS_LOGIN.test(words) ? 'loginWanted' : undefined;
}

const isHtml = ({ contentType, body }: FailedReply): boolean =>
  contentType.includes('html') || body.trimStart().startsWith('<');

/** The engine's own words: it answers with a JSON object that has a message. gRPC's wrapping is taken off. */
function engineMessage({ body }: FailedReply): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || !('message' in parsed)) return undefined;
  if (typeof parsed.message !== 'string') return undefined;
  return oneLine(parsed.message.replace(/^rpc error: code = \w+ desc = /, ''));
}

const oneLine = (text: string): string => printable(text.replace(/\s*\n\s*/g, ' ').trim());
