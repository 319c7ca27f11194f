/** Failed replies and failed connections as EngineErrors: a message for people, a fault, and a hint. */
import { EngineError } from '../errors.ts';
import type { Fault, Reason } from '../errors.ts';
import type { Endpoint } from '../connection/connection.ts';
import { NEEDS_TLS, PROXY_FAILED, explainConnection, namedBy, proxyHint } from '../connection/unreachable.ts';
import type { ConnectionError } from '../connection/unreachable.ts';
import { printable } from '../values/printable.ts';
import { loginAfter } from '../values/registry-error.ts';
import { ellipsis } from '../values/width.ts';

/** GET only reads; the others ask for a change. */
export type Method = 'GET' | 'POST' | 'DELETE';

/** A reply with a status other than 2xx. */
export interface FailedReply {
  readonly status: number;
  /** The engine sends "application/json"; a proxy on the way may send anything. */
  readonly contentType: string;
  readonly body: string;
}

/** The request that failed. */
interface Asked {
  readonly method: Method;
  /** Without the API version and the query. */
  readonly path: string;
}

const NOT_A_MANAGER = /not a swarm manager|node is not a manager/i;
/** The daemon has restarted, and the swarm has autolock (moby daemon/cluster/errors.go, errSwarmLocked). */
const LOCKED = /swarm is encrypted and needs to be unlocked/i;
/**
 * Refusals with 5xx before the manager proposes a change to the others, so nothing is stored: it has no leader (swarmkit
 * manager/state/raft/raft.go, LeaderConn), or is just being stopped, for example to become a worker: there is no connection
 * to its own control socket, or it is closed already (seen on 28.5).
 */
const NOT_PROPOSED =
  /the swarm does not have a leader|while dialing:? dial unix|^rpc error: code = Canceled desc = grpc: the client connection is closing/i;
/** An authorization plugin of the engine (moby pkg/authorization/authz.go). */
const DENIED_BY_PLUGIN = /^authorization denied by plugin/;
/** The reply of a TLS server to a plain HTTP request (Go net/http server.go; nginx). */
const REQUIRES_TLS = /HTTP request (was sent )?to an? HTTPS (server|port)/i;
/** The engine does not support the API version (moby api/server/middleware/version.go). */
const UNSUPPORTED_VERSION = /client version \S+ is too (new|old)/;
/**
 * Moby's reply, with HTTP 500, to a change of an outdated version (swarmkit manager/state/store, ErrSequenceConflict).
 */
const OUT_OF_SEQUENCE = /update out of sequence/;
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
 * @param hasReplied whether the endpoint has replied to a request before
 */
export function connectionError(
  error: ConnectionError,
  method: Method,
  endpoint: Endpoint,
  hasReplied = false,
): EngineError {
  const { reason, remedy } = explainConnection(error, endpoint, hasReplied);
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
 * the engine's own, if the engine sent the reply; else it names the request and has the words of whoever replied.
 */
export function replyError(reply: FailedReply, { method, path }: Asked, endpoint: Endpoint): EngineError {
  const { status } = reply;
  const { shown } = endpoint;
  const raw = engineMessage(reply);
  const own = raw === undefined ? undefined : oneLine(raw.replace(GRPC_PREFIX, ''));
  const text = own ?? wordsOf(reply);
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
  const request = `${method} ${printable(path)}`;
  const message =
    own === undefined
      ? `${request}: ${text === '' ? `HTTP status ${status} from ${shown}` : `${text} (HTTP ${status} from ${shown})`}`
      : `${DENIED_BY_PLUGIN.test(own) ? `${request}: ` : ''}${own}`;
  const isLocked = own !== undefined && LOCKED.test(own);
  return new EngineError(status === 404 && own !== undefined ? 'notFound' : 'refused', message, {
    fault: faultOf(status, raw, method),
    status,
    reason: isLocked ? 'locked' : reasonOf(own),
    hint: isLocked
      ? `${namedBy(endpoint)}: unlock it with: docker swarm unlock, or choose another manager with -H or --context`
      : UNSUPPORTED_VERSION.test(text)
        ? 'DOCKER_API_VERSION asks for this version: set it to one that the engine supports, or unset it'
        : own === undefined
          ? proxyHint(status, endpoint)
          : undefined,
  });
}

/**
 * The same error of an engine that is no manager, which also names the managers that it knows.
 * @param addresses of the managers in the swarm: "10.0.0.2:2377"
 */
export function notManagerOf(error: EngineError, addresses: readonly string[]): EngineError {
  if (addresses.length === 0) return error;
  const managers = addresses.map((address) => printable(address.replace(/:\d+$/, '')));
  const { kind, message, fault, status, hint = '', cause } = error;
  return new EngineError(kind, message, {
    fault,
    status,
    managers,
    hint: `${hint.replace(/, or make this engine .*/, '')}, for example the one at ${managers[0] ?? ''}`,
    cause,
  });
}

/**
 * What a failed reply means for a retry. Only the engine's own 404 means that a service is gone. A change that failed
 * with 5xx may have been stored, unless the engine itself refused it: with 500, with 501 (moby: what swarmkit does not
 * implement, such as another mode), or before it proposed it.
 * @param own the engine's own message; undefined when something else sent the reply
 */
function faultOf(status: number, own: string | undefined, method: Method): Fault {
  if (status === 404) {
    if (own !== undefined && NOT_FOUND.test(own)) return method === 'GET' ? 'gone' : 'final';
    return method === 'GET' ? 'transient' : 'final';
  }
  if (status < 500 && status !== 408 && status !== 429) return 'final';
  if (method === 'GET') return 'transient';
  if (own === undefined) return 'unknown';
  if (LOCKED.test(own) || NOT_PROPOSED.test(own)) return 'transient';
  if (status === 501) return 'final';
  return status !== 500 || OUTCOME_UNKNOWN.test(own) ? 'unknown' : 'final';
}

function reasonOf(own = ''): Reason | undefined {
  if (OUT_OF_SEQUENCE.test(own)) return 'outOfSequence';
  return loginAfter(own) === 'wanted' ? 'loginWanted' : undefined;
}

/** How much of the text of somebody else is shown. */
const MAX_WORDS = 200;

/** What somebody else than the engine says. Of HTML: the text or, if it has none, the title. */
function wordsOf(reply: FailedReply): string {
  const { body } = reply;
  if (!isHtml(reply)) return ellipsis(oneLine(body), MAX_WORDS);
  const [, title = ''] = /<title[^>]*>([^<]*)/i.exec(body) ?? [];
  const text = body
    .replace(/<(title|style|script)\b[^]*?<\/\1>|<!--[^]*?-->/gi, ' ')
    .replace(/<[^>]*>?/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return ellipsis(oneLine(text === '' ? title : text), MAX_WORDS);
}

const isHtml = ({ contentType, body }: FailedReply): boolean =>
  contentType.includes('html') || body.trimStart().startsWith('<');

const GRPC_PREFIX = /^rpc error: code = \w+ desc = /;

/** The engine's message: `{"message": ...}`. Undefined when the reply is not from an engine. */
function engineMessage({ body }: FailedReply): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || !('message' in parsed)) return undefined;
  if (typeof parsed.message !== 'string') return undefined;
  return parsed.message;
}

const oneLine = (text: string): string => printable(text.replace(/\s*\n\s*/g, ' ').trim());
