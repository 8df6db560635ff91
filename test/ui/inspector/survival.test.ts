/** The viewer where things are not as it made them: an engine that dies, and databases of other programs. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSample } from '../../../scripts/sample/make-sample';
import type { Driver, Locator } from '../../host/driver';
import { useBrowser } from '../../host/profile';
import { create } from '../../support/sqlite';
import { root, Stage } from '../stage';

const extension = 'jarvis-databases.jarvis-databases';
const rows = 50_000;

describe('the table viewer where something goes wrong', () => {
  let stage: Stage;
  let driver: Driver;
  let foreign: readonly string[];

  before(async () => {
    stage = await Stage.start({ settings: { 'workbench.editorAssociations': { '*.db': 'jarvis.database' } } });
    const workspace = join(stage.folder, 'jarvis');
    await makeSample(workspace, { all: false });
    await create(
      join(workspace, 'data', 'numbers.db'),
      `CREATE TABLE numbers (i INTEGER PRIMARY KEY, word TEXT);
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
       INSERT INTO numbers SELECT i, printf('word %05d', i) FROM n;
       CREATE VIEW broken AS SELECT no_such FROM numbers`,
    );
    foreign = await copyDatabases(await useBrowser(join(stage.folder, 'profile')), join(workspace, 'data'));
    driver = await stage.open({ folder: workspace });
  });
  after(() => stage.stop());
  afterEach(async function () {
    await stage.keepFailure(this);
  });

  const inView = (selector: string): Locator => driver.webview(extension).locator(selector);
  const hasText = (locator: Locator, expected: string | RegExp): Promise<void> =>
    locator.filter({ hasText: expected }).first().waitFor();

  it('reads on where it was after the engine was killed', async () => {
    await driver.openFile('numbers.db');
    await inView('.tables .item[data-table=numbers]').click();
    await hasText(inView('.status'), '50,000 rows');
    const killed = enginesOf(process.pid);
    assert.notEqual(killed.length, 0);
    for (const pid of killed) process.kill(pid, 'SIGKILL');
    await inView('[role=grid]').focus();
    await driver.page.keyboard.press('Control+End');
    await hasText(inView('.cell.active'), 'word 50000');
    await inView('input[aria-label="Filter by word"]').fill('word 4999');
    await hasText(inView('.status'), '10 of 50,000 rows');
    assert.ok(await inView('.banner').isHidden());
  });

  it('shows the rows of no other table where one cannot be read', async () => {
    await driver.openFile('numbers.db');
    await inView('.tables .item[data-table=numbers]').click();
    await hasText(inView('.status .counts'), /rows/);
    await inView('.tables .item[data-table=broken]').click();
    await hasText(inView('.banner'), 'broken cannot be read: no such column: no_such.');
    for (const part of ['.grid', '.emptiness']) assert.ok(await inView(part).isHidden(), part);
    assert.equal(await inView('.status .counts').innerText(), '');
    await inView('.tables .item[data-table=numbers]').click();
    await hasText(inView('.status .counts'), /rows/);
    assert.ok(await inView('.grid').isVisible());
  });

  it('shows the databases of a browser, each with its rows', async () => {
    assert.ok(foreign.includes('Cookies.db'), foreign.join(', '));
    for (const name of foreign) {
      await driver.openFile(name);
      await hasText(inView('.tables h2'), name);
      await inView('.tables .item[data-table=meta]').click();
      await hasText(inView('.title'), 'meta');
      await hasText(inView('.status .counts'), /^[1-9]\d* rows$/);
      await hasText(inView('.cell'), 'last_compatible_version');
      assert.ok(await inView('.banner').isHidden(), name);
    }
    await driver.openFile('Cookies.db');
    await inView('.tables .item[data-table=cookies]').click();
    await hasText(inView('.cell'), 'biscuit');
  });
});

/** @returns the names of the copies of whatever begins as a SQLite database does */
async function copyDatabases(from: string, to: string): Promise<readonly string[]> {
  const copied: string[] = [];
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const file = await open(path);
    const { buffer } = await file.read(Buffer.alloc(15), 0, 15, 0).finally(() => file.close());
    if (buffer.toString() !== 'SQLite format 3') continue;
    const name = entry.name.endsWith('.db') ? entry.name : `${entry.name}.db`;
    await copyFile(path, join(to, name));
    copied.push(name);
  }
  return copied;
}

/** The engines of this build among the descendants of a process: another window test may run beside this one. */
function enginesOf(ancestor: number): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const processes = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).filter((match) => match !== null);
  const parents = new Map(processes.map(([, pid, parent]) => [Number(pid), Number(parent)]));
  const descends = (pid: number): boolean =>
    pid === ancestor || (parents.has(pid) && descends(parents.get(pid) ?? Number.NaN));
  return processes
    .filter(
      ([, pid, , command]) => command?.includes(join(root, 'dist', 'engine.js')) === true && descends(Number(pid)),
    )
    .map(([, pid]) => Number(pid));
}
