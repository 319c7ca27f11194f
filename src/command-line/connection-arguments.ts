/** The connection flags as arguments: for docker, and for the commands that hints name. */
import type { ConnectionOptions } from '../connection/connection.ts';
import { shellWord } from '../values/shell-words.ts';
import { withFields } from '../world.ts';
import type { World } from '../world.ts';

/** The arguments that make docker, and this program, connect to the same engine. Both get the environment too. */
function connectionArguments(options: ConnectionOptions): readonly string[] {
  const text = (name: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [`--${name}=${value}`];
  const flag = (name: string, value: boolean | undefined): readonly string[] => text(name, value?.toString());
  return [
    ...(options.hosts ?? []).flatMap((host) => text('host', host)),
    ...text('context', options.context),
    ...text('config', options.configDir),
    ...flag('tls', options.tls),
    ...flag('tlsverify', options.tlsVerify),
    ...text('tlscacert', options.tlsCaCert),
    ...text('tlscert', options.tlsCert),
    ...text('tlskey', options.tlsKey),
  ];
}

/**
 * The world of a command: its `program` has the connection flags that were given, so that a command that a hint names
 * asks the same engine. They stand before the command's name, where they mean the connection on every command.
 */
export function withConnection(world: World, options: ConnectionOptions): World {
  const flags = connectionArguments(options).map((word) => ` ${shellWord(word)}`);
  const program = world.program.replace(/^\w+/, (first) => `${first}${flags.join('')}`);
  return withFields(world, { program });
}
