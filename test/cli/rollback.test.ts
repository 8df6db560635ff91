/** The built command line: roll back, list and restore backups, and what each ends with. */
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupList } from '../../src/core/undo/backup-list';
import type { UndoReport } from '../../src/core/undo/report';
import { assertBuilt, jarvisDb } from '../support/cli';
import { hashTree, photograph, pick } from '../support/folders';
import { edit } from '../support/sqlite';
import { pathsOf, run, withMigrated, withSample } from '../support/workspace';

const outsideBackups = (path: string): boolean => !path.startsWith('data/backups/');

interface Answer<T> {
  readonly code: number | null;
  readonly document: T;
}

async function ask(workspace: string, args: readonly string[]): Promise<Answer<unknown>> {
  const { code, stdout } = await jarvisDb([...args, '--json', '--workspace', workspace]);
  // JSON.parse takes one document and nothing else.
  return { code, document: JSON.parse(stdout) };
}

const undo = (workspace: string, ...args: readonly string[]): Promise<Answer<UndoReport>> =>
  ask(workspace, args) as Promise<Answer<UndoReport>>;

const list = (workspace: string, ...args: readonly string[]): Promise<Answer<BackupList>> =>
  ask(workspace, args) as Promise<Answer<BackupList>>;

describe('jarvis-db rollback', () => {
  before(assertBuilt);

  it('ends with 0, prints one document, and leaves its report beside the copies of what was there', () =>
    withSample(async (workspace) => {
      const before = await hashTree(workspace);
      const { run: id } = await run(workspace);
      const migrated = await hashTree(workspace);
      const { code, document } = await undo(workspace, 'rollback');
      assert.equal(code, 0);
      assert.deepEqual([document.outcome, document.rolledBack, document.dryRun], ['committed', id, false]);
      const after = await hashTree(workspace);
      assert.deepEqual(pick(after, outsideBackups), before);
      const { backup } = document;
      assert.ok(backup !== null);
      assert.equal(after[`${backup}/data/jarvis_analytics.db`], migrated['data/jarvis_analytics.db']);
      assert.deepEqual(JSON.parse(await readFile(join(workspace, backup, 'report.json'), 'utf8')), document);
      assert.match(await readFile(join(workspace, backup, 'ROLLBACK-REPORT.md'), 'utf8'), /^# Rollback `/);
    }));

  it('writes nothing in a dry run', () =>
    withMigrated(async (workspace) => {
      const before = await photograph(workspace);
      const { code, document } = await undo(workspace, 'rollback', '--dry-run');
      assert.deepEqual([code, document.outcome, document.backup], [0, 'committed', null]);
      assert.deepEqual(await photograph(workspace), before);
    }));

  it('ends with 0 and says so where there is no run to roll back', () =>
    withSample(async (workspace) => {
      const { code, stdout } = await jarvisDb(['rollback', '--workspace', workspace]);
      assert.deepEqual([code, stdout], [0, 'There is no run to roll back.\n']);
    }));

  it('P16: ends with 3 where the last run is known and no backup is left', () =>
    withMigrated(async (workspace) => {
      await rm(join(workspace, 'data', 'backups'), { recursive: true });
      const { code, document } = await undo(workspace, 'rollback');
      assert.deepEqual([code, document.outcome, document.error?.code], [3, 'refused', 'backup-damaged']);
    }));

  it('ends with 1 where everything that is left of the run must stay', () =>
    withMigrated(async (workspace) => {
      const config = join(workspace, 'config', 'rate_limits.yaml');
      await run(workspace, 'migrate', ['cache']);
      await writeFile(config, `${await readFile(config, 'utf8')}# mine\n`);
      const target = join(workspace, 'data', 'jarvis_cache.db');
      const backups = (await list(workspace, 'backups')).document.backups;
      const copy = await readFile(join(workspace, backups[0]?.folder ?? '', 'data', 'jarvis_cache.db'));
      await writeFile(target, copy);
      const { code, document } = await undo(workspace, 'rollback');
      assert.deepEqual([code, document.error?.code], [1, 'validation-failed']);
      assert.match(await readFile(config, 'utf8'), /# mine/);
    }));

  const wrong: readonly (readonly string[])[] = [
    ['rollback', '20000101_000000'],
    ['rollback', 'a', 'b'],
    ['rollback', ''],
    ['rollback', '--force'],
    ['restore-backup'],
    ['restore-backup', '20000101_000000'],
    ['backups', 'all'],
  ];
  for (const args of wrong) {
    it(`ends with 2 and changes nothing: ${args.join(' ') || "''"}`, () =>
      withMigrated(async (workspace) => {
        const before = await hashTree(workspace);
        assert.equal((await jarvisDb([...args, '--workspace', workspace])).code, 2);
        assert.deepEqual(await hashTree(workspace), before);
      }));
  }

  it('P15, P16: ends with 3 where a run is under way, and where a copy was altered', () =>
    withMigrated(async (workspace) => {
      const lock = join(workspace, 'data', '.jarvis-db.lock');
      await writeFile(lock, JSON.stringify({ pid: 1, host: 'elsewhere', nonce: 'x' }));
      const locked = await undo(workspace, 'rollback');
      assert.deepEqual([locked.code, locked.document.error?.code], [3, 'locked']);
      await rm(lock);
      const [backup] = (await list(workspace, 'backups')).document.backups;
      await writeFile(join(workspace, backup?.folder ?? '', 'data', 'llm_costs.db'), 'altered');
      const damaged = await undo(workspace, 'rollback');
      assert.deepEqual([damaged.code, damaged.document.error?.code], [3, 'backup-damaged']);
      assert.match(damaged.document.error?.message ?? '', /llm_costs\.db/);
      const verified = await list(workspace, 'backups', '--verify');
      assert.equal(verified.code, 1);
      assert.deepEqual(
        verified.document.backups[0]?.files
          .filter(({ state }) => state !== 'intact')
          .map(({ path, state }) => [path, state]),
        [['data/llm_costs.db', 'altered']],
      );
    }));
});

describe('jarvis-db backups and restore-backup', () => {
  before(assertBuilt);

  it('lists what became of each run, newest first', () =>
    withMigrated(async (workspace) => {
      await jarvisDb(['rollback', '--workspace', workspace]);
      const { code, document } = await list(workspace, 'backups', '--verify');
      assert.equal(code, 0);
      assert.deepEqual(
        document.backups.map(({ state }) => state),
        ['rollback', 'rolledBack'],
      );
      assert.equal(document.backups[0]?.other, document.backups[1]?.run);
      assert.ok(document.backups.every(({ files }) => files.every(({ state }) => state === 'intact')));
    }));

  it('names folders without a manifest, in text as in JSON', () =>
    withMigrated(async (workspace) => {
      const [backup] = (await list(workspace, 'backups')).document.backups;
      const id = backup?.run ?? '';
      await rm(join(workspace, backup?.folder ?? '', 'manifest.json'));
      assert.deepEqual((await list(workspace, 'backups')).document.withoutManifest, [id]);
      const { code, stdout } = await jarvisDb(['backups', '--workspace', workspace]);
      assert.equal(code, 0);
      assert.equal(stdout, `There are no backups.\n${id}  no manifest.json: no copies that could be restored\n`);
    }));

  it('puts every file of a backup back, changed and missing ones, and keeps what was there', () =>
    withSample(async (workspace) => {
      const before = await hashTree(workspace);
      const { run: id } = await run(workspace);
      const { target, llm, metrics } = pathsOf(workspace);
      await edit(target, 'CREATE TABLE later (x)');
      await edit(llm, 'DELETE FROM llm_usage');
      await rm(metrics);
      const spoiled = await hashTree(workspace);
      const { code, document } = await undo(workspace, 'restore-backup', id);
      assert.deepEqual([code, document.outcome], [0, 'committed']);
      const after = await hashTree(workspace);
      assert.deepEqual(pick(after, outsideBackups), before);
      assert.equal(after[`${document.backup ?? ''}/data/llm_costs.db`], spoiled['data/llm_costs.db']);
      assert.equal((await undo(workspace, 'restore-backup', id)).document.outcome, 'nothingToDo');
    }));

  it('puts one file back and leaves the others', () =>
    withMigrated(async (workspace) => {
      const { llm, metrics } = pathsOf(workspace);
      const before = await hashTree(workspace);
      await edit(llm, 'DELETE FROM llm_usage');
      await edit(metrics, 'CREATE TABLE later (x)');
      const changed = await hashTree(workspace);
      const [backup] = (await list(workspace, 'backups')).document.backups;
      const { code } = await undo(workspace, 'restore-backup', backup?.run ?? '', '--file', 'data/llm_costs.db');
      assert.equal(code, 0);
      const after = await hashTree(workspace);
      assert.equal(after['data/llm_costs.db'], before['data/llm_costs.db']);
      assert.equal(after['data/metrics.db'], changed['data/metrics.db']);
      const unknown = await undo(workspace, 'restore-backup', backup?.run ?? '', '--file', 'data/none.db');
      assert.equal(unknown.code, 2);
    }));
});
