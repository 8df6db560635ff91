/** `archive` and `restore` as scripts call them: exit codes, one JSON document, and nothing moved by mistake. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchiveDocument, RestoreDocument } from '../../src/cli/archive-command';
import { assertBuilt, jarvisDb, type Finished } from '../support/cli';
import { hashTree, photograph } from '../support/folders';
import { edit } from '../support/sqlite';
import { pathsOf, withMigrated, withSample } from '../support/workspace';

async function archiveJson(
  workspace: string,
  ...args: readonly string[]
): Promise<Finished & { readonly document: ArchiveDocument }> {
  const finished = await jarvisDb(['archive', '--json', ...args, '--workspace', workspace]);
  return { ...finished, document: JSON.parse(finished.stdout) as ArchiveDocument };
}

async function restoreJson(
  workspace: string,
  ...args: readonly string[]
): Promise<Finished & { readonly document: RestoreDocument }> {
  const finished = await jarvisDb(['restore', '--json', ...args, '--workspace', workspace]);
  return { ...finished, document: JSON.parse(finished.stdout) as RestoreDocument };
}

describe('jarvis-db archive and restore', function () {
  this.timeout(60_000);
  before(assertBuilt);

  it('predecessor: any unknown argument, even --help or a mistyped --dry-run, archived for real', () =>
    withMigrated(async (workspace) => {
      const stood = await photograph(workspace);
      for (const args of [
        ['archive', '--dryrun'],
        ['archive', '--dry_run'],
        ['archive', '--dry-run=true'],
        ['archive', '-n'],
        ['archive', '--no-dry-run'],
        ['archive', 'all'],
        ['archive', '--plan', ''],
        ['archive', '--analytics'],
        ['restore', '--dry-run'],
        ['restore', 'latest'],
        ['restore', '../2026-01-26'],
        ['restore', '2026-01-26-1'],
        ['restore', '2026-01-26', '2026-01-27'],
      ]) {
        const { code, stdout, stderr } = await jarvisDb(args, { cwd: workspace });
        assert.deepEqual([code, stdout], [2, ''], args.join(' '));
        assert.match(stderr, /usage:/);
      }
      for (const args of [
        ['archive', '--help'],
        ['restore', '-h'],
      ]) {
        const { code, stderr } = await jarvisDb(args, { cwd: workspace });
        assert.deepEqual([code, stderr], [0, '']);
      }
      assert.deepEqual(await photograph(workspace), stood);
    }));

  it('a dry run names what would move and writes nothing; then it moves, comes back, and is found there', () =>
    withMigrated(async (workspace) => {
      const stood = await photograph(workspace);
      const dry = await archiveJson(workspace, '--dry-run');
      assert.deepEqual([dry.code, dry.document.dryRun, dry.document.archive], [0, true, null]);
      assert.deepEqual(await photograph(workspace), stood);
      const done = await archiveJson(workspace);
      assert.deepEqual([done.code, done.document.error], [0, null]);
      assert.deepEqual(done.document.complete, dry.document.complete);
      assert.match(done.stderr, /Archived 2 databases to data\/archive\//);
      const again = await jarvisDb(['archive', '--workspace', workspace]);
      // Three databases of other domains are left, whose rows are nowhere yet.
      assert.equal(again.code, 1);
      assert.match(again.stdout, /Nothing to archive\.\nNot archived, rows would be left behind: 3 databases/);
      const name = done.document.archive?.split('/').at(-1) ?? '';
      const back = await restoreJson(workspace, name);
      assert.deepEqual([back.code, back.document.restored], [0, ['data/llm_costs.db', 'data/metrics.db']]);
      const idle = await jarvisDb(['restore', '--workspace', workspace]);
      assert.deepEqual([idle.code, idle.stdout], [0, `Nothing to restore: all of ${name} is there already.\n`]);
    }));

  it('exits with 1 where rows would be left behind, with 3 where it refuses; a document either way', () =>
    withSample(async (workspace) => {
      const early = await archiveJson(workspace);
      assert.deepEqual([early.code, early.document.archive, early.document.refused.length], [1, null, 5]);
      const missing = await restoreJson(workspace);
      assert.deepEqual([missing.code, missing.document.error?.code], [3, 'archive-missing']);
      await writeFile(pathsOf(workspace).llm, '');
      const damaged = await archiveJson(workspace);
      assert.deepEqual([damaged.code, damaged.document.error?.code], [3, 'empty-file']);
      const nowhere = await archiveJson(join(workspace, 'nowhere'));
      assert.deepEqual([nowhere.code, nowhere.document.error?.code], [3, 'workspace-missing']);
    }));

  it('exits with 3 where the folder of the archive cannot be made: nothing was touched', () =>
    withMigrated(async (workspace) => {
      await writeFile(join(workspace, 'data', 'archive'), '');
      const before = await hashTree(workspace);
      const { code, document } = await archiveJson(workspace);
      assert.deepEqual([code, document.error?.code], [3, 'backup-failed']);
      assert.match(document.error?.message ?? '', /^The archive's folder cannot be made: /);
      assert.deepEqual(await hashTree(workspace), before);
    }));

  it('archives the complete databases beside one that is not, and exits with 0', () =>
    withMigrated(async (workspace) => {
      await edit(pathsOf(workspace).llm, 'UPDATE llm_usage SET cost_usd = 99 WHERE id = 3');
      const { code, stdout } = await jarvisDb(['archive', '--workspace', workspace]);
      assert.equal(code, 0);
      assert.match(stdout, /Archived 1 database to .*:\n {2}data\/metrics\.db/);
      assert.match(stdout, /✗ data\/llm_costs\.db\n {6}llm_usage: 1 of 25 rows changed on one side/);
    }));
});
