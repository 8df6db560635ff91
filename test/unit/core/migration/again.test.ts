/** A second run, and a third: nothing twice, nothing overwritten, nothing lost in between. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLedger, registerKeys, writeHistory } from '../../../../src/core/migration/ledger/ledger';
import { RegisteredKeys } from '../../../../src/core/migration/ledger/registered-keys';
import type { RunReport } from '../../../../src/core/report/model';
import { loadSqlJs } from '../../../../src/core/sqlite/sql-js-engine';
import { hashTree, pick, withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, column, edit, exactRows, query } from '../../../support/sqlite';
import { handlers, pathsOf, run, silent, stepOf, wasmPath, withMigrated, withSample } from '../../../support/workspace';

const isDatabase = (name: string): boolean => !name.startsWith('data/backups/') && name.endsWith('.db');

/** What the predecessor inserted: by the ids of the legacy table, without ledger and sidecar. */
const predecessor = `INSERT INTO llm_costs (id, user_id, provider, model, prompt_tokens, completion_tokens, total_tokens, cost_usd, feature, timestamp, metadata_json)
  SELECT id, NULL, provider, model, input_tokens, output_tokens, input_tokens + output_tokens, cost_usd, 'legacy_import', timestamp, metadata FROM legacy.llm_usage`;

describe('a second run', function () {
  this.timeout(60_000);

  for (const variant of [0, 1, 2]) {
    it(`P4: inserts nothing and leaves every database as it is (variant ${variant}); predecessor: a second run inserted everything again`, () =>
      withMigrated(async (workspace) => {
        const stood = pick(await hashTree(workspace), isDatabase);
        const again = await run(workspace);
        assert.equal(again.outcome, 'nothingToDo');
        assert.equal(again.error, null);
        for (const step of again.steps) {
          assert.equal(step.inserted, 0);
          assert.equal(step.alreadyPresent, step.legacy.rows);
          assert.deepEqual(step.validation, { schema: 'passed', counts: 'passed', cells: 'passed', rebuilt: 'passed' });
        }
        assert.deepEqual(pick(await hashTree(workspace), isDatabase), stood);
      }, variant));
  }

  it('adds the legacy rows that came since, and only those', () =>
    withMigrated(async (workspace) => {
      const { llm, metrics, target } = pathsOf(workspace);
      const stood = await exactRows(target, 'llm_costs', ['id', 'provider', 'cost_usd', 'timestamp']);
      await edit(
        llm,
        `INSERT INTO llm_usage (timestamp, provider, model, input_tokens, output_tokens, cost_usd, success) VALUES ('2026-02-01', 'groq', 'm', 1, 2, 0.5, 1), ('2026-02-02', 'groq', 'm', 3, 4, 0.25, 0);
         INSERT INTO llm_daily_stats (date, provider, model, total_requests, successful_requests, total_input_tokens, total_output_tokens, total_cost_usd) VALUES ('2030-01-01', 'p', 'm', 1, 1, 1, 1, 1)`,
      );
      await edit(metrics, "INSERT INTO metrics_1h (timestamp, component) VALUES ('2030', 'c')");
      const second = await run(workspace);
      assert.equal(second.outcome, 'committed');
      assert.equal(
        second.steps.reduce((sum, { inserted }) => sum + inserted, 0),
        4,
      );
      assert.deepEqual(
        second.steps
          .slice(0, 6)
          .map(({ legacy, inserted, alreadyPresent }) => [legacy.table, inserted, alreadyPresent]),
        [
          ['llm_usage', 2, 25],
          ['llm_daily_stats', 1, 3],
          ['budget_alerts', 0, 0],
          ['metrics_1m', 0, 0],
          ['metrics_1h', 1, 0],
          ['alert_history', 0, 0],
        ],
      );
      assert.deepEqual(
        await query(target, 'SELECT id, prompt_tokens, completion_tokens, total_tokens FROM llm_costs WHERE id > 25'),
        [
          [26, 1, 2, 3],
          [27, 3, 4, 7],
        ],
      );
      assert.deepEqual(
        await exactRows(target, 'llm_costs WHERE id <= 25', ['id', 'provider', 'cost_usd', 'timestamp']),
        stood,
      );
      assert.equal(await cell(target, 'SELECT count(*) FROM legacy_llm_usage'), 27);
      assert.equal((await run(workspace)).outcome, 'nothingToDo');
    }));

  const changes: readonly (readonly [what: string, file: 'legacy' | 'target', sql: string])[] = [
    ['a mapped value of a legacy row', 'legacy', 'UPDATE t SET a = 99 WHERE id = 3'],
    ['the storage class of a legacy value', 'legacy', "UPDATE t SET a = '3' WHERE id = 3"],
    ['a residual value of a legacy row', 'legacy', "UPDATE t SET kept = 'late' WHERE id = 3"],
    ['the storage class of a residual value', 'legacy', "UPDATE t SET kept = x'6B' WHERE id = 3"],
    ['a target row', 'target', 'UPDATE m SET a = NULL WHERE id = 3'],
    ['a column of the target that the plan leaves NULL', 'target', 'UPDATE m SET own = 7 WHERE id = 3'],
    ['a sidecar row', 'target', 'UPDATE legacy_t SET kept = 5 WHERE id = 3'],
    ['a sidecar row that is gone', 'target', 'DELETE FROM legacy_t WHERE id = 3'],
    ['a target row that is gone', 'target', 'DELETE FROM m WHERE id = 3'],
    [
      'a target row that is gone with its sidecar row',
      'target',
      'DELETE FROM m WHERE id = 3; DELETE FROM legacy_t WHERE id = 3',
    ],
    ['an adopted row', 'target', "UPDATE s SET v = 'other' WHERE k = 'b'"],
    ['the legacy row of an adopted one', 'legacy', "UPDATE s SET v = 'other' WHERE k = 'b'"],
    ['an adopted row that is gone', 'target', "DELETE FROM s WHERE k = 'b'"],
  ];
  for (const [what, file, sql] of changes) {
    it(`counts ${what}, changed since, as a conflict and leaves both sides alone; what is new still comes`, () =>
      withFolder(async (folder) => {
        const steps = [map('t', 'm', { id: 'id', a: 'a' }), adopt('s')];
        await makePair(
          folder,
          `CREATE TABLE t (id INTEGER PRIMARY KEY, a, kept); INSERT INTO t VALUES (1, 1, 'k'), (2, 2, 'k'), (3, 3, 'k');
           CREATE TABLE s (k TEXT PRIMARY KEY, v); INSERT INTO s VALUES ('a', 1), ('b', 2)`,
          'CREATE TABLE m (id INTEGER PRIMARY KEY, a, own)',
        );
        const target = join(folder, 'target.db');
        assert.equal((await migratePlan(folder, steps)).failure, null);
        await edit(join(folder, `${file}.db`), sql);
        const bytes = await readFile(target);

        const second = await migratePlan(folder, steps);
        assert.equal(second.failure, null, second.failure?.message);
        assert.equal(second.successors.length, 0);
        const sum = (key: 'inserted' | 'conflicts' | 'alreadyPresent'): number =>
          second.steps.reduce((total, step) => total + step[key], 0);
        assert.deepEqual([sum('inserted'), sum('conflicts'), sum('alreadyPresent')], [0, 1, 4]);
        assert.equal(second.warnings.filter(({ code }) => code === 'conflict').length, 1);
        assert.deepEqual(await readFile(target), bytes);
        // To validate is to ask for equality: a conflict is none.
        assert.equal((await rehearsePlan(folder, steps, { intent: 'look' })).failure?.code, 'validation-failed');

        const stood = [await query(target, 'SELECT * FROM m'), await query(target, 'SELECT * FROM s')];
        await edit(join(folder, 'legacy.db'), "INSERT INTO t VALUES (9, 9, 'k'); INSERT INTO s VALUES ('z', 9)");
        const third = await migratePlan(folder, steps);
        assert.equal(third.failure, null, third.failure?.message);
        assert.deepEqual(
          third.steps.map(({ inserted }) => inserted),
          [1, 1],
        );
        assert.deepEqual(
          [await query(target, 'SELECT * FROM m WHERE id <> 9'), await query(target, "SELECT * FROM s WHERE k <> 'z'")],
          stood,
        );
      }));
  }

  it('counts conflicts on both sides, leaves every database as it is and ends well', () =>
    withMigrated(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(
        llm,
        "UPDATE llm_usage SET cost_usd = 99 WHERE id = 3; UPDATE llm_usage SET error = 'late' WHERE id = 4",
      );
      await edit(
        target,
        'UPDATE llm_costs SET user_id = 7 WHERE id = 5; DELETE FROM llm_costs WHERE id = 6; DELETE FROM llm_daily_stats WHERE id = 2',
      );
      const stood = pick(await hashTree(workspace), isDatabase);
      const second = await run(workspace);
      assert.deepEqual([second.outcome, second.error], ['nothingToDo', null]);
      assert.deepEqual([stepOf(second, 'llm_usage').conflicts, stepOf(second, 'llm_daily_stats').conflicts], [4, 1]);
      assert.deepEqual(pick(await hashTree(workspace), isDatabase), stood);
    }));

  it('leaves alone an adopted table that was dropped since, and says so', () =>
    withMigrated(async (workspace) => {
      const { target } = pathsOf(workspace);
      await edit(target, 'DROP TABLE llm_daily_stats');
      const second = await run(workspace);
      assert.equal(second.error, null);
      assert.equal(stepOf(second, 'llm_daily_stats').conflicts, 3);
      assert.ok(second.warnings.some(({ code }) => code === 'adopted-table-gone'));
      assert.equal(await cell(target, "SELECT count(*) FROM sqlite_schema WHERE name = 'llm_daily_stats'"), 0);
      // To validate is to ask whether the rows are there: they are not.
      assert.equal((await run(workspace, 'validate')).error?.code, 'validation-failed');
    }));

  it('counts legacy rows deleted since as nothing: the target keeps what it has', () =>
    withMigrated(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(llm, 'DELETE FROM llm_usage WHERE id <= 20');
      const second = await run(workspace);
      assert.equal(second.outcome, 'nothingToDo');
      assert.deepEqual([stepOf(second, 'llm_usage').alreadyPresent, stepOf(second, 'llm_usage').conflicts], [5, 0]);
      assert.equal(await cell(target, 'SELECT count(*) FROM llm_costs'), 25);
    }));

  it('knows its rows where the workspace is opened one folder up or down', () =>
    withMigrated(async (workspace) => {
      const stood = pick(await hashTree(workspace), isDatabase);
      const inside = await handlers['migration.run'](
        {
          workspace: join(workspace, 'data'),
          dataFolder: '.',
          mode: 'migrate',
          domains: ['analytics'],
          applicationStopped: true,
        },
        silent,
      );
      assert.equal(inside.report.error, null, inside.report.error?.message);
      assert.equal(inside.report.outcome, 'nothingToDo');
      assert.deepEqual(pick(await hashTree(workspace), isDatabase), stood);
      await rename(join(workspace, 'data'), join(workspace, 'renamed'));
      const renamed = await handlers['migration.run'](
        { workspace, dataFolder: 'renamed', mode: 'migrate', domains: ['analytics'], applicationStopped: true },
        silent,
      );
      assert.equal(renamed.report.outcome, 'nothingToDo');
    }));
});

describe('rows that were in the target before the first run', function () {
  this.timeout(60_000);

  it('predecessor: what it had migrated, equal in every cell, is there already, gets its sidecar row and is not doubled', () =>
    withSample(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await migrateAsPredecessor(workspace, predecessor);
      const first = await run(workspace);
      assert.equal(first.error, null, first.error?.message);
      assert.equal(first.outcome, 'committed');
      const step = stepOf(first, 'llm_usage');
      assert.deepEqual([step.inserted, step.alreadyPresent, step.conflicts], [0, 25, 0]);
      assert.equal(await cell(target, 'SELECT count(*) FROM llm_costs'), 25);
      const residual = ['id', 'latency_ms', 'success', 'error', 'created_at'];
      assert.deepEqual(
        await exactRows(target, 'legacy_llm_usage', residual),
        await exactRows(llm, 'llm_usage', residual),
      );
      assert.equal((await run(workspace)).outcome, 'nothingToDo');
    }));

  it('a part of them is there already, the rest is new', () =>
    withSample(async (workspace) => {
      await migrateAsPredecessor(workspace, `${predecessor} WHERE id % 2 = 0`);
      const first = await run(workspace);
      const step = stepOf(first, 'llm_usage');
      assert.deepEqual([first.outcome, step.inserted, step.alreadyPresent], ['committed', 13, 12]);
      assert.equal(await cell(pathsOf(workspace).target, 'SELECT count(*) FROM legacy_llm_usage'), 25);
      assert.equal((await run(workspace)).outcome, 'nothingToDo');
    }));

  it('rows of its own under free ids stay beside the new ones', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      await edit(
        target,
        "INSERT INTO llm_costs (id, provider, model, feature, timestamp) VALUES (-5, 'own', 'm', 'f', 't'), (1000, 'own', 'm', NULL, 't')",
      );
      const own = await query(target, 'SELECT * FROM llm_costs');
      const first = await run(workspace);
      assert.equal(first.outcome, 'committed');
      assert.equal(stepOf(first, 'llm_usage').inserted, 25);
      assert.deepEqual(await query(target, "SELECT * FROM llm_costs WHERE provider = 'own'"), own);
      assert.equal(await cell(target, 'SELECT count(*) FROM llm_costs'), 27);
      assert.equal((await run(workspace)).outcome, 'nothingToDo');
    }));

  it('a row of its own under an id that is needed stays; the whole step is shifted by one offset', () =>
    withSample(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(target, "INSERT INTO llm_costs (id, provider, model) VALUES (4, 'own', 'm')");
      const own = await query(target, 'SELECT * FROM llm_costs');
      const dry = await run(workspace, 'dryRun');
      assert.deepEqual([dry.outcome, stepOf(dry, 'llm_usage').keyOffset], ['committed', '4']);
      const first = await run(workspace);
      assert.equal(first.outcome, 'committed', first.error?.message);
      const step = stepOf(first, 'llm_usage');
      assert.deepEqual([step.inserted, step.conflicts, step.keyOffset], [25, 0, '4']);
      assert.ok(first.warnings.some(({ code, message }) => code === 'keys-shifted' && message.includes('llm_usage')));
      assert.deepEqual(await query(target, "SELECT * FROM llm_costs WHERE provider = 'own'"), own);
      assert.deepEqual(
        await exactRows(target, "llm_costs WHERE provider <> 'own'", ['id', 'model', 'cost_usd', 'timestamp']),
        await exactRows(llm, 'llm_usage', ['id + 4', 'model', 'cost_usd', 'timestamp']),
      );
      assert.deepEqual(
        await exactRows(target, 'legacy_llm_usage', ['id', 'latency_ms', 'created_at']),
        await exactRows(llm, 'llm_usage', ['id + 4', 'latency_ms', 'created_at']),
      );
      assert.equal((await run(workspace)).outcome, 'nothingToDo');
      assert.equal((await run(workspace, 'validate')).error, null);
    }));

  it('a validation of everything does not look for what no run has migrated, unless nothing was', () =>
    withSample(async (workspace) => {
      const domains = ['core', 'analytics', 'cache'] as const;
      const look = (): Promise<RunReport> => run(workspace, 'validate', domains);
      assert.equal((await look()).error?.code, 'validation-failed', 'nothing was migrated');
      await run(workspace);
      const report = await look();
      assert.equal(report.error, null);
      assert.deepEqual(
        report.warnings
          .filter(({ code }) => code === 'not-migrated')
          .map(({ message }) => /domain (\w+)/.exec(message)?.[1]),
        ['core', 'cache'],
      );
      const waiting = stepOf(report, 'rate_configs');
      assert.deepEqual([waiting.leftBehind, waiting.validation.counts], [5, 'notRun']);
      assert.deepEqual(Object.values(stepOf(report, 'llm_usage').validation), Array(4).fill('passed'));
      await edit(pathsOf(workspace).target, 'DELETE FROM llm_costs WHERE id = 3');
      assert.equal((await look()).error?.code, 'validation-failed', 'a migrated row is gone');
    }));

  it('predecessor: 25 unrelated rows in the target do not make a failed copy good, nor one row a good copy fail', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      await edit(
        target,
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25)
         INSERT INTO llm_costs (id, provider, model) SELECT 1000 + i, 'own', 'm' FROM n`,
      );
      assert.equal((await run(workspace, 'validate')).error?.code, 'validation-failed');
      assert.equal((await run(workspace)).outcome, 'committed');
      assert.equal((await run(workspace, 'validate')).error, null);
    }));
});

describe('names that the application took in the target', function () {
  this.timeout(60_000);

  const taken = `CREATE TABLE llm_daily_stats (day TEXT PRIMARY KEY, n INTEGER); INSERT INTO llm_daily_stats VALUES ('2026-01-30', 3);
    CREATE TABLE budget_alerts (id INTEGER PRIMARY KEY, own); CREATE TABLE llm_usage (own);
    CREATE INDEX idx_llm_daily_date ON llm_daily_stats (n); CREATE TABLE idx_metrics_1m_time (own)`;

  it('adopts beside them, under names that are free, and does so once', () =>
    withSample(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(target, taken);
      const first = await run(workspace);
      assert.equal(first.error, null, first.error?.message);
      assert.equal(first.outcome, 'committed');
      assert.deepEqual(
        first.steps.slice(0, 6).map((step) => step.target !== null && 'table' in step.target && step.target.table),
        [
          'llm_costs',
          'llm_costs_llm_daily_stats',
          'llm_costs_budget_alerts',
          'metrics_1m',
          'metrics_1h',
          'alert_history',
        ],
      );
      assert.deepEqual(await query(target, 'SELECT * FROM llm_daily_stats'), [['2026-01-30', 3]]);
      const columns = ['id', 'date', 'provider', 'model', 'total_cost_usd', 'avg_latency_ms'];
      assert.deepEqual(
        await exactRows(target, 'llm_costs_llm_daily_stats', columns),
        await exactRows(llm, 'llm_daily_stats', columns),
      );
      assert.deepEqual(
        await column(target, "SELECT name FROM pragma_index_list('llm_costs_llm_daily_stats') WHERE origin = 'c'"),
        ['llm_costs_idx_llm_daily_date'],
      );
      assert.deepEqual(await column(target, "SELECT name FROM pragma_index_list('metrics_1m') WHERE origin = 'c'"), [
        'metrics_idx_metrics_1m_time',
      ]);
      // AUTOINCREMENT goes by the new name.
      assert.equal(await cell(target, "SELECT seq FROM sqlite_sequence WHERE name = 'llm_costs_llm_daily_stats'"), 3);
      const stood = pick(await hashTree(workspace), isDatabase);
      assert.equal((await run(workspace)).outcome, 'nothingToDo');
      assert.deepEqual(pick(await hashTree(workspace), isDatabase), stood);
    }, 0));

  it('keeps to its own table where the application takes the name later', () =>
    withMigrated(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      // As the application does it: its SQLite has the modules that other triggers of the schema need, this one has not.
      await edit(
        target,
        'PRAGMA legacy_alter_table = ON; ALTER TABLE llm_daily_stats RENAME TO moved; CREATE TABLE llm_daily_stats (own)',
      );
      const second = await run(workspace);
      // The table under that name is another one now: nothing is written to it.
      assert.equal(second.outcome, 'refused');
      assert.equal(second.error?.code, 'plan-invalid');
      assert.equal(await cell(target, 'SELECT count(*) FROM llm_daily_stats'), 0);
      assert.equal(await cell(llm, 'SELECT count(*) FROM llm_daily_stats'), 3);
    }));

  it('finds the sidecar name taken', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      await edit(target, 'CREATE TABLE legacy_llm_usage (own); INSERT INTO legacy_llm_usage VALUES (1)');
      const first = await run(workspace);
      assert.equal(stepOf(first, 'llm_usage').residual.kept, 'legacy_llm_costs_llm_usage');
      assert.deepEqual(await query(target, 'SELECT * FROM legacy_llm_usage'), [[1]]);
      assert.equal(await cell(target, 'SELECT count(*) FROM legacy_llm_costs_llm_usage'), 25);
      assert.equal((await run(workspace)).outcome, 'nothingToDo');
    }));

  it("refuses where a table of another kind has the ledger's name", () =>
    withSample(async (workspace) => {
      await edit(pathsOf(workspace).target, 'CREATE TABLE jarvis_migration_history (own)');
      const first = await run(workspace);
      assert.deepEqual([first.outcome, first.error?.code], ['refused', 'plan-invalid']);
    }));
});

async function migrateAsPredecessor(workspace: string, insert: string): Promise<void> {
  const { llm, target } = pathsOf(workspace);
  const rows = await query(
    llm,
    'SELECT quote(id), quote(timestamp), quote(provider), quote(model), quote(input_tokens), quote(output_tokens), quote(cost_usd), quote(metadata) FROM llm_usage',
  );
  const values = rows.map((row) => `(${row.join(', ')})`).join(', ');
  await edit(
    target,
    `CREATE TEMP TABLE copied (id INTEGER PRIMARY KEY, timestamp TEXT, provider TEXT, model TEXT, input_tokens INTEGER, output_tokens INTEGER, cost_usd REAL, metadata TEXT);
     INSERT INTO copied VALUES ${values}; ${insert.replace('legacy.llm_usage', 'temp.copied')}; DROP TABLE copied`,
  );
}

describe('what the application does between two runs', function () {
  this.timeout(60_000);

  it('its own index or column on an adopted table stops neither the next run nor the validation', () =>
    withMigrated(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(
        target,
        'CREATE INDEX my_index ON llm_daily_stats (model); ALTER TABLE llm_daily_stats ADD COLUMN note TEXT',
      );
      await edit(
        llm,
        "INSERT INTO llm_usage (timestamp, provider, model, input_tokens, output_tokens, cost_usd, success) VALUES ('x', 'p', 'm', 1, 2, 0.5, 1)",
      );
      const report = await run(workspace);
      assert.equal(report.outcome, 'committed', report.error?.message);
      assert.equal(stepOf(report, 'llm_usage').inserted, 1);
      assert.equal((await run(workspace, 'validate')).error, null);
    }));

  it('its own tables under every name, and a legacy trigger that names a second table: adopted all the same', () =>
    withSample(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(target, 'CREATE TABLE llm_daily_stats (mine); CREATE TABLE budget_alerts (mine)');
      await edit(
        llm,
        `CREATE TRIGGER over_budget AFTER INSERT ON llm_daily_stats BEGIN
           INSERT INTO budget_alerts (alert_name, threshold_usd, actual_usd, period, triggered_at) VALUES ('a', 1, 1, 'd', 't'); END`,
      );
      const report = await run(workspace);
      assert.equal(report.outcome, 'committed', report.error?.message);
      assert.deepEqual(stepOf(report, 'llm_daily_stats').target, {
        database: 'data/jarvis_analytics.db',
        table: 'llm_costs_llm_daily_stats',
      });
    }));

  it("somebody else's manifest.json among the backups is no promise of ours", () =>
    withSample(async (workspace) => {
      const folder = join(workspace, 'data', 'backups', '20260126_130239');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'manifest.json'), '{"files":["llm_costs.db"]}');
      assert.equal((await run(workspace)).outcome, 'committed');
    }));

  it('the ledger is searched by key: a second run does not compare every row with every range', async () => {
    const engine = await loadSqlJs(await readFile(wasmPath));
    const target = engine.open(new Uint8Array(), 'target');
    createLedger(target);
    target.execute('CREATE TABLE gaps (id INTEGER PRIMARY KEY)');
    target.execute(
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO gaps SELECT 2 * i FROM n',
    );
    const legacy = { database: 'legacy.db', table: 'T', strategy: 'map', target: 'm' } as const;
    const history = writeHistory(target, {
      run: 'r',
      finishedAt: '',
      domain: 'core',
      strategy: 'map',
      legacy,
      legacySha256: '',
      targetTable: 'm',
      sidecarTable: null,
      keyColumns: ['id'],
      keyOffset: '5',
      inserted: 100,
      alreadyPresent: 0,
      conflicts: 0,
      tool: 't',
    });
    registerKeys(target, history, 'gaps AS g', 'g.id', true);
    assert.equal(target.count('SELECT count(*) FROM jarvis_migration_rows'), 100);
    const keys = RegisteredKeys.read(target, { ...legacy, table: 't' });
    const offset = keys.offset('x.id');
    const plan = target.all(`EXPLAIN QUERY PLAN SELECT ${offset} FROM gaps AS x`);
    assert.match(
      plan.map(({ detail }) => String(detail)).join('\n'),
      /SEARCH r USING PRIMARY KEY \(history=\? AND first_key<\?\)/,
    );
    const known = 'WITH x (id) AS (VALUES (2), (3), (200), (201))';
    assert.deepEqual(target.all(`${known} SELECT ${offset} AS o, ${keys.shifted('x.id')} AS s FROM x`), [
      { o: 5, s: 7 },
      { o: null, s: 8 },
      { o: 5, s: 205 },
      { o: null, s: 206 },
    ]);
    target.close();
  });
});
