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

/** On create, --host is docker's mapping of a host name to an address: there only -H names the engine. */
const shortHost: Flag<string> = { ...host, name: 'H' };

/** The connection's flags, beside a command's own. */
export function connectionFlags(own: readonly Flag[]): readonly Flag[] {
  return [own.some(({ name }) => name === host.name) ? shortHost : host, debug];
}

/** What the command line says of the connection. */
export function connectionOptions(given: Given): ConnectionOptions {
  return { host: given.get(host) ?? given.get(shortHost) };
}
