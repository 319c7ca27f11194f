/** What the engine and the connection to it say when something fails, as an error for people. */
import { SwarmrollError } from '../errors.ts';

/** The shape of docker-modem's and Node's errors, as far as they are read. */
interface RawError {
  statusCode?: number;
  code?: string;
  message?: string;
}

const NOT_A_MANAGER = /not a swarm manager|node is not a manager/i;

/** An error of dockerode as a SwarmrollError; an abort stays what it is, so that callers can tell it. */
export function engineError(error: unknown, host: string): unknown {
  const raw = error as RawError;
  if (raw.code === 'ABORT_ERR') return error;
  if (raw.statusCode !== undefined) {
    const message = messageOf(raw) || `the engine at ${host} answered with HTTP status ${raw.statusCode}`;
    return responseError(raw.statusCode, message, host, error);
  }
  return new SwarmrollError('unreachable', `cannot reach the engine at ${host}: ${reasonOf(raw)}`, {
    hint: hintFor(raw.code, host),
    cause: error,
  });
}

function responseError(status: number, message: string, host: string, cause: unknown): SwarmrollError {
  if (NOT_A_MANAGER.test(message)) {
    return new SwarmrollError('notManager', `the engine at ${host} is not a swarm manager`, {
      hint: /swarm init|docker swarm join/.test(message)
        ? 'point -H or DOCKER_HOST at a manager, or make this engine one with: docker swarm init'
        : 'point -H or DOCKER_HOST at a manager of the swarm',
      cause,
    });
  }
  if (status === 404) return new SwarmrollError('notFound', message, { cause });
  return new SwarmrollError('refused', message, { cause });
}

/** The engine's own words on one line; docker-modem's and gRPC's wrapping is taken off. */
function messageOf(raw: RawError): string {
  return (raw.message ?? '')
    .replace(/^\(HTTP code \d+\) unexpected - /, '')
    .replace(/^rpc error: code = \w+ desc = /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}

function reasonOf(raw: RawError): string {
  switch (raw.code) {
    case 'ENOENT':
      return 'there is no such socket';
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'EACCES':
      return 'permission denied on the socket';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name is not known';
    case 'ECONNRESET':
      return 'the connection was closed';
    default:
      return raw.message ?? 'unknown error';
  }
}

function hintFor(code: string | undefined, host: string): string {
  if (code === 'EACCES')
    return 'run as root or as a member of the docker group, or name another engine with -H';
  return host.startsWith('unix://')
    ? 'is the docker daemon running? name another engine with -H or DOCKER_HOST'
    : 'check the address and the network, or name another engine with -H or DOCKER_HOST';
}
