/** Python's own sqlite3 as a reader that shares nothing with us, not even the SQLite library. */
import { spawnSync } from 'node:child_process';
import { execute } from './cli';

const script = `
import json, sqlite3, sys, tempfile, shutil, os
path, sql = sys.argv[1], json.loads(sys.argv[2])
with tempfile.TemporaryDirectory() as folder:
    copy = os.path.join(folder, 'copy.db')
    shutil.copyfile(path, copy)
    connection = sqlite3.connect(copy)
    connection.text_factory = bytes
    show = lambda v: 'text:' + v.hex() if isinstance(v, bytes) else repr(v)
    # A text comes as bytes and so does a blob: the storage class is asked for beside each value.
    print(json.dumps([sorted([show(v) for v in row] for row in connection.execute(s)) for s in sql]))
    connection.close()
`;

/** Whether this machine has a Python with sqlite3; tests that ask it are skipped where it has none. */
export const hasPython = spawnSync('python3', ['-c', 'import sqlite3']).status === 0;

/** The rows of each query, sorted: each cell as Python shows it, so that every bit of a real counts. */
export async function askPython(path: string, sql: readonly string[]): Promise<readonly (readonly string[][])[]> {
  const { code, stdout, stderr } = await execute('python3', ['-c', script, path, JSON.stringify(sql)]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as string[][][];
}

/** A SELECT of each expression with its storage class. */
export function selectExact(relation: string, expressions: readonly string[]): string {
  return `SELECT ${expressions.map((expression) => `typeof(${expression}), ${expression}`).join(', ')} FROM ${relation}`;
}

const dumpScript = `
import json, sqlite3, sys
dumps = []
for path in json.load(sys.stdin):
    connection = sqlite3.connect(path)
    connection.execute('PRAGMA synchronous = OFF')
    check = connection.execute('PRAGMA integrity_check').fetchone()[0]
    dumps.append(check + ' ' + ' '.join(connection.iterdump()))
    connection.close()
print(json.dumps(dumps))
`;

/** What native SQLite finds in each file, opened where it lies with all that lies beside it; it may change both. */
export function dumpWithPython(paths: readonly string[]): readonly string[] {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', dumpScript], {
    input: JSON.stringify(paths),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}
