/** The house has floors: no file is below another that is below it, types included. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';

const root = resolve(__dirname, '..', '..');

/** What each file of ours imports of ours, in whatever way. */
function readImports(): ReadonlyMap<string, readonly string[]> {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(root, 'src', file));
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'));
      const imported = importedFiles
        .filter(({ fileName }) => fileName.startsWith('.'))
        .map(({ fileName }) => join(dirname(file), fileName))
        .map((path) => [`${path}.ts`, join(path, 'index.ts')].find((candidate) => known.has(candidate)));
      return [file, imported.filter((path) => path !== undefined)] as const;
    }),
  );
}

/** The first way found that leads from a file back to it; empty where there is none. */
function findCircle(imports: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const search = (file: string, path: readonly string[]): readonly string[] => {
    const start = path.indexOf(file);
    if (start !== -1) return [...path.slice(start), file];
    if (done.has(file)) return [];
    for (const next of imports.get(file) ?? []) {
      const circle = search(next, [...path, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const circle = search(file, []);
    if (circle.length > 0) return circle.map((member) => member.slice(root.length + 1));
  }
  return [];
}

describe('imports', () => {
  it('go one way', () => {
    const imports = readImports();
    assert.ok((imports.get(join(root, 'src', 'cli', 'main.ts')) ?? []).length > 5, 'imports are not read');
    assert.deepEqual(findCircle(imports), []);
  });
});
