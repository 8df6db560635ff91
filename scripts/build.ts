/**
 * Builds what the package ships: the bundles, the WASM engine beside them and the JSON Schema
 * of plan files, in `dist/`.
 *
 * `--watch` is for the debugger; `--dev` skips minification. Each build writes `dist/meta/<bundle>.json`, esbuild's
 * account of what went into the bundle: a test reads it to hold the import rules of ARCHITECTURE.md.
 */
import { context, type BuildOptions } from 'esbuild';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { renderPlanJsonSchema } from '../src/core/plan/json-schema';
import { withoutNode } from './without-node';

const root = resolve(__dirname, '..');
const dist = join(root, 'dist');

/** The extension host's bundle may see `vscode`; no other bundle does. */
const bundles: Readonly<
  Record<
    string,
    {
      readonly entry: string;
      readonly external: string[];
      readonly banner?: string;
      readonly browser?: boolean;
      /** Without Node: see {@link withoutNode}. */
      readonly web?: boolean;
    }
  >
> = {
  extension: { entry: 'src/extension.ts', external: ['vscode'] },
  engine: { entry: 'src/engine/main.ts', external: [] },
  'integrity-worker': { entry: 'src/engine/integrity-worker.ts', external: [] },
  'copy-worker': { entry: 'src/engine/copy-worker.ts', external: [] },
  // Their styles become dist/table-view.css and so on.
  'table-view': { entry: 'src/webview/table/main.ts', external: [], browser: true },
  'diagram-view': { entry: 'src/webview/diagram/main.ts', external: [], browser: true },
  'query-view': { entry: 'src/webview/query/main.ts', external: [], browser: true },
  // For VS Code in a browser: the extension, and the engine that it runs in a worker.
  'extension-web': { entry: 'src/web/extension.ts', external: ['vscode'], web: true },
  'engine-web': { entry: 'src/web/engine/main.ts', external: [], browser: true, web: true },
  cli: { entry: 'src/cli/main.ts', external: [], banner: '#!/usr/bin/env node' },
};

async function build(): Promise<void> {
  const { values } = parseArgs({ options: { watch: { type: 'boolean' }, dev: { type: 'boolean' } } });
  await rm(dist, { recursive: true, force: true });
  await mkdir(join(dist, 'meta'), { recursive: true });
  await copyFile(createRequire(__filename).resolve('sql.js/dist/sql-wasm.wasm'), join(dist, 'sql-wasm.wasm'));
  await writeFile(join(dist, 'jarvis.plan.schema.json'), renderPlanJsonSchema());
  for (const [name, { entry, external, banner, browser = false, web = false }] of Object.entries(bundles)) {
    const options: BuildOptions = {
      absWorkingDir: root,
      entryPoints: [entry],
      outfile: join(dist, `${name}.js`),
      bundle: true,
      platform: browser || web ? 'browser' : 'node',
      format: browser ? 'iife' : 'cjs',
      target: browser || web ? 'chrome128' : 'node20',
      external,
      plugins: web ? [withoutNode] : [],
      // A UMD module (jsonc-parser's main) hides its own requires from the bundler.
      mainFields: ['module', 'main'],
      minify: values.dev !== true,
      sourcemap: values.dev === true ? 'linked' : false,
      legalComments: 'none',
      metafile: true,
      logLevel: 'warning',
      ...(banner === undefined ? {} : { banner: { js: banner } }),
    };
    const bundle = await context(options);
    try {
      const { metafile } = await bundle.rebuild();
      await writeFile(join(dist, 'meta', `${name}.json`), JSON.stringify(metafile));
      if (values.watch === true) await bundle.watch();
    } finally {
      // A context that is not disposed keeps esbuild's service, and with it this process, alive after a failure.
      if (values.watch !== true) await bundle.dispose();
    }
  }
}

build().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
