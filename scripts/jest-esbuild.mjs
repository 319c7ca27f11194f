/** Compiles the tests and what they import for Jest: TypeScript to ES modules of the Node that runs. */
import { transform } from 'esbuild';

export default {
  /** Only the asynchronous form: Jest loads ES modules with it, and esbuild then keeps one process for all files. */
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
