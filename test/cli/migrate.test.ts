/** `jarvis-db migrate` and `jarvis-db validate`, the built command line on real workspaces. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assertBuilt, jarvisDb, jarvisDbJson } from '../support/cli';
import { hashTree, listFiles, photograph, pick } from '../support/folders';
import { askPython, hasPython, selectExact } from '../support/python';
import { cell, column, edit, exactRows, query } from '../support/sqlite';
import { pathsOf, stepOf, withMigrated, withSample } from '../support/workspace';
import { usageMapping as mapping, usageResidual as residual } from '../support/usage-mapping';

const adopted = [
  ['llm', 'llm_daily_stats'],
  ['llm', 'budget_alerts'],
  ['metrics', 'metrics_1m'],
  ['metrics', 'metrics_1h'],
  ['metrics', 'alert_history'],
] as const;
const involved = ['data/jarvis.db', 'data/jarvis_analytics.db', 'data/llm_costs.db', 'data/metrics.db'];
const isDatabase = (name: string): boolean => !name.startsWith('data/backups/') && name.endsWith('.db');
const isOutside = (name: string): boolean => !name.startsWith('data/backups/');

describe('jarvis-db migrate --analytics', function () {
  this.timeout(30_000);
  before(assertBuilt);

  for (const variant of [0, 1]) {
    it(`moves every value, keeps every file but the target, backs up first and tells the truth (variant ${variant})`, () =>
      withSample(async (workspace) => {
        const { llm, target } = pathsOf(workspace);
        const paths = pathsOf(workspace);
        const before = await hashTree(workspace);
        const stood = await query(
          target,
          "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
        );
        const headerBefore = await readFile(target);
        const { code, report } = await jarvisDbJson(workspace, 'migrate', '--analytics');
        assert.equal(code, 0);
        assert.equal(report.outcome, 'committed');
        assert.equal(report.error, null);

        // Every column as the mapping says, by value and storage class.
        assert.deepEqual(
          await exactRows(target, 'llm_costs', Object.keys(mapping)),
          await exactRows(llm, 'llm_usage', Object.values(mapping)),
        );
        assert.deepEqual(
          await column(target, "SELECT name FROM pragma_table_info('llm_costs')"),
          Object.keys({ id: 0, user_id: 0, ...mapping }),
        );
        assert.deepEqual(
          await exactRows(target, 'legacy_llm_usage', residual),
          await exactRows(llm, 'llm_usage', residual),
        );

        // Adopted tables are whole: rows, SQL, indexes, sequence.
        for (const [from, table] of adopted) {
          const columns = (await column(paths[from], `SELECT name FROM pragma_table_info('${table}')`)).map(String);
          assert.deepEqual(await exactRows(target, table, columns), await exactRows(paths[from], table, columns));
          const objects = `SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = '${table}' ORDER BY name`;
          assert.deepEqual(await query(target, objects), await query(paths[from], objects));
          const sequence = `SELECT seq FROM sqlite_sequence WHERE name = '${table}'`;
          assert.equal(await cell(target, sequence), await cell(paths[from], sequence));
        }

        // What stood there stands there, views included, in the same journal mode.
        const stands = await query(
          target,
          "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name",
        );
        assert.deepEqual(
          stands.filter(([type, name]) => stood.some((object) => object[0] === type && object[1] === name)),
          stood,
        );
        const headerAfter = await readFile(target);
        assert.deepEqual(headerAfter.subarray(18, 20), headerBefore.subarray(18, 20));
        assert.equal(headerAfter.readUInt32BE(24), headerBefore.readUInt32BE(24) + 1);
        assert.equal(headerAfter.readUInt32BE(40), headerBefore.readUInt32BE(40) + 1);
        assert.equal((await cell(target, 'SELECT count(*) FROM v_daily_llm_costs')) !== 0, true);

        // Every other file as it was, and nothing new but the run's folder.
        const after = await hashTree(workspace);
        const { 'data/jarvis_analytics.db': was, ...others } = before;
        const { 'data/jarvis_analytics.db': is, ...othersAfter } = pick(after, isOutside);
        assert.deepEqual(othersAfter, others);
        assert.notEqual(is, was);

        // The backup holds every file involved, byte for byte.
        assert.equal(report.backup, `data/backups/${report.run}`);
        for (const name of involved) assert.equal(after[`${report.backup}/${name}`], before[name]);
        assert.deepEqual(report.backedUp.map(({ path }) => path).sort(), involved);
        const names = (await listFiles(join(workspace, report.backup))).filter((name) => !name.endsWith('.db'));
        assert.deepEqual(names, [
          'MIGRATION-REPORT.md',
          'manifest.json',
          'migration_report.txt',
          'report.json',
          'request.json',
        ]);
        assert.equal(
          await readFile(join(workspace, report.backup, 'report.json'), 'utf8'),
          `${JSON.stringify(report, null, 2)}\n`,
        );

        // The report agrees with what an independent reader counts.
        for (const step of report.steps) {
          const file = join(workspace, step.legacy.database);
          assert.equal(step.legacy.rows, await cell(file, `SELECT count(*) FROM ${step.legacy.table}`));
          assert.equal(step.inserted, step.legacy.rows);
          assert.deepEqual([step.alreadyPresent, step.conflicts, step.rejected, step.leftBehind], [0, 0, 0, 0]);
          assert.deepEqual(step.validation, { schema: 'passed', counts: 'passed', cells: 'passed', rebuilt: 'passed' });
        }
        assert.deepEqual(stepOf(report, 'llm_usage').residual, {
          columns: residual.slice(1),
          kept: 'legacy_llm_usage',
          lostValues: 0,
          lost: [],
        });
        const [facts] = report.targets;
        assert.deepEqual([facts?.untouchedRows, facts?.integrity, facts?.foreignKeys], ['passed', 'passed', 'passed']);
        assert.deepEqual([facts?.sizeBefore, facts?.sizeAfter], [headerBefore.length, headerAfter.length]);
        assert.deepEqual([facts?.sha256Before, facts?.sha256After], [was, is]);
        assert.equal(is, createHash('sha256').update(headerAfter).digest('hex'));
        const criterion = report.criteria.find(({ label }) => label.startsWith('llm_usage records'));
        assert.deepEqual([criterion?.actual, criterion?.status], [stepOf(report, 'llm_usage').legacy.rows, 'passed']);
        assert.equal(report.criteria.find(({ label }) => label.startsWith('rate_configs'))?.status, 'notRun');
        assert.deepEqual(report.lost, { rows: 0, values: 0 });

        // Again: nothing.
        const again = await jarvisDbJson(workspace, 'migrate', '--analytics');
        assert.equal(again.code, 0);
        assert.equal(again.report.outcome, 'nothingToDo');
        assert.equal(
          again.report.steps.reduce((sum, step) => sum + step.inserted, 0),
          0,
        );
        assert.deepEqual(pick(await hashTree(workspace), isDatabase), pick(after, isDatabase));
        // Two runs within a second have a folder each.
        assert.notEqual(again.report.backup, report.backup);
      }, variant));
  }

  it('an independent reader, Python, finds every value where it belongs, bit for bit', async function () {
    if (!hasPython) return this.skip(); // No python3 with sqlite3 on this machine.
    await withMigrated(async (workspace) => {
      const { llm, metrics, target } = pathsOf(workspace);
      const adoptedOf = (table: string): string => `SELECT * FROM ${table}`;
      const [usage, kept, stats] = await askPython(llm, [
        selectExact('llm_usage', Object.values(mapping)),
        selectExact('llm_usage', residual),
        adoptedOf('llm_daily_stats'),
      ]);
      const [minutes] = await askPython(metrics, [adoptedOf('metrics_1m')]);
      assert.deepEqual(
        await askPython(target, [
          selectExact('llm_costs', Object.keys(mapping)),
          selectExact('legacy_llm_usage', residual),
          adoptedOf('llm_daily_stats'),
          adoptedOf('metrics_1m'),
          'PRAGMA integrity_check',
        ]),
        [usage, kept, stats, minutes, [['text:6f6b']]],
      );
      assert.equal(usage?.length, 28);
      assert.equal(minutes?.length, 6);
    }, 1);
  });

  it('the documented call: 100 and 50 tokens, 9.9e-05 USD', () =>
    withMigrated(async (workspace) => {
      assert.deepEqual(
        await query(
          pathsOf(workspace).target,
          'SELECT provider, model, prompt_tokens, completion_tokens, total_tokens, cost_usd, feature, timestamp, user_id FROM llm_costs WHERE id = 1',
        ),
        [
          [
            'groq',
            'llama-3.3-70b-versatile',
            100,
            50,
            150,
            9.9e-5,
            'legacy_import',
            '2026-01-24T01:09:04.119226+00:00',
            null,
          ],
        ],
      );
    }));

  it('predecessor: a dry run created the backup folder and a report; ours leaves names, bytes and times as they were', () =>
    withSample(async (workspace) => {
      const stood = await photograph(workspace);
      const { code, report, stderr } = await jarvisDbJson(workspace, 'migrate', '--analytics', '--dry-run');
      assert.equal(code, 0);
      assert.deepEqual([report.dryRun, report.outcome, report.backup], [true, 'committed', null]);
      assert.equal(stepOf(report, 'llm_usage').inserted, 25);
      assert.deepEqual(report.backedUp, []);
      assert.doesNotMatch(stderr, /Backed up/);
      assert.deepEqual(await photograph(workspace), stood);
    }));

  it('--backup-only copies every database involved, verified, and changes nothing else', () =>
    withSample(async (workspace) => {
      const before = await hashTree(workspace);
      const { code, report } = await jarvisDbJson(workspace, 'migrate', '--analytics', '--backup-only');
      assert.equal(code, 0);
      assert.equal(report.outcome, 'nothingToDo');
      const after = await hashTree(workspace);
      assert.deepEqual(pick(after, isOutside), before);
      for (const name of involved) assert.equal(after[`${report.backup}/${name}`], before[name]);
      assert.deepEqual(
        report.backedUp.map(({ path, sha256 }) => [path, sha256]).sort(),
        involved.map((name) => [name, before[name]]),
      );
      assert.equal(stepOf(report, 'llm_usage').leftBehind, 25);
    }));

  it('predecessor: a backup of nothing reported success', () =>
    withSample(async (workspace) => {
      for (const name of involved) await rm(join(workspace, name));
      const { code } = await jarvisDbJson(workspace, 'migrate', '--analytics', '--backup-only');
      assert.equal(code, 3);
    }));

  it('writes for people where --json is not said', () =>
    withSample(async (workspace) => {
      const { code, stdout } = await jarvisDb(['migrate', '--analytics', '--dry-run', '--workspace', workspace]);
      assert.equal(code, 0);
      assert.match(stdout, /llm_usage/);
      assert.throws(() => JSON.parse(stdout) as unknown);
    }));

  it('works from the current folder, and with --data', () =>
    withSample(async (workspace) => {
      const here = await jarvisDb(['migrate', '--analytics', '--dry-run', '--json'], { cwd: workspace });
      assert.equal(here.code, 0);
      const given = await jarvisDb(['migrate', '--analytics', '--dry-run', '--json', '--data', 'data'], {
        cwd: workspace,
      });
      assert.equal(given.code, 0);
      const outside = await jarvisDb(
        ['migrate', '--analytics', '--dry-run', '--json', '--data', join(workspace, 'data')],
        { cwd: '/' },
      );
      assert.equal(outside.code, 0, outside.stderr);
    }));

  it('exits with 1, and one document, where the target refuses rows', () =>
    withSample(async (workspace) => {
      await edit(pathsOf(workspace).target, 'CREATE UNIQUE INDEX one ON llm_costs (provider)');
      const before = pick(await hashTree(workspace), isDatabase);
      const { code, report } = await jarvisDbJson(workspace, 'migrate', '--analytics');
      assert.deepEqual([code, report.outcome, report.error?.code], [1, 'rolledBack', 'rejected-rows']);
      assert.deepEqual(pick(await hashTree(workspace), isDatabase), before);
      const step = stepOf(report, 'llm_usage');
      assert.equal(step.rejected + step.leftBehind, 25);
      assert.ok(step.rejected > 0);
      assert.equal(report.rejects.length, step.rejected);
      assert.ok(
        report.rejects.every(
          ({ table, rowid, reason }) => table === 'llm_usage' && rowid !== null && reason.includes('UNIQUE'),
        ),
      );
      assert.ok((await listFiles(workspace)).includes(`${report.backup}/MIGRATION-REPORT.md`));
    }));
});

describe('jarvis-db validate', function () {
  this.timeout(30_000);
  before(assertBuilt);

  it('fails before the migration and passes after it, and writes nothing at all', () =>
    withSample(async (workspace) => {
      const stood = await photograph(workspace);
      const first = await jarvisDbJson(workspace, 'validate', '--analytics');
      assert.deepEqual([first.code, first.report.error?.code], [1, 'validation-failed']);
      assert.deepEqual(await photograph(workspace), stood);
      assert.equal((await jarvisDb(['migrate', '--analytics', '--workspace', workspace])).code, 0);
      const migrated = await photograph(workspace);
      const second = await jarvisDbJson(workspace, 'validate', '--analytics');
      assert.deepEqual([second.code, second.report.error], [0, null]);
      assert.deepEqual(await photograph(workspace), migrated);
    }, 1));

  const changes: readonly (readonly [string, 'llm' | 'target', string])[] = [
    ['a changed legacy row', 'llm', 'UPDATE llm_usage SET cost_usd = cost_usd + 1 WHERE id = 7'],
    ['a changed target row', 'target', "UPDATE llm_costs SET model = 'x' WHERE id = 7"],
    ['a deleted target row', 'target', 'DELETE FROM llm_costs WHERE id = 7'],
    ['an adopted table that was dropped', 'target', 'DROP TABLE llm_daily_stats'],
  ];
  for (const [what, file, sql] of changes) {
    it(`fails with ${what}`, () =>
      withMigrated(async (workspace) => {
        await edit(pathsOf(workspace)[file], sql);
        const { code, report } = await jarvisDbJson(workspace, 'validate', '--analytics');
        assert.deepEqual([code, report.error?.code], [1, 'validation-failed']);
      }));
  }
});
