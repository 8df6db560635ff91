/** Archiving on real databases: what moves, what stays and why, and that nothing is overwritten. */
import assert from 'node:assert/strict';
import { chmod, copyFile, link, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { archive, planArchive } from '../../../../src/core/archive/archive';
import type { ArchivePorts } from '../../../../src/core/archive/examine';
import type { ArchiveResult } from '../../../../src/core/archive/model';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { FaultyFileStore, type Script } from '../../../fixtures/faulty-file-store';
import { refusal, refusesUnchanged } from '../../../fixtures/refusals';
import { hashOf } from '../../../fixtures/temporary-folder';
import { hashTree, photograph, pick } from '../../../support/folders';
import { loadEngine } from '../../../support/plans';
import { edit } from '../../../support/sqlite';
import { handlers, pathsOf, silent, withMigrated, withSample } from '../../../support/workspace';

const noBackups = (name: string): boolean => !name.startsWith('data/backups/');

interface Manifest {
  readonly state: string;
  readonly databases: readonly {
    readonly database: string;
    readonly files: readonly { readonly path: string; readonly sha256: string; readonly copy: string }[];
  }[];
}

async function manifestOf(workspace: string, archiveFolder: string | null): Promise<Manifest> {
  assert.ok(archiveFolder !== null);
  return JSON.parse(await readFile(join(workspace, archiveFolder, 'manifest.json'), 'utf8')) as Manifest;
}

function archiveNow(workspace: string): Promise<ArchiveResult> {
  return handlers['archive.run']({ workspace, dataFolder: 'data', applicationStopped: true }, silent);
}

/** The ports of a test: the machine's files through a script, and nobody who has them open. */
async function portsWith(script: Script): Promise<ArchivePorts> {
  return {
    files: new FaultyFileStore(nodeFileStore, script),
    holders: { find: (files) => Promise.resolve(files.map(() => ({ kind: 'none' }))) },
    engine: await loadEngine(),
    checker: null,
    availableMemory: () => Infinity,
    now: () => new Date(2026, 0, 26, 13, 2, 39),
    self: { pid: process.pid, host: 'here', nonce: 'n', isAlive: () => true, life: null, lifeOf: () => null },
    version: '0.1.0',
    onProgress: () => Promise.resolve(),
    beginPublishing: () => Promise.resolve(),
  };
}

function requestFor(workspace: string): Parameters<typeof archive>[1] {
  return {
    workspace,
    dataFolder: join(workspace, 'data'),
    planFile: null,
    rateLimits: 'file',
    applicationStopped: true,
    openAnyway: false,
    expected: null,
  };
}

const reasonsOf = ({ refused }: Pick<ArchiveResult, 'refused'>, database: string): string =>
  refused.find((entry) => entry.database === `data/${database}`)?.reasons.join('; ') ?? '';

describe('archiving', function () {
  this.timeout(60_000);

  it('moves the complete databases with their bytes, leaves the others, and says why', () =>
    withMigrated(async (workspace) => {
      const before = pick(await hashTree(workspace), noBackups);
      const result = await archiveNow(workspace);
      assert.deepEqual(
        result.complete.map(({ database, rows }) => [database, rows]),
        [
          ['data/llm_costs.db', 28],
          ['data/metrics.db', 0],
        ],
      );
      assert.match(reasonsOf(result, 'telegram_memory.db'), /messages: 1734 of 1734 rows are in no consolidated/);
      const manifest = await manifestOf(workspace, result.archive);
      assert.equal(manifest.state, 'done');
      const after = pick(await hashTree(workspace), noBackups);
      const moved = ['data/llm_costs.db', 'data/metrics.db'];
      for (const name of moved) {
        assert.equal(after[name], undefined);
        assert.equal(after[`${result.archive ?? ''}/${name}`], before[name]);
        const [main] = manifest.databases.find(({ database }) => database === name)?.files ?? [];
        assert.equal(main?.sha256, before[name]);
      }
      for (const [name, hash] of Object.entries(before))
        if (!moved.includes(name)) assert.equal(after[name], hash, name);
    }));

  it('a plan of it writes nothing at all, and names the same databases', () =>
    withMigrated(async (workspace) => {
      const stood = await photograph(workspace);
      const plan = await handlers['archive.plan']({ workspace, dataFolder: 'data' }, silent);
      assert.deepEqual(await photograph(workspace), stood);
      assert.deepEqual((await archiveNow(workspace)).complete, plan.complete);
    }));

  it('predecessor: rows that nothing had copied were archived as done', () =>
    withSample(async (workspace) => {
      const before = await hashTree(workspace);
      const result = await archiveNow(workspace);
      assert.deepEqual([result.archive, result.complete], [null, []]);
      // A database without a row is not complete because there was nothing to look for.
      assert.match(reasonsOf(result, 'metrics.db'), /holds no row, and none of its tables has been migrated/);
      assert.deepEqual(await hashTree(workspace), before);
    }));

  it('predecessor: three 0-byte targets passed the check before archiving', () =>
    withMigrated(async (workspace) => {
      for (const name of ['core', 'analytics', 'cache'])
        await writeFile(join(workspace, 'data', `jarvis_${name}.db`), '');
      await refusesUnchanged(workspace, 'empty-file', () => archiveNow(workspace));
    }));

  it('refuses while a consolidated database is missing, damaged, or another one', () =>
    withMigrated(async (workspace) => {
      const { target } = pathsOf(workspace);
      const bytes = await readFile(target);
      await rename(target, `${target}.away`);
      await refusesUnchanged(workspace, 'target-missing', () => archiveNow(workspace));
      await writeFile(target, Uint8Array.from(bytes).fill(7, 5000, 9000));
      await refusesUnchanged(workspace, 'damaged', () => archiveNow(workspace));
      // With every table that the plan maps to, and none of the rows.
      await copyFile(`${target}.away`, target);
      await edit(target, 'DELETE FROM llm_costs; DELETE FROM llm_daily_stats');
      const result = await archiveNow(workspace);
      assert.match(reasonsOf(result, 'llm_costs.db'), /llm_usage: 25 of 25 rows changed on one side/);
      assert.ok(!result.complete.some(({ database }) => database === 'data/llm_costs.db'));
    }));

  const incomplete: readonly (readonly [what: string, sql: string, reason: RegExp])[] = [
    [
      'a row that came since',
      "INSERT INTO llm_daily_stats (date, provider, model, total_requests, successful_requests, total_input_tokens, total_output_tokens, total_cost_usd) VALUES ('2030-01-01', 'p', 'm', 1, 1, 1, 1, 1)",
      /llm_daily_stats: 1 of 4 rows are in no consolidated database/,
    ],
    [
      'a value that changed since',
      'UPDATE llm_usage SET cost_usd = 99 WHERE id = 3',
      /llm_usage: 1 of 25 rows changed/,
    ],
    [
      'a residual value that changed since',
      'UPDATE llm_usage SET latency_ms = -1 WHERE id = 3',
      /1 of 25 rows changed/,
    ],
    [
      'a table that no step names',
      'CREATE TABLE later (a); INSERT INTO later VALUES (1)',
      /later: 1 row is in no step of the plan/,
    ],
    [
      'a full-text table that no step names',
      "CREATE VIRTUAL TABLE notes USING fts4(body); INSERT INTO notes VALUES ('kept')",
      /notes: /,
    ],
  ];
  for (const [what, sql, reason] of incomplete) {
    it(`refuses a database with ${what}, and archives the others`, () =>
      withMigrated(async (workspace) => {
        await edit(pathsOf(workspace).llm, sql);
        const bytes = await readFile(pathsOf(workspace).llm);
        const result = await archiveNow(workspace);
        assert.match(reasonsOf(result, 'llm_costs.db'), reason);
        assert.deepEqual(
          result.complete.map(({ database }) => database),
          ['data/metrics.db'],
        );
        assert.deepEqual(await readFile(pathsOf(workspace).llm), bytes);
      }));
  }

  it('a table without a row needs no step', () =>
    withMigrated(async (workspace) => {
      await edit(pathsOf(workspace).llm, 'CREATE TABLE later (a)');
      assert.equal((await archiveNow(workspace)).complete.length, 2);
    }));

  it('rows that the plan skips are left behind: their database stays', () =>
    withMigrated(async (workspace) => {
      const { text } = await handlers['plan.print'](
        { workspace, dataFolder: 'data', planFile: null, rateLimits: 'file' },
        silent,
      );
      const plan = JSON.parse(text) as { steps: { legacy: { table: string } }[] };
      plan.steps = plan.steps.map((step) =>
        step.legacy.table === 'llm_daily_stats'
          ? { domain: 'analytics', strategy: 'skip', legacy: step.legacy, reason: 'not wanted' }
          : step,
      );
      plan.steps = plan.steps.filter(({ legacy }) => /^(?:llm_|budget)/.test(legacy.table));
      await writeFile(join(workspace, 'jarvis.plan.json'), JSON.stringify({ ...plan, criteria: [] }));
      const result = await archiveNow(workspace);
      assert.match(reasonsOf(result, 'llm_costs.db'), /llm_daily_stats: 3 rows are skipped by the plan \(not wanted\)/);
    }));

  it('predecessor: -wal and -shm stayed behind, and the application recreated the database beside them', () =>
    withMigrated(async (workspace) => {
      const { llm } = pathsOf(workspace);
      const journal = new Uint8Array(512);
      await writeFile(`${llm}-wal`, '');
      await writeFile(`${llm}-journal`, journal);
      await writeFile(`${llm}-shm`, 'an index of a log');
      const { archive: folder } = await archiveNow(workspace);
      const after = pick(await hashTree(workspace), (name) => name.includes('llm_costs') && noBackups(name));
      const copy = `${folder ?? ''}/data/llm_costs.db`;
      assert.deepEqual(Object.keys(after), [copy, `${copy}-journal`, `${copy}-wal`]);
      assert.equal(after[`${copy}-journal`], hashOf(journal));
    }));

  it('predecessor: a second run on one day overwrote the archived copy with the new empty file', () =>
    withMigrated(async (workspace) => {
      const { llm } = pathsOf(workspace);
      const original = await readFile(llm);
      const first = await archiveNow(workspace);
      const kept = pick(await hashTree(workspace), (name) => name.startsWith('data/archive/'));
      await writeFile(llm, '');
      await refusal(() => archiveNow(workspace), 'empty-file');
      // And as the application makes it: a database with its tables and nothing in them.
      await writeFile(llm, original);
      await edit(llm, 'DELETE FROM llm_usage; DELETE FROM llm_daily_stats');
      const second = await archiveNow(workspace);
      assert.equal(second.archive, `${first.archive ?? ''}-2`);
      const now = await hashTree(workspace);
      for (const [name, hash] of Object.entries(kept)) assert.equal(now[name], hash, name);
    }));

  it('predecessor: the manifest was written last; here it names every file before the first copy is made', () =>
    withMigrated(async (workspace) => {
      const seen: string[] = [];
      const ports = await portsWith(async ({ method, path }) => {
        if (method !== 'writeNew' || !path.endsWith('.db') || !path.includes('archive')) return;
        const manifest = await manifestOf(workspace, 'data/archive/2026-01-26');
        seen.push(`${manifest.state} ${manifest.databases.map(({ database }) => basename(database)).join()}`);
      });
      await archive(ports, requestFor(workspace));
      assert.deepEqual([...new Set(seen)], ['copying llm_costs.db,metrics.db']);
    }));

  it('predecessor: a checksum that differed counted as success; here nothing is moved', () =>
    withMigrated(async (workspace) => {
      const before = pick(await hashTree(workspace), noBackups);
      const ports = await portsWith(({ method, path }) =>
        method === 'writeNew' && path.endsWith('metrics.db') ? { kind: 'cut' } : undefined,
      );
      await refusal(() => archive(ports, requestFor(workspace)), 'backup-failed');
      const after = pick(await hashTree(workspace), noBackups);
      for (const [name, hash] of Object.entries(before)) assert.equal(after[name], hash, name);
      assert.equal((await manifestOf(workspace, 'data/archive/2026-01-26')).state, 'withdrawn');
    }));

  it('P5: what is written between proof and move stays, and nothing is moved', () =>
    withMigrated(async (workspace) => {
      const { llm } = pathsOf(workspace);
      const ports = await portsWith(async ({ method, path }) => {
        if (method === 'makeNewFolder' && path.endsWith('2026-01-26'))
          await edit(llm, 'UPDATE llm_usage SET cost_usd = 7 WHERE id = 1');
      });
      await refusal(() => archive(ports, requestFor(workspace)), 'changed-since');
      const now = await hashTree(workspace);
      assert.ok(now['data/llm_costs.db'] !== undefined && now['data/metrics.db'] !== undefined);
    }));

  it('P6: what is written after the copies were committed is not removed with them', () =>
    withMigrated(async (workspace) => {
      const { llm, metrics } = pathsOf(workspace);
      const ports = await portsWith(async ({ method, path }) => {
        if (method === 'remove' && path === llm)
          await edit(metrics, "INSERT INTO metrics_1h (timestamp, component) VALUES ('2030', 'c')");
      });
      const result = await archive(ports, requestFor(workspace));
      assert.match(result.warnings.map(({ message }) => message).join(), /metrics\.db is not what was archived/);
      const now = await hashTree(workspace);
      assert.ok(now['data/llm_costs.db'] === undefined && now['data/metrics.db'] !== undefined);
    }));

  it('L1, L3: a database that another process has open is not moved, nor one that is opened meanwhile', () =>
    withMigrated(async (workspace) => {
      for (const look of [1, 2, 3]) {
        let looks = 0;
        const ports: ArchivePorts = {
          ...(await portsWith(() => undefined)),
          holders: {
            find: (files) =>
              Promise.resolve(
                files.map(() =>
                  ++looks > (look - 1) * 2
                    ? { kind: 'held', holders: [{ pid: 42, command: 'jarvis' }] }
                    : { kind: 'none' },
                ),
              ),
          },
        };
        // The first look is that of the plan, which only tells.
        await refusal(() => archive(ports, requestFor(workspace)), 'in-use');
        const now = await hashTree(workspace);
        assert.ok(now['data/llm_costs.db'] !== undefined && now['data/metrics.db'] !== undefined);
      }
    }));

  it('P15: refuses while a run is under way', () =>
    withMigrated(async (workspace) => {
      await writeFile(
        join(workspace, 'data', '.jarvis-db.lock'),
        JSON.stringify({ pid: 1, host: 'elsewhere', nonce: 'x' }),
      );
      await refusesUnchanged(workspace, 'locked', () => archiveNow(workspace));
    }));

  it('P7: what fails before anything is moved is told apart from what fails while it is', () =>
    withMigrated(async (workspace) => {
      const { llm, metrics } = pathsOf(workspace);
      const fails =
        (method: string, end: string, code: string): Script =>
        (call) =>
          call.method === method && call.path.endsWith(end) ? { kind: 'fail', code } : undefined;
      for (const [script, code, message] of [
        [fails('makeFolder', 'archive', 'EEXIST'), 'backup-failed', /^The archive's folder cannot be made: /],
        [fails('writeNew', 'manifest.json.new', 'EIO'), 'backup-failed', /^Nothing was moved\. Copying .* failed: /],
        [fails('writeNew', 'manifest.json.new', 'ENOSPC'), 'no-space', /^Nothing was moved\. Copying .* failed: /],
      ] as const) {
        const ports = await portsWith(script);
        const error = await refusal(() => archive(ports, requestFor(workspace)), code);
        assert.match(error.message, message);
        const now = await hashTree(workspace);
        assert.ok(now['data/llm_costs.db'] !== undefined && now['data/metrics.db'] !== undefined);
      }
      const ports = await portsWith(({ method, path }) =>
        method === 'remove' && path === metrics ? { kind: 'fail', code: 'EIO' } : undefined,
      );
      await refusal(() => archive(ports, requestFor(workspace)), 'archive-failed');
      const now = Object.keys(await hashTree(workspace));
      assert.ok(!now.includes('data/llm_costs.db') && now.includes('data/metrics.db'), llm);
    }));

  it('P7: a full disk moves nothing', () =>
    withMigrated(async (workspace) => {
      const ports = await portsWith(({ method, path }) =>
        method === 'writeNew' && path.endsWith('archive/2026-01-26/data/metrics.db')
          ? { kind: 'fail', code: 'ENOSPC' }
          : undefined,
      );
      await refusal(() => archive(ports, requestFor(workspace)), 'backup-failed');
      const now = pick(await hashTree(workspace), noBackups);
      assert.ok(now['data/llm_costs.db'] !== undefined && now['data/metrics.db'] !== undefined);
      assert.deepEqual(
        Object.keys(now).filter((name) => name.startsWith('data/archive/')),
        ['data/archive/2026-01-26/manifest.json'],
      );
    }));

  it('P10: a read-only folder is refused before anything is copied', () =>
    withMigrated(async (workspace) => {
      await chmod(join(workspace, 'data'), 0o555);
      try {
        await refusesUnchanged(workspace, 'read-only', () => archiveNow(workspace));
      } finally {
        await chmod(join(workspace, 'data'), 0o755);
      }
    }));

  it('P11, P12: a link and a file with two hard links stay, with the reason', () =>
    withMigrated(async (workspace) => {
      const { llm, metrics } = pathsOf(workspace);
      await mkdir(join(workspace, 'elsewhere'));
      await rename(llm, join(workspace, 'elsewhere', 'real.db'));
      await symlink(join(workspace, 'elsewhere', 'real.db'), llm);
      await link(metrics, join(workspace, 'elsewhere', 'metrics.db'));
      const result = await archiveNow(workspace);
      assert.deepEqual([result.archive, result.complete], [null, []]);
      assert.match(reasonsOf(result, 'llm_costs.db'), /is a link to .*real\.db/);
      assert.match(reasonsOf(result, 'metrics.db'), /2 hard links/);
    }));

  it('moves what was confirmed, and nothing else', () =>
    withMigrated(async (workspace) => {
      const plan = await planArchive(await portsWith(() => undefined), requestFor(workspace));
      const hashes = Object.fromEntries(
        plan.complete.map(({ database, files: [main] }) => [database, main?.sha256 ?? '']),
      );
      const run = (expected: Readonly<Record<string, string>>): Promise<unknown> =>
        handlers['archive.run']({ workspace, dataFolder: 'data', applicationStopped: true, expected }, silent);
      const { 'data/metrics.db': metrics = '', ...fewer } = hashes;
      await refusesUnchanged(workspace, 'changed-since', () => run(fewer));
      await refusesUnchanged(workspace, 'changed-since', () =>
        run({ ...hashes, 'data/metrics.db': hashOf(Buffer.from('')) }),
      );
      await refusesUnchanged(workspace, 'changed-since', () => run({ ...hashes, 'data/other.db': metrics }));
      await run(hashes);
    }));

  it('a migration afterwards names the archive, and fails for nothing', () =>
    withMigrated(async (workspace) => {
      const { archive: folder } = await archiveNow(workspace);
      const { report } = await handlers['migration.run'](
        { workspace, dataFolder: 'data', mode: 'migrate', domains: ['analytics'], applicationStopped: true },
        silent,
      );
      assert.deepEqual([report.outcome, report.error], ['nothingToDo', null]);
      const [told] = report.warnings.filter(({ code }) => code === 'legacy-archived');
      assert.ok(told?.message.includes(basename(folder ?? '')) === true, told?.message);
      assert.match(told.message, /data\/llm_costs\.db/);
    }));
});
