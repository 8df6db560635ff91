/**
 * Builds what the package ships: the bundles, the WASM engine beside them, the licenses of what is in both and the JSON
 * Schema of plan files, in `dist/`.
 *
 * `--watch` is for the debugger; `--dev` skips minification. Each build writes `dist/meta/<bundle>.json`, esbuild's
 * account of what went into the bundle: a test reads it to hold the import rules of ARCHITECTURE.md.
 */
import { context, type BuildOptions, type Metafile } from 'esbuild';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { renderPlanJsonSchema } from '../src/core/plan/json-schema';
import { splitCommonJs } from './split-commonjs';
import { thirdPartyLicenses } from './third-party';
import { withoutNode } from './without-node';

const root = resolve(__dirname, '..');
const dist = join(root, 'dist');

interface Bundle {
  /** Sources by the names of what they become. */
  readonly entries: Readonly<Record<string, string>>;
  readonly external?: string[];
  readonly browser?: boolean;
  /** Without Node: see {@link withoutNode}. */
  readonly web?: boolean;
  /** Several programs with shared code: see {@link splitCommonJs}. */
  readonly split?: boolean;
}

/** The extension host's bundles may see `vscode`; no other does. */
const bundles: Readonly<Record<string, Bundle>> = {
  extension: { entries: { extension: 'src/extension.ts' }, external: ['vscode'] },
  node: {
    entries: {
      engine: 'src/engine/main.ts',
      cli: 'src/cli/main.ts',
      'integrity-worker': 'src/engine/integrity-worker.ts',
      'copy-worker': 'src/engine/copy-worker.ts',
    },
    split: true,
  },
  // Their styles become dist/table-view.css and so on.
  'table-view': { entries: { 'table-view': 'src/webview/table/main.ts' }, browser: true },
  'diagram-view': { entries: { 'diagram-view': 'src/webview/diagram/main.ts' }, browser: true },
  'query-view': { entries: { 'query-view': 'src/webview/query/main.ts' }, browser: true },
  // For VS Code in a browser: the extension, and the engine that it runs in a worker.
  'extension-web': { entries: { 'extension-web': 'src/web/extension.ts' }, external: ['vscode'], web: true },
  'engine-web': { entries: { 'engine-web': 'src/web/engine/main.ts' }, browser: true, web: true },
};

async function build(): Promise<void> {
  const { values } = parseArgs({ options: { watch: { type: 'boolean' }, dev: { type: 'boolean' } } });
  await rm(dist, { recursive: true, force: true });
  await mkdir(join(dist, 'meta'), { recursive: true });
  await copyFile(createRequire(__filename).resolve('sql.js/dist/sql-wasm.wasm'), join(dist, 'sql-wasm.wasm'));
  await writeFile(join(dist, 'jarvis.plan.schema.json'), renderPlanJsonSchema());
  const metafiles: Metafile[] = [];
  for (const [name, { entries, external = [], browser = false, web = false, split = false }] of Object.entries(
    bundles,
  )) {
    const options: BuildOptions & { readonly metafile: true } = {
      absWorkingDir: root,
      entryPoints: { ...entries },
      outdir: dist,
      bundle: true,
      platform: browser || web ? 'browser' : 'node',
      format: browser ? 'iife' : 'cjs',
      target: browser || web ? 'chrome128' : 'node20',
      external,
      plugins: [...(web ? [withoutNode] : []), ...(split ? [splitCommonJs] : [])],
      // A UMD module (jsonc-parser's main) hides its own requires from the bundler.
      mainFields: ['module', 'main'],
      minify: values.dev !== true,
      sourcemap: values.dev === true ? 'linked' : false,
      legalComments: 'none',
      metafile: true,
      logLevel: 'warning',
    };
    const bundle = await context(options);
    try {
      const { metafile } = await bundle.rebuild();
      metafiles.push(metafile);
      await writeFile(join(dist, 'meta', `${name}.json`), JSON.stringify(metafile));
      if (values.watch === true) await bundle.watch();
    } finally {
      // A context that is not disposed keeps esbuild's service, and with it this process, alive after a failure.
      if (values.watch !== true) await bundle.dispose();
    }
  }
  await writeFile(join(dist, 'third-party-licenses.txt'), await thirdPartyLicenses(root, metafiles));
}

build().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
