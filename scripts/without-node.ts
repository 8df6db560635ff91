/** esbuild, for code that runs where there is no Node: in VS Code's web worker host and in the engine's worker. */
import type { Plugin } from 'esbuild';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const posixPath = resolve(__dirname, '..', 'src', 'core', 'storage', 'posix-path.ts');

/** A file `x.web.ts` takes the place of the `x.ts` beside it, and the core's own path functions that of Node's. */
export const withoutNode: Plugin = {
  name: 'without-node',
  setup(bundle) {
    bundle.onResolve({ filter: /^node:path$/ }, () => ({ path: posixPath }));
    bundle.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
      const forWeb = `${join(resolveDir, path)}.web.ts`;
      return existsSync(forWeb) ? { path: forWeb } : undefined;
    });
  },
};
