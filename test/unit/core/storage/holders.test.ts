/** L1: who has a database open, asked of real processes. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileStat } from '../../../../src/core/storage/file-store';
import { assertNobodyHas, refusalOf, type HolderAnswer } from '../../../../src/core/storage/holders';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { nodeHolders } from '../../../../src/core/storage/node-holders';
import { publish } from '../../../../src/core/storage/publish';
import { readSnapshot } from '../../../../src/core/storage/snapshot';
import { furnish, portsOf, prepare, targetNames } from '../../../fixtures/publication';
import { refusal, refusesUnchanged } from '../../../fixtures/refusals';
import { hashTree, withTemporaryFolder } from '../../../fixtures/temporary-folder';

/** Runs a program that says READY when it has the file open, and ends it afterwards. */
async function whileHeld(
  command: string,
  args: readonly string[],
  body: (pid: number) => Promise<void>,
): Promise<void> {
  const child: ChildProcess = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    let said = '';
    child.stdout?.on('data', (data: Buffer) => (said += data.toString()));
    const deadline = Date.now() + 10_000;
    while (!said.includes('READY')) {
      if (Date.now() > deadline || child.exitCode !== null) throw new Error(`${command} did not get ready: ${said}`);
      await new Promise((done) => setTimeout(done, 10));
    }
    await body(child.pid ?? 0);
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}

function has(command: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

const nodeScript = `require('node:fs').openSync(process.argv[1], 'r'); console.log('READY'); setInterval(() => {}, 1000);`;

const pythonScript = `
import sqlite3, sys, time
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute('PRAGMA journal_mode=' + sys.argv[2])
state = sys.argv[3]
if state == 'reading':
    c.execute('BEGIN'); cursor = c.execute('SELECT * FROM t'); cursor.fetchone()
elif state == 'writing':
    c.execute('BEGIN IMMEDIATE'); c.execute("INSERT INTO t VALUES ('open', 1)")
else:
    c.execute('SELECT count(*) FROM t').fetchone()
print('READY', flush=True); time.sleep(60)
`;

describe('holders', function () {
  this.timeout(60_000);

  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  async function withWorkspace(body: (workspace: string, path: string) => Promise<void>): Promise<void> {
    await withTemporaryFolder(async (workspace) => {
      await furnish(nodeFileStore, workspace);
      await body(workspace, join(workspace, targetNames[0]));
    });
  }

  const answerFor = async (path: string, stat: FileStat): Promise<HolderAnswer> => {
    const [answer] = await nodeHolders.find([{ path, stat }]);
    assert.ok(answer !== undefined);
    return answer;
  };

  const find = async (path: string) => {
    const file = await nodeFileStore.stat(path);
    assert.ok(file !== null);
    return answerFor(path, file);
  };

  it('L1: nobody has a fresh file open, and our own descriptors do not count', () =>
    withWorkspace(async (_, path) => {
      const own = await open(path, 'r');
      try {
        assert.deepEqual(await find(path), { kind: 'none' });
      } finally {
        await own.close();
      }
    }));

  it('L1: a process with an idle descriptor is found by pid and name, and publication is refused', () =>
    withWorkspace(async (workspace, path) => {
      const { request } = await prepare(nodeFileStore, workspace);
      await whileHeld(process.execPath, ['-e', nodeScript, path], async (pid) => {
        const answer = await find(path);
        assert.ok(answer.kind === 'held');
        assert.deepEqual(
          answer.holders.map((holder) => holder.pid),
          [pid],
        );
        const before = await hashTree(workspace);
        const error = await refusal(() => publish(portsOf(nodeFileStore, [], nodeHolders), request), 'in-use');
        assert.match(error.message, new RegExp(`data/a\\.db is open in \\S+ \\(process ${pid}\\)`));
        assert.deepEqual(await hashTree(workspace), before);
        // Neither is the user's word stronger than what we see.
        assert.notEqual(refusalOf(answer, 'a.db', true), null);
      });
      assert.deepEqual(await find(path), { kind: 'none' });
      await publish(portsOf(nodeFileStore, [], nodeHolders), request);
    }));

  it('L1: a file that was moved away and replaced is another file', () =>
    withWorkspace(async (_, path) => {
      await whileHeld(process.execPath, ['-e', nodeScript, path], async () => {
        await copyFile(path, `${path}.copy`);
        await rename(`${path}.copy`, path);
        assert.deepEqual(await find(path), { kind: 'none' });
      });
    }));

  for (const mode of ['DELETE', 'WAL']) {
    for (const state of ['idle', 'reading', 'writing']) {
      it(`L1: python3 with the database open in ${mode} mode, ${state}: refused, not a byte changed`, async function () {
        if (!has('python3', '-c', 'import sqlite3')) {
          console.log('      (skipped: there is no python3 with sqlite3 here)');
          return this.skip();
        }
        await withWorkspace(async (_, path) => {
          await whileHeld('python3', ['-c', pythonScript, path, mode, state], async (pid) => {
            const answer = await find(path);
            assert.ok(answer.kind === 'held' && answer.holders.some((holder) => holder.pid === pid));
            const folder = join(path, '..');
            // A preview is allowed, with what a log or a hot journal makes of it.
            const before = await hashTree(folder);
            const { stat } = await readSnapshot(nodeFileStore, path, 'a.db');
            await refusesUnchanged(folder, 'in-use', () =>
              assertNobodyHas(nodeHolders, [{ name: 'a.db', path, stat }], false),
            );
            assert.deepEqual(await hashTree(folder), before);
          });
        });
      });
    }
  }

  it('L1: the sqlite3 shell with the database open is found', async function () {
    if (!has('sqlite3', '-version')) {
      console.log('      (skipped: there is no sqlite3 shell here)');
      return this.skip();
    }
    await withWorkspace(async (_, path) => {
      const child = spawn('sqlite3', [path], { stdio: ['pipe', 'pipe', 'inherit'] });
      try {
        child.stdin.write('SELECT count(*) FROM t;\n.print READY\n');
        await once(child.stdout, 'data');
        assert.equal((await find(path)).kind, 'held');
      } finally {
        child.stdin.end();
        await once(child, 'exit');
      }
    });
  });

  it('L2: what others may write is unknown where they hide their files, and the user is asked', () => {
    const unknown = { kind: 'unknown', reason: 'it hides it' } as const;
    assert.equal(refusalOf(unknown, 'a.db', false)?.code, 'in-use-unknown');
    assert.equal(refusalOf(unknown, 'a.db', true), null);
    assert.equal(refusalOf({ kind: 'none' }, 'a.db', false), null);
  });

  it('L2: asked by an ordinary user, what others may write or own is unknown, and his own private file is not', async function () {
    const { seteuid, geteuid } = process;
    if (seteuid === undefined || geteuid?.() !== 0) return this.skip();
    await withWorkspace(async (_, path) => {
      const file = await nodeFileStore.stat(path);
      assert.ok(file !== null);
      const ask = async (uid: number, mode: number): Promise<string> =>
        (await answerFor(path, { ...file, uid, mode })).kind;
      // Root sees every process: nothing is hidden, so nothing is unknown.
      assert.equal(await ask(4711, 0o100666), 'none');
      const kinds: string[] = [];
      seteuid(65534);
      try {
        kinds.push(await ask(65534, 0o100644), await ask(65534, 0o100666), await ask(4711, 0o100644));
      } finally {
        seteuid(0);
      }
      assert.deepEqual(kinds, ['none', 'unknown', 'unknown']);
    });
  });

  it('takes well under a second', () =>
    withWorkspace(async (_, path) => {
      const started = performance.now();
      for (let tries = 0; tries < 5; tries++) await find(path);
      const each = (performance.now() - started) / 5;
      assert.ok(each < 500, `${each.toFixed(0)} ms`);
    }));

  it('the lock table speaks of the same device numbers as stat', () =>
    withWorkspace(async (_, path) => {
      const { dev } = await stat(path, { bigint: true });
      assert.equal((await nodeFileStore.stat(path))?.device, String(dev));
    }));
});
