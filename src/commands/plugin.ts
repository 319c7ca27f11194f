/** swarmroll plugin install|uninstall: installs or removes the Docker CLI plugin. */
import { installPlugin, pluginPath, removePlugin } from '../command-line/plugin-link.ts';
import { EXIT_CODES } from '../errors.ts';
import { printable } from '../values/printable.ts';
import { configDir, configSource, debug } from '../command-line/common-flags.ts';
import type { Call, CommandBody } from '../command-line/command.ts';

const plugin = {
  operands: [],
  flags: [],
  connection: [configDir, debug],
  exits: { done: 'installed or removed, or there was nothing to do' },
};

export const install: CommandBody = {
  ...plugin,
  examples: [['swarmroll plugin install', 'then use: docker swarmroll ps web']],
  run: async (call) => {
    const { executable } = call.world;
    const path = pathOf(call);
    const isNew = await installPlugin(path, executable);
    return done(call, `${isNew ? 'installed' : 'already installed'}: ${path} -> ${executable}`);
  },
};

export const uninstall: CommandBody = {
  ...plugin,
  examples: [],
  run: async (call) => {
    const path = pathOf(call);
    const isRemoved = await removePlugin(path);
    return done(call, `${isRemoved ? 'removed' : 'not installed'}: ${path}`);
  },
};

const pathOf = ({ given, world }: Call): string => pluginPath(configSource(given, world));

function done({ world }: Call, text: string): number {
  world.stdout.write(`docker swarmroll is ${printable(text)}\n`);
  return EXIT_CODES.done;
}
