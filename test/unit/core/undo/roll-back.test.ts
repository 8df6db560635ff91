/** Rolling a run back, on real databases: the bytes of before, or exactly the rows of the run. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UndoReport } from '../../../../src/core/undo/report';
import { hashTree, photograph, pick } from '../../../support/folders';
import { cell, column, edit, exactRows, columnsOf, quoted } from '../../../support/sqlite';
import { handlers, pathsOf, run, silent, withMigrated, withSample } from '../../../support/workspace';

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
      const { llm_costs: _, sqlite_sequence: __, ...others } = after;
      const { llm_costs: ___, sqlite_sequence: ____, ...othersBefore } = before;
      assert.deepEqual(others, othersBefore);
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
});
