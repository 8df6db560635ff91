/** Bad usage is an error before anything is touched; refusals change nothing. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { assertBuilt, cliPath, execute, jarvisDb, jarvisDbJson } from '../support/cli';
import { hashTree, photograph, pick } from '../support/folders';
import { edit } from '../support/sqlite';
import { pathsOf, withMigrated, withSample } from '../support/workspace';

const isOutside = (name: string): boolean => !name.startsWith('data/backups/');

describe('jarvis-db: bad usage exits with 2 and touches nothing', function () {
  this.timeout(30_000);
  before(assertBuilt);

  const bad: readonly (readonly string[])[] = [
    [],
    ['migrat'],
    ['migrate', '--analytic'],
    ['migrate', '--analytics', '--dryrun'],
    ['migrate', '--analytics', '--dry_run'],
    ['migrate', '--analytics', '--dry-run=true'],
    ['migrate', '--analytics', '--dry-run', '--backup-only'],
    ['migrate', '--analytics', '--no-dry-run'],
    ['migrate', '--analytics', '-n'],
    ['migrate', '--analytics', 'extra'],
    ['migrate', '--analytics', '--', '--dry-run'],
    ['migrate', '--all'],
    ['migrate', '--analytics', '--plan', 'x'],
    ['migrate', '--analytics', '--plan', ''],
    ['migrate', '--analytics', '--plan'],
    ['migrate', '--rejects', 'ignore'],
    ['migrate', '--rejects'],
    ['migrate', '--analytics', '--workspace'],
    ['migrate', '--analytics', '--workspace', ''],
    ['migrate', '--analytics', '--data='],
    ['validate', '--dry-run'],
    ['validate', '--plan', 'x'],
    ['plan', '--prnt'],
    ['plan', '--print', '--schema'],
    ['plan', '--check'],
    ['plan', '--check='],
    ['plan', 'x.json'],
    ['inventory', 'data'],
    ['inventory', '--verbose'],
    ['rollback', '--dryrun'],
    ['rollback', ''],
    ['archive', '--dryrun'],
    ['restore', 'latest'],
    ['toString'],
    ['__proto__'],
    ['--dry-run'],
  ];
  it('whatever is wrong', () =>
    withSample(async (workspace) => {
      const stood = await photograph(workspace);
      const results = await Promise.all(bad.map((args) => jarvisDb(args, { cwd: workspace })));
      results.forEach(({ code, stdout, stderr }, index) => {
        assert.deepEqual([code, stdout], [2, ''], `jarvis-db ${bad[index]?.join(' ') ?? ''}`);
        assert.match(stderr, /usage:/);
      });
      assert.deepEqual(await photograph(workspace), stood);
    }));

  it('with --json whatever is wrong is one document, wherever --json stands', () =>
    withSample(async (workspace) => {
      const asked = [
        ['migrate', '--json', '--dryrun'],
        ['--json', 'migrat'],
        ['migrate', '--plan', 'x', '--json'],
      ];
      const results = await Promise.all(asked.map((args) => jarvisDb(args, { cwd: workspace })));
      for (const { code, stdout, stderr } of results) {
        const document = JSON.parse(stdout) as { readonly format: number; readonly error: { readonly code: string } };
        assert.deepEqual([code, document.format, document.error.code], [2, 1, 'bad-usage']);
        assert.match(stderr, /usage:/);
      }
    }));

  it('predecessor: any unknown argument, even --help, did the work for real', () =>
    withSample(async (workspace) => {
      const stood = await photograph(workspace);
      for (const args of [
        ['--help'],
        ['help'],
        ['migrate', '--help'],
        ['migrate', '--analytics', '-h'],
        ['--version'],
      ]) {
        const { code, stderr } = await jarvisDb(args, { cwd: workspace });
        assert.deepEqual([code, stderr], [0, '']);
      }
      assert.deepEqual(await photograph(workspace), stood);
    }));
});

async function logAndJournal(workspace: string): Promise<void> {
  const { target } = pathsOf(workspace);
  await writeFile(`${target}-wal`, Buffer.alloc(4152, 7));
  await writeFile(`${target}-journal`, Buffer.from('d9d505f920a163d7', 'hex'));
}

describe('jarvis-db migrate: refusals exit with 3 and change nothing', function () {
  this.timeout(30_000);
  before(assertBuilt);

  const refusals: readonly (readonly [what: string, code: string, prepare: (workspace: string) => Promise<unknown>])[] =
    [
      ['a log and a hot journal at once', 'damaged', logAndJournal],
      ['a missing target', 'target-missing', (w) => rm(pathsOf(w).target)],
      ['text for a source', 'not-sqlite', (w) => writeFile(pathsOf(w).llm, 'no database at all\n'.repeat(500))],
      ['several data folders', 'data-folder-ambiguous', twoFolders],
      ['no data folder', 'data-folder-missing', (w) => rename(join(w, 'data'), join(w, 'node_modules'))],
    ];
  for (const [what, code, prepare] of refusals) {
    it(what, () =>
      withSample(async (workspace) => {
        await prepare(workspace);
        const stood = await hashTree(workspace);
        const { code: exitCode, report, stderr } = await jarvisDbJson(workspace, 'migrate', '--analytics');
        assert.deepEqual([exitCode, report.outcome, report.error?.code], [3, 'refused', code]);
        assert.match(stderr, /Refused, nothing was changed/);
        assert.deepEqual(pick(await hashTree(workspace), isOutside), stood);
      }),
    );
  }

  it('L1: a file that another process holds open; a dry run is allowed', async function () {
    if (process.platform !== 'linux') return this.skip(); // Only /proc shows who has a file open.
    for (const name of ['target', 'llm'] as const) {
      await withSample(async (workspace) => {
        const path = pathsOf(workspace)[name];
        const holder = spawn(process.execPath, [
          '-e',
          "require('fs').openSync(process.argv[1]); console.log('open'); setInterval(() => {}, 1000)",
          path,
        ]);
        try {
          await once(holder.stdout, 'data');
          const stood = await hashTree(workspace);
          const real = await jarvisDbJson(workspace, 'migrate', '--analytics', '--application-stopped');
          assert.deepEqual([real.code, real.report.error?.code], [3, 'in-use']);
          assert.match(real.report.error?.message ?? '', new RegExp(`process ${holder.pid}\\)`));
          assert.deepEqual(pick(await hashTree(workspace), isOutside), stood);
          const dry = await jarvisDbJson(workspace, 'migrate', '--analytics', '--dry-run');
          assert.equal(dry.code, 0);
          assert.ok(dry.report.warnings.some(({ code }) => code === 'in-use'));
        } finally {
          holder.kill();
          await once(holder, 'exit');
        }
      });
    }
  });

  it('predecessor: a missing source never becomes an empty file', () =>
    withSample(async (workspace) => {
      await rm(pathsOf(workspace).metrics);
      const { code, report } = await jarvisDbJson(workspace, 'migrate', '--analytics');
      assert.equal(code, 0);
      assert.ok(report.warnings.some(({ code: kind }) => kind === 'legacy-missing'));
      await assert.rejects(readFile(pathsOf(workspace).metrics), { code: 'ENOENT' });
    }));

  it('predecessor: sources are not opened for writing: they, their times and their empty sidecars stay', () =>
    withMigrated(async (workspace) => {
      for (const suffix of ['-wal', '-shm']) await writeFile(`${pathsOf(workspace).llm}${suffix}`, '');
      const stood = (await photograph(workspace)).filter(
        (line) => /(llm_costs|metrics)\.db/.test(line) && !line.includes('backups'),
      );
      assert.equal(stood.length, 4);
      await edit(pathsOf(workspace).target, "INSERT INTO api_usage (api_name) VALUES ('own')");
      assert.equal((await jarvisDbJson(workspace, 'migrate', '--analytics')).code, 0);
      assert.deepEqual(
        (await photograph(workspace)).filter(
          (line) => /(llm_costs|metrics)\.db/.test(line) && !line.includes('backups'),
        ),
        stood,
      );
    }));

  it('P10: a folder that may not be entered is refused in one document, and in words', () =>
    withSample(async (workspace) => {
      // A circle of links: nobody gets past it, root neither.
      await rename(join(workspace, 'data'), join(workspace, 'elsewhere'));
      await symlink('data', join(workspace, 'data'));
      const before = await photograph(workspace);
      for (const command of [['inventory'], ['migrate', '--dry-run'], ['migrate'], ['archive'], ['rollback']]) {
        const { code, report } = await jarvisDbJson(workspace, ...command);
        assert.equal(code, 3, command.join(' '));
        assert.equal(report.error?.code, 'unreadable', command.join(' '));
        assert.match(report.error.message, /data cannot be reached: ELOOP/);
      }
      assert.deepEqual(await photograph(workspace), before);
    }));

  it('a workspace folder that is not there', async () => {
    const { code, report } = await jarvisDbJson('/nowhere/at/all', 'migrate', '--analytics');
    assert.deepEqual([code, report.error?.code], [3, 'workspace-missing']);
  });

  it('a data folder that is not there', () =>
    withSample(async (workspace) => {
      const stood = await photograph(workspace);
      const { code, report } = await jarvisDbJson(workspace, 'migrate', '--analytics', '--data', 'dta');
      assert.deepEqual([code, report.error?.code], [3, 'data-folder-missing']);
      assert.deepEqual(await photograph(workspace), stood);
    }));
});

describe('what is said', () => {
  const into = (stdout: string, ...args: readonly string[]): ReturnType<typeof execute> =>
    execute('bash', ['-c', `"$@" ${stdout}`, 'bash', process.execPath, cliPath, ...args]);

  it('and cannot be written is told, and fails', async function () {
    if (process.platform !== 'linux') return this.skip(); // Only there is a disk that is always full.
    const { code, stderr } = await into('> /dev/full', '--help');
    assert.deepEqual(
      [code, stderr],
      [1, 'jarvis-db: The output cannot be written: ENOSPC: no space left on device, write\n'],
    );
  });

  it('and nobody reads to its end is no failure', async function () {
    if (process.platform === 'win32') return this.skip(); // No bash.
    const { stdout, stderr } = await into('| true; echo "${PIPESTATUS[0]}"', 'plan', '--print');
    assert.deepEqual([stdout, stderr], ['0\n', '']);
  });
});

async function twoFolders(workspace: string): Promise<void> {
  await rename(join(workspace, 'data'), join(workspace, 'one'));
  await mkdir(join(workspace, 'two'));
  await writeFile(join(workspace, 'two', 'metrics.db'), await readFile(join(workspace, 'one', 'metrics.db')));
}
