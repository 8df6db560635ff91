/** Bundles the suite that runs inside the extension host, one file per test file, into `out/host-suite/`. */
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '..', '..');
const source = join(__dirname, 'suite');
const target = join(root, 'out', 'host-suite');

async function main(): Promise<void> {
  rmSync(target, { recursive: true, force: true });
  await build({
    entryPoints: readdirSync(source)
      .filter((name) => name === 'index.ts' || name.endsWith('.test.ts'))
      .map((name) => join(source, name)),
    outdir: target,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // One Mocha and one `vscode` for all files; sql.js finds its WASM only beside itself.
    external: ['vscode', 'mocha', 'sql.js'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
