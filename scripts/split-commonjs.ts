/**
 * esbuild, for several programs of Node's that share most of their code: one file for each, and files that they share,
 * each loaded with the first `import()` that leads to it. esbuild splits ES modules only, and the programs that start ours
 * (`fork`, `Worker`, `npm`'s bin) take a `.js` for CommonJS, so each file is turned into that after the split.
 */
import { transform, type Plugin, type TransformOptions } from 'esbuild';
import { writeFile } from 'node:fs/promises';

/** Sets all options that it depends on; the files are flat in `outdir`, so `__dirname` is the same for all code. */
export const splitCommonJs: Plugin = {
  name: 'split-commonjs',
  setup(bundle) {
    const options = bundle.initialOptions;
    const { minify = false, sourcemap, target = [] } = options;
    // An inline map is what the second pass follows back to the sources.
    const map = sourcemap === 'linked' ? 'inline' : false;
    Object.assign(options, {
      format: 'esm',
      splitting: true,
      chunkNames: 'node-[name]-[hash]',
      write: false,
      sourcemap: map,
    });
    const again: TransformOptions = {
      format: 'cjs',
      platform: 'node',
      legalComments: 'none',
      minify,
      target,
      sourcemap: map,
    };
    bundle.onEnd(async ({ outputFiles = [] }) => {
      await Promise.all(
        outputFiles.map(async ({ path, contents }) => {
          const { code } = await transform(contents, { ...again, sourcefile: path });
          await writeFile(path, code);
        }),
      );
    });
  },
};
