/** The tree as a person works with it: broken databases, menus, the keyboard alone, and a great many tables. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '../../../scripts/sample/make-sample';
import type { Driver } from '../../host/driver';
import { create } from '../../support/sqlite';
import { container, Stage } from '../stage';

const manyTables = 10_000;

describe('the tree in the window', () => {
  let stage: Stage;
  let workspace: string;
  let driver: Driver;

  before(async () => {
    stage = await Stage.start();
    workspace = join(stage.folder, 'jarvis');
    await makeSample(workspace, { all: false });
    await writeBrokenDatabases();
    await create(inData('many.db'), (database) => {
      database.run('BEGIN');
      for (let index = 0; index < manyTables; index++)
        database.run(`CREATE TABLE table_${String(index).padStart(5, '0')} (id INTEGER PRIMARY KEY)`);
      database.run('COMMIT');
    });
    driver = await stage.open({ folder: workspace });
    await driver.openView(container);
    await driver.expandTreeRow('Other');
  });
  after(() => stage.stop());
  afterEach(async function () {
    await stage.keepFailure(this);
  });

  const inData = (name: string): string => join(workspace, 'data', name);

  async function writeBrokenDatabases(): Promise<void> {
    const whole = await readFile(inData('metrics.db'));
    await writeFile(inData('no_bytes.db'), '');
    await writeFile(
      inData('text.db'),
      'This is a text, and a good deal longer than the header of a database would be: '.repeat(3),
    );
    await writeFile(inData('cut_off.db'), whole.subarray(0, whole.length - 1000));
    await writeFile(inData('random.db'), Buffer.concat([Buffer.from('salt'), randomBytes(8188)]));
    await writeFile(inData('with_journal.db'), whole);
    await writeFile(inData('with_journal.db-journal'), Buffer.alloc(2000, 0xd9));
    // A sound header, and nothing but noise behind it.
    await writeFile(inData('noise.db'), Buffer.concat([whole.subarray(0, 100), randomBytes(whole.length - 100)]));
  }

  const broken: readonly {
    readonly name: string;
    readonly state: RegExp;
    readonly cause: RegExp;
    readonly hint: RegExp;
  }[] = [
    { name: 'no_bytes.db', state: /empty file/, cause: /^It is empty \(0 bytes\)/, hint: /backup/ },
    {
      name: 'text.db',
      state: /not a SQLite database/,
      cause: /not a SQLite database, or it is encrypted/,
      hint: /name is right/,
    },
    { name: 'random.db', state: /not a SQLite database/, cause: /or it is encrypted/, hint: /must be decrypted/ },
    { name: 'cut_off.db', state: /damaged/, cause: /^It is cut off/, hint: /\.recover/ },
    {
      name: 'with_journal.db',
      state: /unfinished transaction/,
      cause: /hot rollback journal that cannot be rolled back/,
      hint: /\.recover/,
    },
    { name: 'noise.db', state: /noise/, cause: /cannot open it/, hint: /\.recover/ },
  ];

  for (const { name, state, cause, hint } of broken) {
    it(`${name} shows its state, the cause and what to do`, async () => {
      const row = await driver.tree.reveal(name);
      assert.match(await row.innerText(), state);
      await driver.expandTreeRow(name);
      await driver.tree.reveal(cause);
      await driver.tree.reveal(hint);
      await driver.tree.collapse(name);
    });
  }

  it('broken databases hide none of the others', async () => {
    await driver.tree.reveal('llm_costs.db');
  });

  it(`a database of ${manyTables} tables opens, and the window goes on answering`, async () => {
    const start = performance.now();
    const row = await driver.tree.reveal('many.db');
    await row.locator('.monaco-tl-twistie').click();
    // While the tables are read, the palette opens.
    await driver.quickInput.findCommands('Jarvis: ');
    const answered = performance.now() - start;
    await driver.treeRow('table_00000').waitFor();
    console.log(
      `      palette after ${answered.toFixed(0)} ms, tables after ${(performance.now() - start).toFixed(0)} ms`,
    );
    await driver.treeRow('table_00000').click();
    await driver.page.keyboard.press('End');
    await driver.treeRow(`table_0${manyTables - 1}`).waitFor();
    await driver.tree.collapse('many.db');
    await driver.tree.collapse('Other');
  });

  it('counts the rows of a view when asked', async () => {
    await driver.expandTreeRow('jarvis_analytics.db');
    const view = await driver.tree.reveal('v_daily_llm_costs');
    assert.doesNotMatch(await view.innerText(), /rows/);
    await driver.tree.clickAction('v_daily_llm_costs', 'Count Rows');
    await view.filter({ hasText: /\d+ rows? · view/ }).waitFor();
    await driver.tree.collapse('jarvis_analytics.db');
  });

  it('copies the path of a database', async () => {
    await driver.tree.chooseFromMenu('llm_costs.db', 'Copy Path');
    // The command is on its way through the extension host.
    for (let tries = 0; (await driver.readClipboard()) === '' && tries < 50; tries++) await sleep(100);
    assert.equal(await driver.readClipboard(), inData('llm_costs.db'));
  });

  it('a database that another process has open is refused at once, and "Try Again" tries again', async function () {
    if (process.platform !== 'linux') this.skip(); // elsewhere the system does not tell
    const holder = await holdOpen(inData('llm_costs.db'));
    try {
      await driver.runCommand('Jarvis: Migrate Analytics');
      const { severity, message, buttons } = await driver.waitForNotification(/is open in/);
      assert.equal(severity, 'error');
      assert.match(message, /^Refused, no database was changed\. data\/llm_costs\.db is open in \S+ \(process \d+\)/);
      assert.match(message, new RegExp(`process ${holder.pid}`));
      assert.match(message, /Stop that process before you migrate/);
      assert.deepEqual(buttons, ['Try Again', 'Show Log']);
      assert.ok(!existsSync(inData('backups')));
    } finally {
      holder.kill();
      await once(holder, 'exit');
    }
    await driver.notificationCentre.clickButton(/is open in/, 'Try Again');
    await (await driver.dialog()).clickButton('Cancel');
    assert.ok(!existsSync(inData('backups')));
  });

  it('works by the keyboard alone: the view, the tree, its menu and the dialog', async () => {
    const { keyboard } = driver.page;
    await keyboard.press('F1');
    await driver.quickInput.input.waitFor();
    await keyboard.type('Jarvis: Focus on Databases View');
    await driver.quickInput.row('Jarvis: Focus on Databases View').waitFor();
    await keyboard.press('Enter');
    await driver.quickInput.widget.waitFor({ state: 'hidden' });

    await keyboard.press('Home');
    for (let steps = 0; (await driver.tree.focusedLabel()) !== 'llm_costs.db'; steps++) {
      assert.ok(steps < 30, 'the arrow keys do not reach the database');
      await keyboard.press('ArrowDown');
    }
    await keyboard.press('ArrowRight');
    await driver.treeRow('llm_usage').waitFor();
    await keyboard.press('ArrowLeft');

    await keyboard.press('Shift+F10');
    const item = driver.page.locator('.monaco-menu .action-item.focused .action-label');
    for (
      let steps = 0;
      (await item.count()) === 0 || (await item.innerText()).trim() !== 'Migrate Analytics';
      steps++
    ) {
      assert.ok(steps < 10, 'the menu does not have the command');
      await keyboard.press('ArrowDown');
    }
    await keyboard.press('Enter');
    const dialog = await driver.dialog();
    assert.match(await dialog.text(), /Migrate 30 rows into jarvis_analytics\.db\?/);
    await keyboard.press('Enter');
    await driver.waitForNotification(/30 rows migrated into jarvis_analytics\.db; every cell checked/);
  });
});

/** A process that has the file open, as a program that uses the database would. */
async function holdOpen(path: string): Promise<ChildProcess> {
  const program =
    "require('node:fs').openSync(process.argv[1], 'r+'); console.log('open'); setInterval(() => {}, 1000);";
  const child = spawn(process.execPath, ['-e', program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}
