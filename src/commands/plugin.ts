/** swarmroll plugin: installs or uninstalls the Docker CLI plugin. */
import { installPlugin, pluginPath, removePlugin } from '../command-line/plugin-link.ts';
import { EXIT_CODES } from '../errors.ts';
import { printable } from '../values/printable.ts';
import { configDir, configSource, debug } from '../command-line/common-flags.ts';
import type { CommandBody } from '../command-line/command.ts';

export const plugin: CommandBody = {
  operands: 'install|uninstall',
  choices: ['install', 'uninstall'],
  minOperands: 1,
  maxOperands: 1,
  flags: [],
  connection: [configDir, debug],
  examples: [['swarmroll plugin install', 'then use: docker swarmroll ps web']],
  run: async ({ given, operands: [action = ''], world }) => {
    const path = pluginPath(configSource(given, world));
    const print = (text: string): unknown => world.stdout.write(`docker swarmroll is ${printable(text)}\n`);
    if (action === 'install') {
      const isNew = await installPlugin(path, world.executable);
      print(`${isNew ? 'installed' : 'already installed'}: ${path} -> ${world.executable}`);
    } else {
      const isRemoved = await removePlugin(path);
      print(`${isRemoved ? 'removed' : 'not installed'}: ${path}`);
    }
    return EXIT_CODES.done;
  },
};
