/** swarmroll plugin: puts us where docker finds its plugins, or takes us away again. */
import { installPlugin, pluginPath, removePlugin } from '../command-line/plugin-link.ts';
import { EXIT_CODES } from '../errors.ts';
import { printable } from '../values/printable.ts';
import { configSource } from '../command-line/common-flags.ts';
import type { CommandBody } from '../command-line/command.ts';

export const plugin: CommandBody = {
  operands: 'install|uninstall',
  choices: ['install', 'uninstall'],
  minOperands: 1,
  maxOperands: 1,
  flags: [],
  examples: [['swarmroll plugin install', 'from then on: docker swarmroll ps web']],
  run: async ({ given, operands: [what = ''], world }) => {
    const path = pluginPath(configSource(given, world));
    const say = (text: string): unknown => world.stdout.write(`docker swarmroll is ${printable(text)}\n`);
    if (what === 'install') {
      const made = await installPlugin(path, world.executable);
      say(`${made ? 'installed' : 'installed already'}: ${path} -> ${world.executable}`);
    } else {
      const removed = await removePlugin(path);
      say(`${removed ? 'removed' : 'not installed'}: ${path}`);
    }
    return EXIT_CODES.done;
  },
};
