import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import initSqlJs, { type Database, type SqlJsStatic, type SqlValue } from 'sql.js';

/** Runs the body with a temporary folder of its own, which is gone afterwards. */
export async function withTemporaryFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'jarvis-sample-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Every file below a folder, by its path relative to it with forward slashes. */
export async function readTree(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(
    files.map(async (file) => [file.slice(folder.length + 1).replaceAll(sep, '/'), await readFile(file)] as const),
  );
  return new Map(contents.sort(([a], [b]) => (a < b ? -1 : 1)));
}

let engine: Promise<SqlJsStatic> | undefined;

/** Opens a copy of the image in memory, out of WAL mode: what a test writes goes to the database and not to a log. */
export async function withImage<T>(image: Buffer | undefined, body: (database: Database) => T): Promise<T> {
  if (image === undefined) throw new Error('no such file');
  const copy = Uint8Array.from(image).fill(1, 18, 20);
  engine ??= initSqlJs();
  const database = new (await engine).Database(copy);
  try {
    return body(database);
  } finally {
    database.close();
  }
}

export function query(database: Database, sql: string): SqlValue[][] {
  return database.exec(sql)[0]?.values ?? [];
}
