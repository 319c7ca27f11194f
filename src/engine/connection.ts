/** Which engine to talk to, in docker's order: -H, DOCKER_HOST, the default socket. */
import { usageError } from '../errors.ts';

/** What the command line says of the connection; undefined where a flag was not given. */
export interface ConnectionOptions {
  readonly host?: string | undefined;
}

/** Where an engine answers. `shown` is the address as a person would write it. */
export interface Address {
  readonly shown: string;
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
}

export const DEFAULT_SOCKET = 'unix:///var/run/docker.sock';
const DEFAULT_TCP_PORT = 2375;

/**
 * The address that the options and the environment (DOCKER_HOST) name.
 * @throws SwarmrollError `usage` when it can't be read or its scheme isn't supported
 */
export function addressOf(
  options: ConnectionOptions,
  env: Readonly<Record<string, string | undefined>>,
): Address {
  const fromEnv = env['DOCKER_HOST'] ?? '';
  const text = options.host ?? (fromEnv === '' ? DEFAULT_SOCKET : fromEnv);
  const source = options.host === undefined ? 'DOCKER_HOST' : '--host';
  const [, scheme = 'tcp', rest = ''] = /^(?:([a-z+]+):\/\/)?(.*)$/s.exec(text) ?? [];
  if (scheme === 'unix') {
    const socketPath = rest === '' ? DEFAULT_SOCKET.slice('unix://'.length) : rest;
    return { shown: `unix://${socketPath}`, socketPath };
  }
  if (scheme !== 'tcp' && scheme !== 'http') {
    throw usageError(
      `${source}: "${text}" is not an address of an engine`,
      'use unix://PATH or tcp://HOST:PORT',
    );
  }
  const url = URL.parse(`http://${rest}`);
  if (url === null || url.hostname === '') {
    throw usageError(
      `${source}: "${text}" is not an address of an engine`,
      'use unix://PATH or tcp://HOST:PORT',
    );
  }
  const port = url.port === '' ? DEFAULT_TCP_PORT : Number(url.port);
  return { shown: `tcp://${url.hostname}:${port}`, host: url.hostname, port };
}
