/** Flags that every command takes. */
import type { ConnectionOptions } from '../connection/connection.ts';
import type { ConfigSource } from '../connection/docker-config.ts';
import type { Flag, Given } from './flag.ts';
import { boolean, string, strings } from '../values/value.ts';
import type { World } from '../world.ts';

export const help: Flag<boolean> = {
  name: 'help',
  short: 'h',
  type: boolean,
  group: 'Output',
  help: 'Show this help',
};

const host: Flag<string[]> = {
  name: 'host',
  short: 'H',
  type: strings,
  group: 'Connection',
  help: 'The engine to talk to: unix://PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]',
  default: '$DOCKER_HOST, then the context, then unix:///var/run/docker.sock',
};

const context: Flag<string> = {
  name: 'context',
  short: 'c',
  type: string,
  names: 'contexts',
  group: 'Connection',
  help: 'The docker context whose engine to talk to, instead of $DOCKER_HOST',
  default: '$DOCKER_CONTEXT, then the one that docker context use chose',
};

const configDir: Flag<string> = {
  name: 'config',
  type: string,
  group: 'Connection',
  help: "The folder of docker's settings: contexts, credentials, formats",
  default: '$DOCKER_CONFIG, then ~/.docker',
};

const tls: Flag<boolean> = {
  name: 'tls',
  type: boolean,
  group: 'Connection',
  help: 'Speak TLS without verifying the engine (not with a context, which says itself)',
};

const tlsVerify: Flag<boolean> = {
  name: 'tlsverify',
  type: boolean,
  group: 'Connection',
  help: 'Speak TLS and verify the engine (not with a context, which says itself)',
  default: '$DOCKER_TLS_VERIFY',
};

const tlsCaCert: Flag<string> = {
  name: 'tlscacert',
  type: string,
  group: 'Connection',
  help: 'The authority that the engine is verified with',
  default: 'ca.pem in $DOCKER_CERT_PATH, then ~/.docker',
};

const tlsCert: Flag<string> = {
  name: 'tlscert',
  type: string,
  group: 'Connection',
  help: 'The certificate to show to the engine',
  default: 'cert.pem beside it',
};

const tlsKey: Flag<string> = {
  name: 'tlskey',
  type: string,
  group: 'Connection',
  help: 'Its key',
  default: 'key.pem beside it',
};

export const debug: Flag<boolean> = {
  name: 'debug',
  short: 'D',
  type: boolean,
  group: 'Connection',
  help: 'Show the stack trace of an error',
};

/** On create, --host is docker's mapping of a host name to an address: there only -H names the engine. */
const shortHost: Flag<string[]> = { ...host, name: 'H' };

const CONNECTION: readonly Flag[] = [
  host,
  context,
  configDir,
  tls,
  tlsVerify,
  tlsCaCert,
  tlsCert,
  tlsKey,
  debug,
];

/**
 * The connection's flags, beside a command's own. Where a command has one of the same name, as create has --host
 * and --config, that name is the command's: the connection's then stands before the command, or has only its letter.
 */
export function connectionFlags(own: readonly Flag[]): readonly Flag[] {
  const taken = new Set(own.map(({ name }) => name));
  return CONNECTION.flatMap((flag) => {
    if (!taken.has(flag.name)) return [flag];
    return flag === host ? [shortHost] : [];
  });
}

/** What the command line says of the connection. */
export function connectionOptions(given: Given): ConnectionOptions {
  return {
    hosts: [...(given.get(host) ?? []), ...(given.get(shortHost) ?? [])],
    context: given.get(context),
    configDir: given.get(configDir),
    tls: given.get(tls),
    tlsVerify: given.get(tlsVerify),
    tlsCaCert: given.get(tlsCaCert),
    tlsCert: given.get(tlsCert),
    tlsKey: given.get(tlsKey),
  };
}

/** Where docker's settings are, as the command line and the environment say. */
export function configSource(given: Given, { env, readFile }: World): ConfigSource {
  return { configDir: given.get(configDir), env, readFile };
}
