/** Flags that every command takes. */
import type { ConnectionOptions } from '../engine/connection.ts';
import type { Flag, Given } from '../spec/flag.ts';
import { boolean, string } from '../values/value.ts';

export const help: Flag<boolean> = {
  name: 'help',
  short: 'h',
  type: boolean,
  group: 'Output',
  help: 'Show this help',
};

const host: Flag<string> = {
  name: 'host',
  short: 'H',
  type: string,
  group: 'Connection',
  help: 'The engine to talk to: unix://PATH or tcp://HOST:PORT',
  default: '$DOCKER_HOST, then unix:///var/run/docker.sock',
};

export const debug: Flag<boolean> = {
  name: 'debug',
  short: 'D',
  type: boolean,
  group: 'Connection',
  help: 'Show the stack trace of an error',
};

export const CONNECTION_FLAGS: readonly Flag[] = [host, debug];

/** What the command line says of the connection. */
export function connectionOptions(given: Given): ConnectionOptions {
  return { host: given.get(host) };
}
