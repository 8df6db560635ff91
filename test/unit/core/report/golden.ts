/** Golden files: what was rendered once, read by a person, and must not change unnoticed. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'golden');

/** Compares with `golden/<name>`; `UPDATE_GOLDEN=1` writes it instead. A missing file is a failure. */
export function assertGolden(name: string, actual: string): void {
  const path = join(folder, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, actual);
    return;
  }
  assert.ok(existsSync(path), `golden/${name} is missing: run once with UPDATE_GOLDEN=1 and read the result`);
  assert.equal(actual, readFileSync(path, 'utf8').replaceAll('\r\n', '\n'));
}
