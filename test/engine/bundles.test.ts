/** What went into each bundle, by esbuild's own account: the import rules that lint cannot see through a library. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { librariesOf } from '../../scripts/third-party';

const dist = resolve(__dirname, '..', '..', 'dist');
/** They share files, and esbuild's account of them. */
const nodePrograms = ['cli', 'engine', 'integrity-worker', 'copy-worker'];

interface Contents {
  readonly inputs: readonly string[];
  readonly externals: readonly string[];
}

/** @param meta esbuild's account of the build, where that made more than this bundle */
function read(bundle: string, meta = bundle, loads: 'at start' | 'ever' = 'ever'): Contents {
  const { outputs } = JSON.parse(readFileSync(resolve(dist, 'meta', `${meta}.json`), 'utf8')) as Metafile;
  const files = new Set([`dist/${bundle}.js`]);
  const externals = new Set<string>();
  for (const file of files) {
    for (const { path, kind, external } of outputs[file]?.imports ?? assert.fail(`no ${file}`)) {
      if (external === true) externals.add(path);
      else if (loads === 'ever' || kind !== 'dynamic-import') files.add(path);
    }
  }
  const inputs = [...files].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
  return { inputs, externals: [...externals] };
}

describe('bundles', () => {
  it('only the extension knows vscode', () => {
    assert.ok(read('extension').externals.includes('vscode'));
    for (const name of nodePrograms) assert.ok(!read(name, 'node').externals.includes('vscode'), name);
  });

  it('the extension carries no SQL, no file store and no schema library', () => {
    const { inputs } = read('extension');
    const forbidden = inputs.filter((path) =>
      /sql\.js|node_modules\/zod|core\/(migration|sqlite|storage)\//.test(path),
    );
    assert.deepEqual(forbidden, []);
  });

  it('nothing but Node itself is left to be found at run time', () => {
    const builtin =
      /^(node:|assert|buffer|child_process|crypto|events|fs|net|os|path|process|stream|url|util|worker_threads|zlib)/;
    for (const [bundle, meta] of [['extension', 'extension'], ...nodePrograms.map((name) => [name, 'node'])] as const) {
      const foreign = read(bundle, meta).externals.filter((path) => path !== 'vscode' && !builtin.test(path));
      assert.deepEqual(foreign, [], bundle);
    }
  });

  it('a program loads what it shares with others when it needs it', () => {
    for (const name of ['cli', 'engine']) {
      const { inputs } = read(name, 'node', 'at start');
      const early = inputs.filter((path) =>
        /core\/(migration\/(run|apply-step))|node_modules\/(sql\.js|yaml|zod|mdast)/.test(path),
      );
      assert.deepEqual(early, [], name);
    }
    assert.ok(read('cli', 'node').inputs.includes('src/core/migration/run.ts'));
    assert.ok(!read('copy-worker', 'node').inputs.some((path) => path.includes('sql.js')));
  });

  it('a browser gets no Node, no file store of a disk and no migration', () => {
    const allowed: Readonly<Record<string, readonly string[]>> = { 'extension-web': ['vscode'], 'engine-web': [] };
    for (const [bundle, known] of Object.entries(allowed)) {
      const { inputs, externals } = read(bundle);
      assert.deepEqual(externals, known, bundle);
      const foreign = inputs.filter((path) =>
        /core\/(migration|undo|archive)\/|storage\/(node-|publish)|node_modules\/zod|engine-process/.test(path),
      );
      assert.deepEqual(foreign, [], bundle);
    }
    assert.ok(read('engine-web').inputs.includes('src/core/storage/hash.web.ts'));
  });

  it('each library in them brings its license', () => {
    const meta = resolve(dist, 'meta');
    const metafiles = readdirSync(meta).map(
      (name) => JSON.parse(readFileSync(resolve(meta, name), 'utf8')) as Metafile,
    );
    const libraries = librariesOf(metafiles).map((folder) => folder.replace('node_modules/', ''));
    for (const known of ['sql.js', 'zod', 'yaml', '@dagrejs/dagre']) assert.ok(libraries.includes(known), known);
    const text = readFileSync(resolve(dist, 'third-party-licenses.txt'), 'utf8');
    const parts = text.split(/^-{80}\n\n/m);
    assert.deepEqual(
      parts.map((part) => part.slice(0, part.indexOf(' '))),
      libraries,
    );
    for (const part of parts) assert.match(part, /copyright/i, part.slice(0, 40));
  });

  it('the engine that is shipped is the pinned sql.js', () => {
    const shipped = statSync(resolve(dist, 'sql-wasm.wasm')).size;
    assert.equal(shipped, statSync(require.resolve('sql.js/dist/sql-wasm.wasm')).size);
  });
});
