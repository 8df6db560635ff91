/** L1, P15: the built command line beside another process: one that has a database open, or one that migrates. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertBuilt, jarvisDbJson } from '../support/cli';
import { hashTree, pick } from '../support/folders';
import { hasPython } from '../support/python';
import { withSample } from '../support/workspace';

const script = `
import sqlite3, sys
path, mode, state = sys.argv[1:4]
connection = sqlite3.connect(path, isolation_level=None)
connection.execute('PRAGMA journal_mode = ' + mode)
connection.execute('CREATE TABLE IF NOT EXISTS owned (n)')
if state == 'reading':
    connection.execute('BEGIN'); connection.execute('SELECT * FROM sqlite_schema').fetchone()
elif state == 'writing':
    connection.execute('PRAGMA cache_size = 1'); connection.execute('BEGIN IMMEDIATE')
    connection.executemany('INSERT INTO owned VALUES (zeroblob(4000))', [()] * 50)
print('READY', flush=True)
sys.stdin.read()
`;

async function whileOpen(
  path: string,
  mode: string,
  state: string,
  body: (pid: number | undefined) => Promise<void>,
): Promise<void> {
  const child = spawn('python3', ['-c', script, path, mode, state], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => assert.fail('python3 ended'))]);
    await body(child.pid);
  } finally {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  }
}

const outsideBackups = async (workspace: string) =>
  pick(await hashTree(workspace), (name) => !name.startsWith('data/backups/'));

describe('jarvis-db migrate, beside another process', function () {
  this.timeout(120_000);
  before(assertBuilt);

  for (const name of ['jarvis_analytics.db', 'llm_costs.db']) {
    for (const mode of ['DELETE', 'WAL']) {
      for (const state of ['idle', 'reading', 'writing']) {
        it(`L1: ${name} is open in python3 in ${mode} mode, ${state}: exit code 3, who, and every byte as it was`, async function () {
          if (!hasPython || process.platform !== 'linux') return this.skip();
          await withSample((workspace) =>
            whileOpen(join(workspace, 'data', name), mode, state, async (pid) => {
              const before = await outsideBackups(workspace);
              const { code, report } = await jarvisDbJson(workspace, 'migrate', '--analytics');
              assert.equal(report.error?.code, 'in-use', report.error?.message);
              assert.equal(code, 3);
              assert.equal(report.outcome, 'refused');
              assert.match(report.error.message, new RegExp(`data/${name} is open in python\\S* \\(process ${pid}\\)`));
              assert.match(report.error.hint ?? '', /Stop that process/);
              assert.deepEqual(await outsideBackups(workspace), before);
              if (state !== 'idle') return;
              // The user's word does not outweigh what is seen.
              const stopped = await jarvisDbJson(workspace, 'migrate', '--analytics', '--application-stopped');
              assert.equal(stopped.report.error?.code, 'in-use');
              assert.deepEqual(await outsideBackups(workspace), before);
            }),
          );
        });
      }
    }
  }

  it('L1: a dry run goes on meanwhile, and warns', async function () {
    if (!hasPython || process.platform !== 'linux') return this.skip();
    await withSample((workspace) =>
      whileOpen(join(workspace, 'data', 'llm_costs.db'), 'WAL', 'idle', async () => {
        const before = await hashTree(workspace);
        const { code, report } = await jarvisDbJson(workspace, 'migrate', '--analytics', '--dry-run');
        assert.equal(code, 0, report.error?.message);
        assert.ok(report.warnings.some((warning) => warning.code === 'in-use'));
        assert.deepEqual(await hashTree(workspace), before);
      }),
    );
  });

  it('L1: once the owner is gone without closing, what its log holds is migrated with the rest', async function () {
    if (!hasPython) return this.skip();
    await withSample(async (workspace) => {
      const path = join(workspace, 'data', 'jarvis_analytics.db');
      const child = spawn('python3', ['-c', script, path, 'WAL', 'idle'], { stdio: ['pipe', 'pipe', 'inherit'] });
      await once(child.stdout, 'data');
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.ok(existsSync(`${path}-wal`));
      const { code, report } = await jarvisDbJson(workspace, 'migrate', '--analytics');
      assert.equal(code, 0, report.error?.message);
      assert.deepEqual(
        ['-wal', '-shm', '-journal'].filter((suffix) => existsSync(path + suffix)),
        [],
      );
      const again = await jarvisDbJson(workspace, 'migrate', '--analytics');
      assert.equal(again.report.outcome, 'nothingToDo');
    });
  });

  it('P15: of two at once, each is refused or finds all done, and all rows are there once', () =>
    withSample(async (workspace) => {
      const first = jarvisDbJson(workspace, 'migrate', '--analytics');
      while (!existsSync(join(workspace, 'data', '.jarvis-db.lock'))) await sleep(1);
      const second = await jarvisDbJson(workspace, 'migrate', '--analytics');
      assert.equal((await first).report.outcome, 'committed');
      if (second.report.outcome === 'nothingToDo') return;
      assert.equal(second.code, 3);
      assert.equal(second.report.error?.code, 'locked');
      assert.match(second.report.error.message, /process \d+ on /);
      const third = await jarvisDbJson(workspace, 'migrate', '--analytics');
      assert.equal(third.report.outcome, 'nothingToDo');
      await rm(join(workspace, 'data', 'backups'), { recursive: true });
      assert.ok(!existsSync(join(workspace, 'data', '.jarvis-db.lock')));
    }));
});
