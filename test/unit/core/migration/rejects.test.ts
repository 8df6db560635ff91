/** Rows that the target refuses, and rows that are not what their columns declare. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MapStep } from '../../../../src/core/plan/schema';
import type { RejectReport } from '../../../../src/core/report/model';
import { hashTree, pick, withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, column, create, edit, exactRows, query } from '../../../support/sqlite';
import { pathsOf, run, stepOf, withSample } from '../../../support/workspace';

const isDatabase = (name: string): boolean => !name.startsWith('data/backups/') && name.endsWith('.db');

/** The legacy table without its constraints, as an older version of the application might have made it. */
const loosened = `CREATE TABLE loose (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT, provider TEXT, model TEXT, input_tokens INTEGER,
    output_tokens INTEGER, cost_usd REAL, latency_ms REAL, success INTEGER, error TEXT, metadata TEXT, created_at TEXT DEFAULT CURRENT_TIMESTAMP);
  INSERT INTO loose SELECT * FROM llm_usage; DROP TABLE llm_usage; ALTER TABLE loose RENAME TO llm_usage;`;

describe('rejects', function () {
  this.timeout(60_000);

  it('stop the run: nothing is published, each row is listed with key and reason, and the accounting adds up', () =>
    withSample(async (workspace) => {
      const { llm } = pathsOf(workspace);
      await edit(
        llm,
        `${loosened} UPDATE llm_usage SET provider = NULL WHERE id IN (3, 17); UPDATE llm_usage SET model = NULL WHERE id = 9`,
      );
      const stood = pick(await hashTree(workspace), isDatabase);
      const report = await run(workspace);
      assert.equal(report.outcome, 'rolledBack');
      assert.equal(report.error?.code, 'rejected-rows');
      const step = stepOf(report, 'llm_usage');
      assert.deepEqual([step.inserted, step.rejected, step.leftBehind, step.legacy.rows], [0, 3, 22, 25]);
      assert.equal(step.residual.kept, null);
      const reject = (rowid: string, column: string): RejectReport => ({
        database: 'data/llm_costs.db',
        table: 'llm_usage',
        rowid,
        key: rowid,
        reason: `NOT NULL constraint failed: llm_costs.${column}`,
      });
      assert.deepEqual(report.rejects, [reject('3', 'provider'), reject('9', 'model'), reject('17', 'provider')]);
      assert.match(
        report.error.message,
        /^3 legacy rows are refused.*data\/llm_costs\.db llm_usage, row 3 \(key 3\): NOT NULL/,
      );
      assert.equal(report.rejectsFile, null);
      assert.deepEqual(report.lost, { rows: 0, values: 0 });
      assert.deepEqual(pick(await hashTree(workspace), isDatabase), stood);
      // A dry run says the same, before anybody is asked to confirm.
      const dry = await run(workspace, 'dryRun');
      assert.deepEqual(
        [dry.outcome, dry.error?.code, stepOf(dry, 'llm_usage').rejected],
        ['rolledBack', 'rejected-rows', 3],
      );
    }));

  const constraints: readonly (readonly [string, string, string, number])[] = [
    ['NOT NULL', 'CREATE TABLE m (id INTEGER PRIMARY KEY, a NOT NULL)', 'NOT NULL constraint failed: m.a', 1],
    [
      'CHECK',
      "CREATE TABLE m (id INTEGER PRIMARY KEY, a CONSTRAINT small CHECK (a IS NULL OR a < 'c'))",
      'CHECK constraint failed: small',
      1,
    ],
    ['UNIQUE', 'CREATE TABLE m (id INTEGER PRIMARY KEY, a UNIQUE)', 'UNIQUE constraint failed: m.a', 1],
    [
      'a partial UNIQUE index',
      "CREATE TABLE m (id INTEGER PRIMARY KEY, a); CREATE UNIQUE INDEX u ON m (a) WHERE a = 'a'",
      'UNIQUE constraint failed: m.a',
      1,
    ],
    [
      'a UNIQUE index on an expression',
      'CREATE TABLE m (id INTEGER PRIMARY KEY, a); CREATE UNIQUE INDEX u ON m (upper(a))',
      "UNIQUE constraint failed: index 'u'",
      1,
    ],
    [
      'STRICT',
      'CREATE TABLE m (id INTEGER PRIMARY KEY, a INTEGER) STRICT',
      'cannot store TEXT value in INTEGER column m.a',
      3,
    ],
    [
      'a key that must be an integer',
      'CREATE TABLE m (a INTEGER PRIMARY KEY, id)',
      'its key in the target is no integer',
      3,
    ],
  ];
  for (const [what, sql, reason, rows] of constraints) {
    it(`${what} refuses ${rows} of 4 rows, one by one and in SQLite's words`, () =>
      withFolder(async (folder) => {
        const values =
          what === 'a key that must be an integer'
            ? "(1, 'a'), (2, 7), (3, 'c'), (4, 'd')"
            : "(1, 'a'), (2, NULL), (3, 'a'), (4, 'c')";
        await makePair(folder, `CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES ${values}`, sql);
        const rehearsal = await rehearsePlan(folder, [map('t', 'm', { id: 'id', a: 'a' })]);
        assert.equal(rehearsal.failure?.code, 'rejected-rows');
        assert.deepEqual([rehearsal.steps[0]?.rejected, rehearsal.steps[0]?.inserted], [rows, 4 - rows]);
        assert.equal(rehearsal.rejects.length, rows);
        for (const reject of rehearsal.rejects) {
          assert.deepEqual([reject.database, reject.table, reject.reason], ['legacy.db', 't', reason]);
          assert.match(reject.rowid ?? '', /^[1-4]$/);
        }
      }));
  }

  it('are listed one by one, however many there are', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, a); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT i, iif(i % 2, NULL, i) FROM n',
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a NOT NULL)',
      );
      const { rejects, steps } = await rehearsePlan(folder, [map('t', 'm', { id: 'id', a: 'a' })]);
      assert.equal(steps[0]?.rejected, 250);
      assert.deepEqual(
        rejects.map(({ rowid }) => rowid),
        Array.from({ length: 250 }, (_, index) => String(2 * index + 1)),
      );
    }));

  it('in one step stop every step', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, NULL); CREATE TABLE s (id INTEGER PRIMARY KEY); INSERT INTO s VALUES (1)',
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a NOT NULL)',
      );
      const rehearsal = await migratePlan(folder, [adopt('s'), map('t', 'm', { id: 'id', a: 'a' })]);
      assert.equal(rehearsal.failure?.code, 'rejected-rows');
      assert.deepEqual(await column(join(folder, 'target.db'), 'SELECT name FROM sqlite_schema'), ['m']);
    }));

  it('V4: are collected from targets of different text encodings in one rejects.db', () =>
    withFolder(async (folder) => {
      const m = 'CREATE TABLE m (id INTEGER PRIMARY KEY, a TEXT NOT NULL)';
      await makePair(
        folder,
        `CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t VALUES (1, NULL, 'grüße'), (2, 'x', 'y')`,
        `PRAGMA encoding = 'UTF-16le'; ${m}`,
      );
      await create(join(folder, 'other.db'), m);
      await create(
        join(folder, 'more.db'),
        "CREATE TABLE s (id INTEGER PRIMARY KEY, a, b); INSERT INTO s VALUES (3, NULL, CAST(x'41ff' AS TEXT))",
      );
      const into = (table: string, from: string, database: string): MapStep =>
        map(
          table,
          'm',
          { id: 'id', a: 'a' },
          {},
          { legacy: { database: from, table }, target: { database, table: 'm' } },
        );
      for (const [steps, encoding, kept] of [
        [[into('t', 'legacy.db', 'target.db')], 'UTF-16le', [['t', 1]]],
        [
          [into('t', 'legacy.db', 'target.db'), into('s', 'more.db', 'other.db')],
          'UTF-8',
          [
            ['s', 3],
            ['t', 1],
          ],
        ],
      ] as const) {
        const { failure, collected } = await rehearsePlan(folder, steps, { rejects: 'collect' });
        assert.equal(failure, null, failure?.message);
        const path = join(folder, 'rejects.db');
        await writeFile(path, collected ?? new Uint8Array());
        assert.equal(await cell(path, 'PRAGMA encoding'), encoding);
        assert.deepEqual(await query(path, 'SELECT kept_in, row_id FROM rejects ORDER BY 1'), kept);
        assert.deepEqual(await query(path, 'SELECT reject_row_id, b FROM t'), [[1, 'grüße']]);
        if (steps.length === 2) assert.equal(await cell(path, 'SELECT hex(b) FROM s'), '41FF');
      }
    }));
});

/** Rows of `rejects.db`, as it would lie beside the backup. */
async function collectedRows(
  collected: Uint8Array | null,
  relation: string,
  expressions: readonly string[],
): Promise<readonly string[]> {
  assert.ok(collected);
  return withFolder(async (folder) => {
    const path = join(folder, 'rejects.db');
    await writeFile(path, collected);
    return exactRows(path, relation, expressions);
  });
}

describe('rejected rows', function () {
  this.timeout(120_000);

  interface Case {
    readonly what: string;
    readonly legacy: string;
    readonly target: string;
    readonly columns?: Readonly<Record<string, string>>;
    /** By the rowid of the row that is refused. */
    readonly rejects: Readonly<Record<string, string>>;
  }
  const t = (values: string): string => `CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t VALUES ${values}`;
  const rewritten = "a would not keep its value: the column's type turns it into another";
  const cases: readonly Case[] = [
    {
      what: 'NOT NULL',
      legacy: t("(1, 'x', 1), (2, NULL, 2), (3, 'y', 3)"),
      target: 'CREATE TABLE m (id INTEGER PRIMARY KEY, a NOT NULL, b)',
      rejects: { 2: 'NOT NULL constraint failed: m.a' },
    },
    {
      what: 'UNIQUE, against a row of the target and among themselves',
      legacy: t("(1, 'own', 1), (2, 'x', 2), (3, 'x', x'00'), (4, NULL, 4), (5, NULL, 5)"),
      target: "CREATE TABLE m (id INTEGER PRIMARY KEY, a UNIQUE, b); INSERT INTO m VALUES (99, 'own', 0)",
      rejects: { 1: 'UNIQUE constraint failed: m.a', 3: 'UNIQUE constraint failed: m.a' },
    },
    {
      what: 'CHECK',
      legacy: t("(1, -1, 1), (2, 5, 2), (3, 'text', 3)"),
      target: 'CREATE TABLE m (id INTEGER PRIMARY KEY, a CONSTRAINT positive CHECK (a > 0), b)',
      rejects: { 1: 'CHECK constraint failed: positive' },
    },
    {
      what: 'STRICT',
      legacy: t("(1, 'x', 1), (2, 5, 2), (3, x'00', 3), (4, 5.5, 4)"),
      target: 'CREATE TABLE m (id INTEGER PRIMARY KEY, a INTEGER, b ANY) STRICT',
      rejects: {
        1: 'cannot store TEXT value in INTEGER column m.a',
        3: 'cannot store BLOB value in INTEGER column m.a',
        4: 'cannot store REAL value in INTEGER column m.a',
      },
    },
    {
      what: 'an expression that fails when it is run',
      legacy: t(`(1, '{"k": 1}', 1), (2, 'no json', 2), (3, NULL, 3), (4, '{', 4)`),
      target: 'CREATE TABLE m (id INTEGER PRIMARY KEY, a, b)',
      columns: { id: 'id', a: "json_extract(a, '$.k')", b: 'b' },
      rejects: { 2: 'malformed JSON', 4: 'malformed JSON' },
    },
    {
      what: 'V5: text that an INTEGER column would turn into a number',
      legacy: t("(1, '007', 1), (2, 'seven', 2), (3, ' 5 ', 3), (4, x'37', 4)"),
      target: 'CREATE TABLE m (id INTEGER PRIMARY KEY, a INTEGER, b)',
      rejects: { 1: rewritten, 3: rewritten },
    },
    {
      what: 'V5: a REAL that an INTEGER column would turn into an integer',
      legacy: t('(1, 3.0, 1), (2, 3.5, 2), (3, 3, 3), (4, -0.0, 4)'),
      target: 'CREATE TABLE m (id INTEGER PRIMARY KEY, a INTEGER, b)',
      rejects: { 1: rewritten, 4: rewritten },
    },
    {
      what: 'a key that is NULL',
      legacy: t("(1, NULL, 1), (2, 'k', 2), (3, NULL, 3)"),
      target: 'CREATE TABLE m (k TEXT PRIMARY KEY, b)',
      columns: { k: 'a', b: 'b' },
      rejects: { 1: 'its key in the target is NULL', 3: 'its key in the target is NULL' },
    },
    {
      what: 'a key that is no integer',
      legacy: t("(1, 'k', 1), (2, 2, 2), (3, 3.5, 3), (4, NULL, 4)"),
      target: 'CREATE TABLE m (k INTEGER PRIMARY KEY, b)',
      columns: { k: 'a', b: 'b' },
      rejects: {
        1: 'its key in the target is no integer',
        3: 'its key in the target is no integer',
        4: 'its key in the target is no integer',
      },
    },
    {
      what: 'a key that an earlier row has',
      legacy: t("(1, 'k', 1), (2, 'k', 2), (3, 'l', 3), (4, 'k', 4)"),
      target: 'CREATE TABLE m (k TEXT PRIMARY KEY, b)',
      columns: { k: 'a', b: 'b' },
      rejects: {
        2: 'another legacy row has the same key in the target',
        4: 'another legacy row has the same key in the target',
      },
    },
    {
      what: 'a key that an earlier row has by the collation of the target',
      legacy: t("(1, 'Key', 1), (2, 'KEY', 2), (3, 'l', 3)"),
      target: 'CREATE TABLE m (k TEXT COLLATE NOCASE PRIMARY KEY, b)',
      columns: { k: 'a', b: 'b' },
      rejects: { 2: 'UNIQUE constraint failed: m.k' },
    },
    {
      what: 'several reasons at once',
      legacy: t("(1, NULL, 1), (2, 'x', 1), (3, 'y', '7'), (4, 'z', 4)"),
      target: "CREATE TABLE m (id INTEGER PRIMARY KEY, a NOT NULL CHECK (a <> 'x'), b INTEGER)",
      rejects: {
        1: 'NOT NULL constraint failed: m.a',
        2: "CHECK constraint failed: a <> 'x'",
        3: rewritten.replace('a would', 'b would'),
      },
    },
  ];
  for (const { what, legacy, target, columns = { id: 'id', a: 'a', b: 'b' }, rejects } of cases) {
    it(`${what}: fail lists each row and publishes nothing; collect keeps each bit for bit, and the others go in`, () =>
      withFolder(async (folder) => {
        await makePair(folder, legacy, target);
        const [legacyPath, targetPath] = [join(folder, 'legacy.db'), join(folder, 'target.db')];
        const steps = [map('t', 'm', columns)];
        const ids = Object.keys(rejects);
        const total = Number(await cell(legacyPath, 'SELECT count(*) FROM t'));
        const stood = Number(await cell(targetPath, 'SELECT count(*) FROM m'));

        const failed = await migratePlan(folder, steps);
        assert.equal(failed.failure?.code, 'rejected-rows');
        assert.match(failed.failure.message, new RegExp(`^${ids.length} legacy row`));
        assert.equal(failed.collected, null);
        assert.deepEqual(
          failed.rejects.map(({ database, table, rowid, reason }) => [database, table, rowid, reason]),
          ids.map((id) => ['legacy.db', 't', id, rejects[id]]),
        );
        assert.equal(await cell(targetPath, 'SELECT count(*) FROM m'), stood);

        const dry = await rehearsePlan(folder, steps, { rejects: 'collect' });
        const collected = await migratePlan(folder, steps, { rejects: 'collect' });
        assert.deepEqual(dry.steps, collected.steps);
        assert.equal(collected.failure, null, collected.failure?.message);
        const [step] = collected.steps;
        assert.deepEqual([step?.inserted, step?.rejected], [total - ids.length, ids.length]);
        assert.deepEqual(step?.validation, { schema: 'passed', counts: 'passed', cells: 'passed', rebuilt: 'passed' });
        assert.deepEqual(collected.rejects, failed.rejects);
        assert.equal(await cell(targetPath, 'SELECT count(*) FROM m'), stood + total - ids.length);
        const assertKept = async (bytes: Uint8Array | null): Promise<void> => {
          assert.deepEqual(
            await collectedRows(bytes, 't', ['id', 'a', 'b']),
            await exactRows(legacyPath, `t WHERE id IN (${ids.join(', ')})`, ['id', 'a', 'b']),
          );
          assert.deepEqual(
            await collectedRows(bytes, 'rejects', ['legacy_database', 'legacy_table', 'row_id', 'reason', 'kept_in']),
            await exactRows(
              legacyPath,
              `(VALUES ${ids.map((id) => `('legacy.db', 't', ${id}, '${(rejects[id] ?? '').replaceAll("'", "''")}', 't')`).join(', ')})`,
              ['column1', 'column2', 'column3', 'column4', 'column5'],
            ),
          );
        };
        await assertKept(collected.collected);

        // Again: the same rows are refused once more, and nothing else happens.
        const bytes = await readFile(targetPath);
        const again = await migratePlan(folder, steps, { rejects: 'collect' });
        assert.equal(again.failure, null, again.failure?.message);
        assert.equal(again.successors.length, 0);
        assert.deepEqual(
          [again.steps[0]?.inserted, again.steps[0]?.alreadyPresent, again.steps[0]?.rejected],
          [0, total - ids.length, ids.length],
        );
        assert.deepEqual(again.rejects, failed.rejects);
        await assertKept(again.collected);
        assert.deepEqual(await readFile(targetPath), bytes);
      }));
  }

  it('of a table without rowids are known by their key', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (a TEXT, b, c, PRIMARY KEY (a, b)) WITHOUT ROWID; INSERT INTO t VALUES ('x', 1, NULL), ('x', 2, 5)",
        'CREATE TABLE m (a TEXT, b, c NOT NULL, PRIMARY KEY (a, b))',
      );
      const { rejects, collected, failure } = await migratePlan(folder, [map('t', 'm', { a: 'a', b: 'b', c: 'c' })], {
        rejects: 'collect',
      });
      assert.equal(failure, null);
      assert.deepEqual(
        rejects.map(({ rowid, reason }) => [rowid, reason]),
        [[null, 'NOT NULL constraint failed: m.c']],
      );
      assert.deepEqual(
        await collectedRows(collected, 't', ['a', 'b', 'c']),
        await exactRows(join(folder, 'legacy.db'), 't WHERE b = 1', ['a', 'b', 'c']),
      );
    }));

  it('of tables with one name, and with columns called as ours, lie side by side', () =>
    withFolder(async (folder) => {
      const sql =
        "CREATE TABLE rejects (id INTEGER PRIMARY KEY, reject_reason, reason, a); INSERT INTO rejects VALUES (1, 'r', x'FF', NULL), (2, 's', 1.0, 2)";
      await makePair(
        folder,
        sql,
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a NOT NULL); CREATE TABLE n (id INTEGER PRIMARY KEY, a NOT NULL)',
      );
      await create(join(folder, 'other.db'), sql);
      const step = map('rejects', 'm', { id: 'id', a: 'a' });
      const steps = [
        step,
        { ...step, legacy: { database: 'other.db', table: 'rejects' }, target: { database: 'target.db', table: 'n' } },
      ];
      const { collected, failure, steps: reports } = await migratePlan(folder, steps, { rejects: 'collect' });
      assert.equal(failure, null, failure?.message);
      assert.deepEqual(
        reports.map(({ rejected }) => rejected),
        [1, 1],
      );
      const kept = (await collectedRows(collected, 'rejects', ['kept_in'])).map((text) =>
        Buffer.from(text.slice(5), 'hex').toString(),
      );
      assert.deepEqual(kept, ['legacy_rejects', 'other_rejects']);
      for (const name of kept)
        assert.deepEqual(
          await collectedRows(collected, name, ['id', 'reject_reason', 'reason', 'a']),
          await exactRows(join(folder, 'legacy.db'), 'rejects WHERE id = 1', ['id', 'reject_reason', 'reason', 'a']),
        );
    }));

  it('a row that is corrected later comes in by the next run', () =>
    withFolder(async (folder) => {
      await makePair(folder, t("(1, 'x', 1), (2, NULL, 2)"), 'CREATE TABLE m (id INTEGER PRIMARY KEY, a NOT NULL)');
      const steps = [map('t', 'm', { id: 'id', a: 'a' })];
      await migratePlan(folder, steps, { rejects: 'collect' });
      await edit(join(folder, 'legacy.db'), "UPDATE t SET a = 'late' WHERE id = 2");
      const second = await migratePlan(folder, steps);
      assert.equal(second.failure, null, second.failure?.message);
      assert.deepEqual([second.steps[0]?.inserted, second.steps[0]?.alreadyPresent], [1, 1]);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT * FROM m'), [
        [1, 'x'],
        [2, 'late'],
      ]);
    }));

  for (const [what, value, target] of [
    ['a constraint', 'iif(i % 5 < 2, NULL, i)', 'a NOT NULL'],
    ['a UNIQUE constraint', 'iif(i % 5 < 2, 0, i)', 'a UNIQUE'],
    ['affinity', "iif(i % 5 < 2, '0' || i, i)", 'a INTEGER'],
    ['a failing expression', "iif(i % 5 < 2, 'x', '{}')", 'a'],
  ] as const)
    it(`8,000 among 20,000 rows, by ${what}, take seconds`, () =>
      withFolder(async (folder) => {
        await makePair(
          folder,
          `CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO t SELECT i, ${value}, 'row ' || i FROM n`,
          `CREATE TABLE m (id INTEGER PRIMARY KEY, ${target}, b)`,
        );
        const start = performance.now();
        const expression = what === 'a failing expression' ? "json_extract(a, '$.k')" : 'a';
        const { steps, failure, rejects } = await rehearsePlan(
          folder,
          [map('t', 'm', { id: 'id', a: expression, b: 'b' })],
          {
            rejects: 'collect',
          },
        );
        const seconds = (performance.now() - start) / 1000;
        assert.equal(failure, null, failure?.message);
        const expected = what === 'a UNIQUE constraint' ? 7_999 : 8_000;
        assert.deepEqual([steps[0]?.rejected, steps[0]?.inserted, rejects.length], [expected, 20_000 - expected, 1000]);
        assert.ok(seconds < 30, `took ${seconds.toFixed(1)} s`);
      }));
});

describe('values that their column did not declare', function () {
  this.timeout(60_000);

  it('predecessor: one text in an integer column aborted the whole table; two were concatenated into a "total"', () =>
    withSample(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(
        llm,
        "UPDATE llm_usage SET input_tokens = '12 tokens', output_tokens = 'many' WHERE id = 2; UPDATE llm_usage SET output_tokens = 'n/a' WHERE id = 3",
      );
      const report = await run(workspace);
      assert.equal(report.error, null, report.error?.message);
      assert.equal(report.outcome, 'committed');
      const input = Number(await cell(llm, 'SELECT input_tokens FROM llm_usage WHERE id = 3'));
      assert.deepEqual(
        await query(
          target,
          'SELECT id, prompt_tokens, completion_tokens, total_tokens, typeof(total_tokens) FROM llm_costs WHERE id IN (2, 3)',
        ),
        [
          [2, '12 tokens', 'many', 12, 'integer'],
          [3, input, 'n/a', input, 'integer'],
        ],
      );
      const [line] = report.warnings.filter(({ code }) => code === 'unexpected-storage-class');
      assert.match(
        line?.message ?? '',
        /data\/llm_costs\.db llm_usage: 1 value of the INTEGER column input_tokens is no number/,
      );
      assert.equal(report.warnings.filter(({ code }) => code === 'unexpected-storage-class').length, 2);
    }));

  it('takes created_at for a NULL timestamp and keeps the NULL in the sidecar: nothing is lost', () =>
    withSample(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(
        llm,
        `${loosened} UPDATE llm_usage SET timestamp = NULL WHERE id IN (4, 5); UPDATE llm_usage SET created_at = NULL WHERE id = 5`,
      );
      const report = await run(workspace);
      assert.equal(report.error, null, report.error?.message);
      const step = stepOf(report, 'llm_usage');
      assert.equal(step.inserted, 25);
      assert.deepEqual(step.residual, {
        columns: ['timestamp', 'latency_ms', 'success', 'error', 'created_at'],
        kept: 'legacy_llm_usage',
        lostValues: 0,
        lost: [],
      });
      assert.deepEqual(
        await exactRows(target, 'llm_costs', ['id', 'timestamp']),
        await exactRows(llm, 'llm_usage', ['id', 'coalesce(timestamp, created_at)']),
      );
      assert.deepEqual(
        await exactRows(target, 'legacy_llm_usage', ['id', 'timestamp', 'created_at']),
        await exactRows(llm, 'llm_usage', ['id', 'timestamp', 'created_at']),
      );
      assert.equal((await run(workspace)).outcome, 'nothingToDo');
      assert.equal((await run(workspace, 'validate')).error, null);
    }));

  it('a NULL timestamp that comes after the first run is not lost either: the sidecar gets a column for it', () =>
    withSample(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(llm, loosened);
      assert.equal((await run(workspace)).outcome, 'committed');
      await edit(llm, "INSERT INTO llm_usage (id, provider, model, created_at) VALUES (900, 'p', 'm', '2026')");
      const second = await run(workspace);
      assert.equal(second.outcome, 'committed', second.error?.message);
      assert.deepEqual([stepOf(second, 'llm_usage').inserted, stepOf(second, 'llm_usage').alreadyPresent], [1, 25]);
      assert.deepEqual(
        await exactRows(target, 'legacy_llm_usage', ['id', 'timestamp', 'created_at', 'error']),
        await exactRows(llm, 'llm_usage', ['id', 'timestamp', 'created_at', 'error']),
      );
      assert.equal((await run(workspace)).outcome, 'nothingToDo');
      assert.equal((await run(workspace, 'validate')).error, null);
    }));

  it('V5: text that looks like a number in a column without affinity is a reject, and nothing is published', () =>
    withSample(async (workspace) => {
      const { llm } = pathsOf(workspace);
      await edit(
        llm,
        `${loosened.replace('input_tokens INTEGER', 'input_tokens TEXT')} UPDATE llm_usage SET input_tokens = '007' WHERE id = 1`,
      );
      const stood = pick(await hashTree(workspace), isDatabase);
      const report = await run(workspace);
      assert.deepEqual([report.outcome, report.error?.code], ['rolledBack', 'rejected-rows']);
      // In a TEXT column every count is text: each one would turn into another value.
      assert.equal(stepOf(report, 'llm_usage').rejected, 25);
      assert.deepEqual(
        [report.rejects[0]?.rowid, report.rejects[0]?.reason],
        ['1', "prompt_tokens would not keep its value: the column's type turns it into another"],
      );
      assert.deepEqual(pick(await hashTree(workspace), isDatabase), stood);
    }));
});
