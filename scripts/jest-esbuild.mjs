/** A Jest transformer: compiles TypeScript to ES modules with esbuild. */
import { transform } from 'esbuild';

export default {
  /** Only the asynchronous method is needed: Jest uses it for ES modules, and esbuild then uses one process for all files. */
  async processAsync(source, path, { transformerConfig }) {
    const { code, map } = await transform(source, {
      ...transformerConfig.options,
      loader: 'ts',
      sourcefile: path,
      sourcemap: 'external',
    });
    return { code, map };
  },
};
