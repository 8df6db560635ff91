/** Refusals: what cannot be done safely changes nothing, and says which file, why, and what to do. */
import assert from 'node:assert/strict';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { hashTree, photograph, pick } from '../../../support/folders';
import { cell, create, edit } from '../../../support/sqlite';
import { pathsOf, run, withSample } from '../../../support/workspace';

const isOutside = (name: string): boolean => !name.startsWith('data/backups/');

describe('a refused run changes nothing', function () {
  this.timeout(60_000);

  const refusals: readonly (readonly [what: string, code: string, prepare: (workspace: string) => Promise<unknown>])[] =
    [
      [
        'a hot journal of a source that cannot be rolled back (R10)',
        'damaged',
        (w) => writeFile(`${pathsOf(w).metrics}-journal`, Buffer.alloc(2000, 0xd9)),
      ],
      ['predecessor: a missing target', 'target-missing', (w) => rm(pathsOf(w).target)],
      [
        'a missing target table',
        'target-table-missing',
        (w) => edit(pathsOf(w).target, 'DROP VIEW v_daily_llm_costs; DROP TABLE llm_costs'),
      ],
      [
        "a view in the target table's place",
        'target-table-missing',
        (w) => edit(pathsOf(w).target, 'DROP TABLE llm_costs; CREATE VIEW llm_costs AS SELECT 1 AS id'),
      ],
      ['B1: an empty target', 'empty-file', (w) => truncate(pathsOf(w).target)],
      ['B1: an empty source', 'empty-file', (w) => truncate(pathsOf(w).llm)],
      ['B1: a target of one byte', 'not-sqlite', (w) => writeFile(pathsOf(w).target, 'S')],
      ['B2: text for a source', 'not-sqlite', (w) => writeFile(pathsOf(w).llm, 'no database at all\n'.repeat(500))],
      [
        'B2: random bytes for a target',
        'not-sqlite',
        (w) => writeFile(pathsOf(w).target, Buffer.from(Array.from({ length: 8192 }, (_, i) => (i * 7919 + 13) % 251))),
      ],
      ['B3: a truncated target', 'damaged', (w) => cut(pathsOf(w).target, 4096)],
      ['B3: a source truncated inside a page', 'damaged', (w) => cut(pathsOf(w).llm, 100)],
      ['B4: a page size that cannot be', 'damaged', (w) => patch(pathsOf(w).llm, 16, [0x12, 0x34])],
      ['B4: a text encoding that cannot be', 'damaged', (w) => patch(pathsOf(w).llm, 56, [0, 0, 0, 9])],
      [
        'B4: a schema that is no SQL',
        'damaged',
        (w) =>
          edit(
            pathsOf(w).llm,
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE (' WHERE name = 'llm_usage'",
          ),
      ],
      ['B5: a damaged b-tree of a source', 'damaged', (w) => damage(pathsOf(w).llm, 'llm_usage')],
      ['B5: a damaged b-tree of the target', 'damaged', (w) => damage(pathsOf(w).target, 'system_metrics')],
      [
        'B5: an index that differs from its table',
        'damaged',
        (w) =>
          edit(
            pathsOf(w).llm,
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX idx_llm_usage_provider ON llm_usage (model)' WHERE name = 'idx_llm_usage_provider'",
          ),
      ],
      [
        'a target row under a key that is needed, with no room above or below it',
        'target-conflict',
        (w) =>
          edit(
            pathsOf(w).target,
            "INSERT INTO llm_costs (id, provider, model) VALUES (1, 'p', 'm'), (9223372036854775800, 'p', 'm'), (-9223372036854775800, 'p', 'm')",
          ),
      ],
      [
        'a source without the column that the plan names',
        'plan-invalid',
        (w) => edit(pathsOf(w).llm, 'ALTER TABLE llm_usage DROP COLUMN metadata'),
      ],
      [
        'a target without the column that the plan fills',
        'plan-invalid',
        (w) => edit(pathsOf(w).target, 'ALTER TABLE llm_costs DROP COLUMN metadata_json'),
      ],
      [
        'V4: a source in another text encoding with a virtual table of an unknown module',
        'encoding-mismatch',
        (w) =>
          create(
            pathsOf(w).llm,
            "PRAGMA encoding = 'UTF-16le'; CREATE TABLE llm_usage (id INTEGER PRIMARY KEY, timestamp); PRAGMA writable_schema = ON; INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', 'f', 'f', 0, 'CREATE VIRTUAL TABLE f USING spellfix1')",
          ),
      ],
    ];
  for (const [what, code, prepare] of refusals) {
    it(what, () =>
      withSample(async (workspace) => {
        await prepare(workspace);
        const stood = await hashTree(workspace);
        const photo = await photograph(workspace);
        const dry = await run(workspace, 'dryRun');
        assert.deepEqual([dry.outcome, dry.error?.code], ['refused', code], dry.error?.message);
        assert.deepEqual(await photograph(workspace), photo);
        const real = await run(workspace);
        assert.deepEqual([real.outcome, real.error?.code], ['refused', code]);
        assert.deepEqual(pick(await hashTree(workspace), isOutside), stood);
        // The message names the file and the cause; there is a next step.
        assert.ok(real.error !== null && real.error.message.length > 20, real.error?.message);
        assert.match(real.error.message, /jarvis_analytics|llm_costs|metrics/);
        assert.ok(real.error.path !== null);
        assert.ok(real.error.hint !== null);
      }),
    );
  }
});

describe('a target with a sidecar', function () {
  this.timeout(60_000);

  for (const [suffix, bytes] of [
    ['-wal', Buffer.alloc(4152, 7)],
    ['-journal', Buffer.from('d9d505f920a163d7', 'hex')],
  ] as const) {
    it(`${suffix}: a dry run looks at it, a run copies it and takes it away with what it goes with`, () =>
      withSample(async (workspace) => {
        const { target } = pathsOf(workspace);
        await writeFile(target + suffix, bytes);
        const stood = await hashTree(workspace);
        assert.equal((await run(workspace, 'dryRun')).outcome, 'committed');
        assert.deepEqual(await hashTree(workspace), stood);
        const real = await run(workspace);
        assert.equal(real.outcome, 'committed', real.error?.message);
        const after = await hashTree(workspace);
        const name = `data/jarvis_analytics.db${suffix}`;
        assert.equal(after[name], undefined);
        assert.equal(after[`${real.backup}/${name}`], stood[name]);
      }));
  }
});

async function cut(path: string, bytes: number): Promise<void> {
  await truncate(path, (await readFile(path)).length - bytes);
}

async function patch(path: string, offset: number, bytes: readonly number[]): Promise<void> {
  const image = await readFile(path);
  image.set(bytes, offset);
  await writeFile(path, image);
}

/** Overwrites the page on which a table begins. */
async function damage(path: string, table: string): Promise<void> {
  const root = Number(await cell(path, `SELECT rootpage FROM sqlite_schema WHERE name = '${table}'`));
  const pageSize = Number(await cell(path, 'PRAGMA page_size'));
  await patch(path, (root - 1) * pageSize, new Array<number>(64).fill(0x5a));
}
