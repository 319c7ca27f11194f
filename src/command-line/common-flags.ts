/** Flags that every command takes. */
import { withoutLogin } from '../connection/address.ts';
import type { ConnectionOptions } from '../connection/connection.ts';
import type { ConfigSource } from '../connection/docker-config.ts';
import type { Flag, Given } from './flag.ts';
import { shellWord } from '../values/shell-words.ts';
import { boolean, string, strings } from '../values/value.ts';
import { withFields } from '../world.ts';
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
  help: 'The engine to connect to: unix://PATH, tcp://HOST:PORT or ssh://[USER@]HOST[:PORT]',
  default: '$DOCKER_HOST, then the context, then unix:///var/run/docker.sock',
};

const context: Flag<string> = {
  name: 'context',
  short: 'c',
  type: string,
  names: 'contexts',
  group: 'Connection',
  help: 'The docker context of the engine to connect to; replaces $DOCKER_HOST',
  default: '$DOCKER_CONTEXT, then the context that docker context use has set',
};

export const configDir: Flag<string> = {
  name: 'config',
  type: string,
  group: 'Connection',
  help: 'The folder of the Docker CLI configuration: contexts, credentials, formats',
  default: '$DOCKER_CONFIG, then ~/.docker',
};

const tls: Flag<boolean> = {
  name: 'tls',
  type: boolean,
  group: 'Connection',
  help: "Use TLS, without verifying the engine's certificate (ignored with --context, which has its own setting)",
};

const tlsVerify: Flag<boolean> = {
  name: 'tlsverify',
  type: boolean,
  group: 'Connection',
  help: "Use TLS, and verify the engine's certificate (ignored with --context, which has its own setting)",
  default: '$DOCKER_TLS_VERIFY',
};

const tlsCaCert: Flag<string> = {
  name: 'tlscacert',
  type: string,
  group: 'Connection',
  help: "The file with the CA certificate that verifies the engine's certificate",
  default: 'ca.pem in $DOCKER_CERT_PATH, then ~/.docker',
};

const tlsCert: Flag<string> = {
  name: 'tlscert',
  type: string,
  group: 'Connection',
  help: 'The file with the client certificate',
  default: 'cert.pem in the same folder',
};

const tlsKey: Flag<string> = {
  name: 'tlskey',
  type: string,
  group: 'Connection',
  help: 'The file with the private key of the client certificate',
  default: 'key.pem in the same folder',
};

export const debug: Flag<boolean> = {
  name: 'debug',
  short: 'D',
  type: boolean,
  group: 'Connection',
  help: 'Show the stack trace of an error',
};

/** On stack deploy, -c is docker's --compose-file. There, the context is named in full. */
const { short: _, ...longContext }: Flag<string> = context;

/** On create, --host maps a host name to an address, as on `docker service create`. There, only -H names the engine. */
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
 * The connection flags that are allowed after a command's name. If the command has a flag of the same name or letter, that
 * means the command's flag (create has --host and --config, stack deploy has -c). After the command, the connection flag then
 * has only its letter, or only its name.
 * @param own the flags of the command
 */
export function connectionFlags(own: readonly Flag[]): readonly Flag[] {
  const names = new Set(own.map(({ name }) => name));
  const letters = new Set(own.map(({ short }) => short));
  return CONNECTION.flatMap((flag): readonly Flag[] => {
    if (names.has(flag.name)) return flag === host ? [shortHost] : [];
    return flag === context && letters.has(context.short) ? [longContext] : [flag];
  });
}

/** The values of the connection flags. */
export function connectionOptions(given: Given): ConnectionOptions {
  return {
    hosts: [...(given.get(host) ?? []), ...(given.get(shortHost) ?? [])],
    context: given.get(longContext) ?? given.get(context),
    configDir: given.get(configDir),
    tls: given.get(tls),
    tlsVerify: given.get(tlsVerify),
    tlsCaCert: given.get(tlsCaCert),
    tlsCert: given.get(tlsCert),
    tlsKey: given.get(tlsKey),
  };
}

const FLAG_OF: Readonly<Record<keyof ConnectionOptions, Flag>> = {
  ...{ hosts: host, context, configDir },
  ...{ tls, tlsVerify, tlsCaCert, tlsCert, tlsKey },
};

/**
 * The world of a command: its `program` has the connection flags that were given, so that a command that a hint names
 * asks the same engine. They stand before the command's name, where they mean the connection on every command. Reports
 * have these commands too, so no password is among them.
 */
export function withConnection(world: World, options: ConnectionOptions): World {
  const hosts = options.hosts?.map(withoutLogin);
  const values = { ...options, hosts } as Readonly<
    Record<string, string | boolean | readonly string[] | undefined>
  >;
  const words = Object.entries(FLAG_OF).flatMap(([option, { name }]) =>
    [values[option] ?? []].flat().map((value) => ` ${shellWord(`--${name}=${value}`)}`),
  );
  return withFields(world, { program: world.program.replace(/^\w+/, (first) => first + words.join('')) });
}

/** The sources of the Docker CLI configuration: --config, the environment, and files. */
export function configSource(given: Given, { env, readFile }: World): ConfigSource {
  return { configDir: given.get(configDir), env, readFile };
}
