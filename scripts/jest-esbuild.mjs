/** A Jest transformer: compiles TypeScript to ES modules with esbuild. */
import { transformSync } from 'esbuild';

export default {
  /**
   * Jest uses this method for ES modules. It takes no turn of the event loop: a module that is loaded in the middle of a command is
   * there before a fake clock (__tests__/support/fake-clock.ts) takes the command for one that waits.
   */
  async processAsync(source, path, { transformerConfig }) {
    const { code, map } = transformSync(source, {
      ...transformerConfig.options,
      loader: 'ts',
      sourcefile: path,
      sourcemap: 'external',
    });
    return { code, map };
  },
};
