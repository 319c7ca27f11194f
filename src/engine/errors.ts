/** What the engine and the connection to it say when something fails, as an error for people. */
import { SwarmrollError } from '../errors.ts';
import type { Endpoint } from './connection.ts';
import { NEEDS_TLS, namedBy, unreachable } from './unreachable.ts';
import type { ConnectionError } from './unreachable.ts';

/** The shape of docker-modem's and Node's errors, as far as they are read. */
interface RawError extends ConnectionError {
  statusCode?: number;
}

const NOT_A_MANAGER = /not a swarm manager|node is not a manager/i;

/** What a web server that wants TLS answers to who speaks plain text. */
const WANTS_TLS = /HTTP request (was sent )?to an? HTTPS (server|port)/i;
const OTHER_API = /client version \S+ is too (new|old)/;

/** An error of dockerode as a SwarmrollError. */
export function engineError(error: unknown, endpoint: Endpoint): SwarmrollError {
  const raw = error as RawError;
  const { shown } = endpoint;
  if (raw.statusCode !== undefined) {
    const message = messageOf(raw) || `the engine at ${shown} answered with HTTP status ${raw.statusCode}`;
    return responseError(raw.statusCode, message, endpoint, error);
  }
  return unreachable(raw, endpoint);
}

function responseError(status: number, message: string, endpoint: Endpoint, cause: unknown): SwarmrollError {
  const { shown } = endpoint;
  if (NOT_A_MANAGER.test(message)) {
    const remedy = `${namedBy(endpoint)}: name a manager of the swarm`;
    return new SwarmrollError('notManager', `the engine at ${shown} is not a swarm manager`, {
      hint: /swarm init|docker swarm join/.test(message)
        ? `${remedy}, or make this engine one with: docker swarm init`
        : remedy,
      cause,
    });
  }
  if (WANTS_TLS.test(message)) return unreachable({ code: NEEDS_TLS }, endpoint);
  if (status === 404) return new SwarmrollError('notFound', message, { cause });
  const hint = OTHER_API.test(message)
    ? 'that is what DOCKER_API_VERSION asks for: set it to a version that the engine has, or unset it'
    : undefined;
  return new SwarmrollError('refused', message, { hint, cause });
}

/** The engine's own words on one line; docker-modem's and gRPC's wrapping is taken off. */
function messageOf(raw: RawError): string {
  return (raw.message ?? '')
    .replace(/^\(HTTP code \d+\) unexpected - /, '')
    .replace(/^rpc error: code = \w+ desc = /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}
