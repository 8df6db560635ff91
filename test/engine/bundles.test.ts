/** What went into each bundle, by esbuild's own account: the import rules that lint cannot see through a library. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Metafile } from 'esbuild';

const dist = resolve(__dirname, '..', '..', 'dist');

function read(bundle: string): { readonly inputs: readonly string[]; readonly externals: readonly string[] } {
  const { inputs, outputs } = JSON.parse(readFileSync(resolve(dist, 'meta', `${bundle}.json`), 'utf8')) as Metafile;
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  return {
    inputs: Object.keys(inputs),
    externals: imports.filter(({ external }) => external === true).map(({ path }) => path),
  };
}

describe('bundles', () => {
  it('only the extension knows vscode', () => {
    assert.ok(read('extension').externals.includes('vscode'));
    for (const bundle of ['engine', 'cli']) assert.ok(!read(bundle).externals.includes('vscode'), bundle);
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
    for (const bundle of ['extension', 'engine', 'cli']) {
      const foreign = read(bundle).externals.filter((path) => path !== 'vscode' && !builtin.test(path));
      assert.deepEqual(foreign, [], bundle);
    }
  });

  it('a browser gets no Node, no file store of a disk and no migration', () => {
    const allowed: Readonly<Record<string, readonly string[]>> = { 'extension-web': ['vscode'], 'engine-web': [] };
    for (const [bundle, known] of Object.entries(allowed)) {
      const { inputs, externals } = read(bundle);
      assert.deepEqual([...new Set(externals)], known, bundle);
      const foreign = inputs.filter((path) =>
        /core\/(migration|undo|archive)\/|storage\/(node-|publish)|node_modules\/zod|engine-process/.test(path),
      );
      assert.deepEqual(foreign, [], bundle);
    }
    assert.ok(read('engine-web').inputs.includes('src/core/storage/hash.web.ts'));
  });

  it('the engine that is shipped is the pinned sql.js', () => {
    const shipped = statSync(resolve(dist, 'sql-wasm.wasm')).size;
    assert.equal(shipped, statSync(require.resolve('sql.js/dist/sql-wasm.wasm')).size);
  });
});
