/** Bundles the suite that runs inside VS Code's web worker host into one file, `out/web-suite/index.js`: there is no Node. */
import { build } from 'esbuild';
import { join, resolve } from 'node:path';
import { withoutNode } from '../../scripts/without-node';

const root = resolve(__dirname, '..', '..');
const source = join(__dirname, 'web-suite');

build({
  entryPoints: [join(source, 'index.ts')],
  outfile: join(root, 'out', 'web-suite', 'index.js'),
  bundle: true,
  platform: 'browser',
  format: 'cjs',
  target: 'chrome128',
  external: ['vscode'],
  alias: { 'node:assert/strict': join(source, 'assert.ts') },
  // Mocha's build for browsers would take the bundle's own `module.exports`, and VS Code Mocha for the suite.
  define: { module: 'undefined' },
  plugins: [withoutNode],
  sourcemap: 'inline',
  logLevel: 'warning',
}).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
