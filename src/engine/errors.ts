/** Failed replies and failed connections as EngineErrors: a message for people, a fault, and a hint. */
import { EngineError } from '../errors.ts';
import type { Fault, Reason } from '../errors.ts';
import type { Endpoint } from '../connection/connection.ts';
import { NEEDS_TLS, PROXY_FAILED, explainConnection, namedBy, proxyHint } from '../connection/unreachable.ts';
import type { ConnectionError } from '../connection/unreachable.ts';
import { printable } from '../values/printable.ts';

/** GET only reads; the others ask for a change. */
export type Method = 'GET' | 'POST' | 'DELETE';

/** A reply with a status other than 2xx. */
export interface FailedReply {
  readonly status: number;
  /** The engine sends "application/json"; a proxy on the way may send anything. */
  readonly contentType: string;
  readonly body: string;
}

const NOT_A_MANAGER = /not a swarm manager|node is not a manager/i;
/** The reply of a TLS server to a plain HTTP request (Go net/http server.go; nginx). */
const REQUIRES_TLS = /HTTP request (was sent )?to an? HTTPS (server|port)/i;
/** The engine does not support the API version (moby api/server/middleware/version.go). */
const UNSUPPORTED_VERSION = /client version \S+ is too (new|old)/;
/**
 * Moby's reply, with HTTP 500, to a change of an outdated version (swarmkit manager/state/store, ErrSequenceConflict).
 */
const OUT_OF_SEQUENCE = /update out of sequence/;
/** A registry's reply to a client that has not logged in; every registry words it differently. */
const REQUIRES_LOGIN = /no basic auth credentials|unauthorized|authentication required|denied|forbidden/i;
const NOT_FOUND = /not found|no such/i;
/** The manager proposed the change to the raft group and got no result. The change may still be stored. */
const OUTCOME_UNKNOWN = /deadline|timeout|timed out|cancel|unavailable|leader|lost|transport|EOF/i;

/** With these codes there was no connection, so nothing was sent. */
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

/**
 * The error for a connection that failed, before or during a reply. Its fault is `unknown` when a change may have been
 * sent, else `transient`.
 */
export function connectionError(error: ConnectionError, method: Method, endpoint: Endpoint): EngineError {
  const { reason, remedy } = explainConnection(error, endpoint);
  const { code = '' } = error;
  const wasSent = !NOT_CONNECTED.has(code) && !/CERT|SIGN|TLS/.test(code);
  return new EngineError(
    'unreachable',
    `cannot reach the engine at ${endpoint.shown}: ${printable(reason)}`,
    {
      fault: method !== 'GET' && wasSent ? 'unknown' : 'transient',
      hint: `${namedBy(endpoint)}: ${remedy}`,
      cause: error,
    },
  );
}

/** The error for a 2xx reply that is not JSON: it is from another web server, or it was cut off. */
export function notAnEngine(cause: unknown, method: Method, endpoint: Endpoint): EngineError {
  return new EngineError('refused', `the server at ${endpoint.shown} is not a Docker engine`, {
    fault: method !== 'GET' ? 'unknown' : 'transient',
    hint: `${namedBy(endpoint)}: check the address`,
    cause,
  });
}

/**
 * The error for a failed reply: `notManager`, `notFound` when the engine itself says so, or `refused`. The message is
 * the engine's own, if the engine sent the reply.
 */
export function replyError(reply: FailedReply, method: Method, endpoint: Endpoint): EngineError {
  const { status } = reply;
  const { shown } = endpoint;
  const own = engineMessage(reply);
  const text = oneLine(own ?? reply.body);
  if (NOT_A_MANAGER.test(text)) {
    const remedy = `${namedBy(endpoint)}: choose a manager of the swarm`;
    return new EngineError('notManager', `the engine at ${shown} is not a swarm manager`, {
      // A manager replies this for a moment after it has restarted (seen on 28.5).
      fault: 'transient',
      status,
      hint: /swarm init|docker swarm join/.test(text)
        ? `${remedy}, or make this engine a manager with: docker swarm init`
        : remedy,
    });
  }
  if (REQUIRES_TLS.test(text)) return connectionError({ code: NEEDS_TLS }, method, endpoint);
  const fault = faultOf(status, own, method);
  const message =
    own ??
    (isHtml(reply) || text === ''
      ? `HTTP status ${status} from ${shown}`
      : `${text} (HTTP ${status} from ${shown})`);
  return new EngineError(status === 404 && own !== undefined ? 'notFound' : 'refused', message, {
    fault,
    status,
    reason: reasonOf(text),
    hint: UNSUPPORTED_VERSION.test(text)
      ? 'DOCKER_API_VERSION asks for this version: set it to one that the engine supports, or unset it'
      : own === undefined
        ? proxyHint(status, endpoint)
        : undefined,
  });
}

/**
 * What a failed reply means for a retry. Only the engine's own 404 means that a service is gone. A change that failed
 * with 5xx is final only when the engine itself refused it with 500; otherwise it may have been stored.
 * @param own the engine's own message; undefined when something else sent the reply
 */
function faultOf(status: number, own: string | undefined, method: Method): Fault {
  if (status === 404) {
    if (own !== undefined && NOT_FOUND.test(own)) return method === 'GET' ? 'gone' : 'final';
    return method === 'GET' ? 'transient' : 'final';
  }
  if (status < 500 && status !== 408 && status !== 429) return 'final';
  if (method === 'GET') return 'transient';
  return own === undefined || status !== 500 || OUTCOME_UNKNOWN.test(own) ? 'unknown' : 'final';
}

function reasonOf(text: string): Reason | undefined {
  if (OUT_OF_SEQUENCE.test(text)) return 'outOfSequence';
  return REQUIRES_LOGIN.test(text) ? 'loginWanted' : undefined;
}

const isHtml = ({ contentType, body }: FailedReply): boolean =>
  contentType.includes('html') || body.trimStart().startsWith('<');

/** The engine's message: `{"message": ...}`, without gRPC's prefix. Undefined when the reply is not from an engine. */
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
