/** Rolling a run back, on real databases: the bytes of before, or exactly the rows of the run. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UndoReport } from '../../../../src/core/undo/report';
import { hashTree, photograph, pick } from '../../../support/folders';
import { hasPython } from '../../../support/python';
import { python } from '../../../support/sidecars';
import { cell, column, edit, exactRows, columnsOf, quoted } from '../../../support/sqlite';
import { handlers, pathsOf, run, silent, stepOf, withMigrated, withSample } from '../../../support/workspace';

async function rollBack(
  workspace: string,
  options: { readonly run?: string; readonly dryRun?: boolean } = {},
): Promise<UndoReport> {
  const { report } = await handlers['undo.rollBack'](
    {
      workspace,
      dataFolder: 'data',
      run: options.run ?? null,
      dryRun: options.dryRun ?? false,
      applicationStopped: true,
    },
    silent,
  );
  return report;
}

const outsideBackups = (path: string): boolean => !path.startsWith('data/backups/');

/** Every row of every table, so that two databases can be compared whatever their pages look like. */
async function contentOf(path: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const content: Record<string, readonly string[]> = {};
  const objects = await column(
    path,
    `SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1`,
  );
  content['schema'] = objects.map(String);
  for (const table of await column(
    path,
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY 1`,
  )) {
    const columns = await columnsOf(path, String(table));
    content[String(table)] = await exactRows(path, quoted(String(table)), columns.map(quoted));
  }
  return content;
}

describe('roll back', () => {
  it('P16: gives every target the SHA-256 that it had before the run', () =>
    withSample(async (workspace) => {
      const before = await hashTree(workspace);
      await run(workspace, 'migrate', ['analytics', 'cache', 'core']);
      const after = await hashTree(workspace);
      assert.notDeepEqual(pick(after, outsideBackups), before);
      const report = await rollBack(workspace);
      assert.equal(report.error, null);
      assert.equal(report.outcome, 'committed');
      assert.ok(report.targets.every(({ how }) => how === 'restored'));
      assert.deepEqual(pick(await hashTree(workspace), outsideBackups), before);
    }));

  it('P16: gives a target that had a live log both files as they were, to the byte', function () {
    if (!hasPython) return this.skip();
    return withSample(async (workspace) => {
      await python(['move', pathsOf(workspace).target, 'llm_costs', '1 = 1']);
      const before = await hashTree(workspace);
      assert.ok('data/jarvis_analytics.db-wal' in before);
      await run(workspace);
      const report = await rollBack(workspace);
      assert.deepEqual([report.error, report.targets[0]?.how, report.targets[0]?.sidecar], [null, 'restored', '-wal']);
      assert.deepEqual(pick(await hashTree(workspace), outsideBackups), before);
    });
  });

  it('takes out exactly the rows of the run where the application wrote since', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      const before = await contentOf(target);
      await run(workspace);
      const written = `INSERT INTO llm_costs (provider, model, prompt_tokens, completion_tokens, total_tokens, cost_usd) VALUES ('app', 'since', 1, 2, 3, 0.5)`;
      await edit(target, written);
      const report = await rollBack(workspace);
      assert.equal(report.error, null);
      const [undone] = report.targets;
      assert.equal(undone?.how, 'rowsRemoved');
      assert.deepEqual(undone.kept, []);
      const after = await contentOf(target);
      const isOld = (row: string): boolean => (before['llm_costs'] ?? []).includes(row);
      const added = (after['llm_costs'] ?? []).filter((row) => !isOld(row));
      assert.equal(added.length, 1);
      const others = (table: string): boolean => table !== 'llm_costs' && table !== 'sqlite_sequence';
      assert.deepEqual(pick(after, others), pick(before, others));
    }));

  it('leaves of every domain what was there before, where the application wrote into each target', () =>
    withSample(async (workspace) => {
      const targets = ['core', 'analytics', 'cache'].map((name) => join(workspace, 'data', `jarvis_${name}.db`));
      const before = await Promise.all(targets.map(contentOf));
      await run(workspace, 'migrate', ['analytics', 'cache', 'core']);
      for (const target of targets)
        await edit(target, 'CREATE TABLE of_the_application (x); INSERT INTO of_the_application VALUES (1)');
      const report = await rollBack(workspace);
      assert.equal(report.error, null, JSON.stringify(report.error));
      for (const [index, target] of targets.entries()) {
        assert.deepEqual(report.targets[index]?.kept, []);
        const { of_the_application: rows, ...after } = await contentOf(target);
        assert.equal(rows?.length, 1);
        const schema = (after['schema'] ?? []).filter((line) => !line.includes('of_the_application'));
        assert.deepEqual({ ...after, schema }, before[index]);
      }
    }));

  it('restoring was no rollback: after it, a migration brings each row in again, once', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      await run(workspace);
      const migrated = await contentOf(target);
      const inserted = `INSERT INTO llm_costs (provider, model, cost_usd) VALUES ('app', 'since', 0.5)`;
      await edit(target, inserted);
      await rollBack(workspace);
      const again = await run(workspace);
      assert.equal(again.outcome, 'committed');
      const rows = (table: string): Promise<unknown> => cell(target, `SELECT count(*) FROM ${quoted(table)}`);
      assert.equal(await rows('llm_costs'), (migrated['llm_costs']?.length ?? 0) + 1);
      assert.equal(await rows('legacy_llm_usage'), migrated['legacy_llm_usage']?.length);
      const once = await run(workspace);
      assert.equal(once.outcome, 'nothingToDo');
    }));

  it('keeps a row that was changed since, with its residual values and its place in the ledger', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      await run(workspace);
      const key = String(await cell(target, 'SELECT max(id) FROM legacy_llm_usage'));
      await edit(target, `UPDATE llm_costs SET model = 'corrected' WHERE id = ${key}`);
      const report = await rollBack(workspace);
      assert.equal(report.error, null);
      const [undone] = report.targets;
      assert.deepEqual(undone?.kept, [{ table: 'llm_costs', key, reason: 'changed since the run' }]);
      assert.equal(await cell(target, `SELECT model FROM llm_costs WHERE id = ${key}`), 'corrected');
      assert.equal(await cell(target, 'SELECT count(*) FROM legacy_llm_usage'), 1);
      // It is not brought in a second time, and all the others are, once.
      const again = await run(workspace);
      const step = stepOf(again, 'llm_usage');
      assert.equal(step.inserted, step.legacy.rows - 1);
      assert.equal(step.conflicts, 1);
      assert.equal(again.outcome, 'committed');
    }));

  for (const [what, change, now] of [
    ['a column added', 'ADD COLUMN seen', 'llm_costs'],
    ['another name', 'RENAME TO costs_of_the_application', 'costs_of_the_application'],
  ] as const) {
    it(`keeps the rows of a table that got ${what}, their residual values and their place in the ledger, and says so`, () =>
      withSample(async (workspace) => {
        const { target } = pathsOf(workspace);
        const { run: id } = await run(workspace);
        await edit(target, `ALTER TABLE llm_costs ${change}`);
        const rows = await exactRows(target, now, ['id', 'model', 'cost_usd']);
        const residual = await cell(target, 'SELECT count(*) FROM legacy_llm_usage');
        const { error, targets } = await rollBack(workspace);
        assert.equal(error, null);
        const [undone] = targets;
        assert.deepEqual([undone?.how, undone?.keptCount, undone?.kept[0]?.table], ['rowsRemoved', 1, 'llm_costs']);
        const reason = undone?.kept[0]?.reason ?? '';
        if (now !== 'llm_costs') assert.match(reason, /costs_of_the_application has its columns, and stays as it is$/);
        assert.deepEqual(await exactRows(target, now, ['id', 'model', 'cost_usd']), rows);
        assert.equal(await cell(target, 'SELECT count(*) FROM legacy_llm_usage'), residual);
        assert.deepEqual(
          await column(target, `SELECT target_table FROM jarvis_migration_history WHERE run = '${id}'`),
          ['llm_costs'],
        );
      }));
  }

  it('says of a table that it made, and that has another name now, that it stays; of one that is gone, that it is', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      await run(workspace);
      await edit(target, 'ALTER TABLE budget_alerts RENAME TO alerts_of_mine; DROP TABLE legacy_llm_usage');
      const { targets, warnings, error } = await rollBack(workspace);
      assert.equal(error, null);
      assert.deepEqual(targets[0]?.kept, [
        {
          table: 'budget_alerts',
          key: null,
          reason: 'it is not there any more: alerts_of_mine has its columns, and stays as it is',
        },
      ]);
      const told = warnings.filter(({ code }) => code === 'table-gone').map(({ message }) => message);
      assert.equal(told.length, 1);
      assert.match(told[0] ?? '', /^legacy_llm_usage of data\/jarvis_analytics\.db is not there any more/);
    }));

  it('S7: keeps a row that a row of the application refers to, and says so', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      await run(workspace);
      const key = String(await cell(target, 'SELECT min(id) FROM legacy_llm_usage'));
      await edit(
        target,
        `CREATE TABLE notes (id INTEGER PRIMARY KEY, cost INTEGER REFERENCES llm_costs (id) ON DELETE CASCADE);
         INSERT INTO notes VALUES (1, ${key})`,
      );
      const report = await rollBack(workspace);
      assert.equal(report.error, null);
      assert.deepEqual(report.targets[0]?.kept.slice(0, 1), [
        { table: 'llm_costs', key, reason: 'a row of notes refers to it' },
      ]);
      assert.equal(await cell(target, `SELECT count(*) FROM notes JOIN llm_costs ON llm_costs.id = notes.cost`), 1);
      assert.equal(await cell(target, 'SELECT count(*) FROM pragma_foreign_key_check'), 0);
    }));

  it('S7: takes a row to which a row of the application referred before it was there', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      await edit(
        target,
        `CREATE TABLE notes (id INTEGER PRIMARY KEY, cost INTEGER REFERENCES llm_costs (id));
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO notes SELECT i, i FROM n`,
      );
      const orphans = (): Promise<unknown> => cell(target, 'SELECT count(*) FROM pragma_foreign_key_check');
      const before = [await orphans(), await column(target, 'SELECT id FROM llm_costs')];
      await run(workspace);
      assert.notEqual(await orphans(), before[0]);
      await edit(target, 'UPDATE notes SET id = 3001 WHERE id = 3000');
      const report = await rollBack(workspace);
      assert.equal(report.error, null, report.error?.message);
      const [undone] = report.targets;
      assert.deepEqual([undone?.how, undone?.kept], ['rowsRemoved', []]);
      assert.deepEqual([await orphans(), await column(target, 'SELECT id FROM llm_costs')], before);
    }));

  it('S5: no trigger of the target fires, and every trigger stands as it stood', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      await run(workspace);
      await edit(
        target,
        `CREATE TABLE gone (id); CREATE TRIGGER mourn AFTER DELETE ON llm_costs BEGIN INSERT INTO gone VALUES (old.id); END`,
      );
      const sql = await cell(target, `SELECT sql FROM sqlite_schema WHERE name = 'mourn'`);
      assert.equal((await rollBack(workspace)).error, null);
      assert.equal(await cell(target, 'SELECT count(*) FROM gone'), 0);
      assert.equal(await cell(target, `SELECT sql FROM sqlite_schema WHERE name = 'mourn'`), sql);
    }));

  it('takes the earlier of two runs out and leaves the later one as it is', () =>
    withSample(async (workspace) => {
      const { target, llm } = pathsOf(workspace);
      const first = await run(workspace);
      const rows = Number(await cell(llm, 'SELECT count(*) FROM llm_usage'));
      await edit(
        llm,
        `INSERT INTO llm_usage (provider, model, input_tokens, output_tokens, cost_usd, timestamp, success, latency_ms, created_at) SELECT provider, model, 1, 2, 0.25, timestamp, success, latency_ms, created_at FROM llm_usage LIMIT 2`,
      );
      const second = await run(workspace);
      assert.equal(second.outcome, 'committed');
      const report = await rollBack(workspace, { run: first.run });
      assert.equal(report.error, null, JSON.stringify(report.error));
      assert.deepEqual(report.targets[0]?.kept, []);
      assert.equal(await cell(target, 'SELECT count(*) FROM legacy_llm_usage'), 2);
      assert.equal(await cell(target, `SELECT count(*) FROM jarvis_migration_history WHERE run = '${first.run}'`), 0);
      // The last run that is in force is now the second, and undoing it as well leaves nothing of either.
      const next = await rollBack(workspace);
      assert.equal(next.rolledBack, second.run);
      const again = await run(workspace);
      const step = again.steps.find(({ legacy }) => legacy.table === 'llm_usage');
      assert.equal(step?.inserted, rows + 2);
    }));

  it('refuses where a later run built upon it, names that run, and changes nothing', () =>
    withSample(async (workspace) => {
      const { target, llm } = pathsOf(workspace);
      const first = await run(workspace);
      await edit(
        llm,
        `INSERT INTO llm_usage (provider, model, input_tokens, output_tokens, cost_usd, timestamp, success, latency_ms, created_at) SELECT provider, model, 1, 2, 0.25, timestamp, success, latency_ms, created_at FROM llm_usage LIMIT 1`,
      );
      const second = await run(workspace);
      await edit(
        target,
        `CREATE TABLE notes (cost INTEGER REFERENCES llm_costs (id)); INSERT INTO notes SELECT min(id) FROM legacy_llm_usage`,
      );
      const before = await photograph(workspace);
      const report = await rollBack(workspace, { run: first.run });
      assert.equal(report.outcome, 'refused');
      assert.equal(report.error?.code, 'not-reversible');
      assert.match(report.error.hint ?? '', new RegExp(second.run));
      assert.deepEqual(
        (await photograph(workspace)).filter((line) => !line.startsWith('data ')),
        before.filter((line) => !line.startsWith('data ')),
      );
    }));

  it('P16: refuses where a copy was altered or is missing, and changes nothing', () =>
    withMigrated(async (workspace) => {
      const [folder] = (await hashTree(workspace).then(Object.keys)).filter((path) => path.endsWith('manifest.json'));
      assert.ok(folder);
      const copy = join(workspace, folder, '..', 'data', 'llm_costs.db');
      const bytes = await readFile(copy);
      for (const spoil of [() => writeFile(copy, Buffer.from(bytes).fill(7, 5000, 5001)), () => rm(copy)]) {
        await spoil();
        const before = await hashTree(workspace);
        const report = await rollBack(workspace);
        assert.equal(report.outcome, 'refused');
        assert.equal(report.error?.code, 'backup-damaged');
        assert.deepEqual(await hashTree(workspace), before);
      }
    }));

  it('a dry run writes nothing at all and says what would happen', () =>
    withMigrated(async (workspace) => {
      const before = await photograph(workspace);
      const report = await rollBack(workspace, { dryRun: true });
      assert.equal(report.outcome, 'committed');
      assert.equal(report.backup, null);
      assert.deepEqual(await photograph(workspace), before);
    }));

  it('takes a run back once: there is no second rollback, and no rollback of a rollback', () =>
    withMigrated(async (workspace) => {
      const first = await rollBack(workspace);
      assert.equal(first.outcome, 'committed');
      assert.equal((await rollBack(workspace)).outcome, 'nothingToDo');
      for (const named of [first.rolledBack ?? '', first.run]) {
        const report = await rollBack(workspace, { run: named });
        assert.deepEqual([report.outcome, report.error?.code], ['refused', 'not-reversible']);
      }
      assert.equal((await rollBack(workspace, { run: '20000101_000000' })).error?.code, 'run-unknown');
    }));

  it('removes the configuration file that the run made, and leaves one that was edited since', () =>
    withSample(async (workspace) => {
      const before = await hashTree(workspace);
      await run(workspace, 'migrate', ['cache']);
      const report = await rollBack(workspace);
      assert.deepEqual(report.files, [{ file: 'config/rate_limits.yaml', how: 'removed', reason: null }]);
      assert.deepEqual(pick(await hashTree(workspace), outsideBackups), before);
      await run(workspace, 'migrate', ['cache']);
      const config = join(workspace, 'config', 'rate_limits.yaml');
      await writeFile(config, `${await readFile(config, 'utf8')}# mine\n`);
      const second = await rollBack(workspace);
      assert.equal(second.files[0]?.how, 'kept');
      assert.match(await readFile(config, 'utf8'), /# mine/);
    }));
});
