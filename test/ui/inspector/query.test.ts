/** Queries as a person writes them: bound to a database, run at the cursor, explained, wrong, endless, and found again. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '../../../scripts/sample/make-sample';
import type { Driver, Locator } from '../../host/driver';
import { create, edit } from '../../support/sqlite';
import { container, Stage } from '../stage';

const extension = 'jarvis-databases.jarvis-databases';

describe('queries in the window', () => {
  let stage: Stage;
  let database: string;
  let driver: Driver;

  before(async () => {
    stage = await Stage.start();
    const workspace = join(stage.folder, 'jarvis');
    await makeSample(workspace, { all: false });
    database = join(workspace, 'data', 'asked.db');
    await create(
      database,
      `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, team INTEGER, big INTEGER, note);
       CREATE INDEX by_name ON people (name);
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1234)
       INSERT INTO people SELECT i, printf('person %04d', i), i % 3, 9007199254740992 + i, NULL FROM n`,
    );
    driver = await stage.open({ folder: workspace });
    await driver.openView(container);
    await driver.treeRow('Other').waitFor();
    await driver.expandTreeRow('Other');
    await driver.treeRow('asked.db').waitFor();
  });
  after(() => stage.stop());
  afterEach(async function () {
    await stage.keepFailure(this);
  });

  const inView = (selector: string): Locator => driver.webview(extension).locator(selector);
  const status = (): Locator => inView('.status');
  const cell = (row: number, column: number): Locator =>
    inView(`[role=row][aria-rowindex="${row + 1}"] [role=gridcell][aria-colindex="${column + 1}"]`);
  const lens = (title: string): Locator => driver.page.locator('.codelens-decoration a', { hasText: title });
  const hasText = (locator: Locator, expected: string | RegExp): Promise<void> =>
    locator.filter({ hasText: expected }).first().waitFor();

  /** Replaces the text of the query; the cursor is then behind it. */
  async function write(sql: string): Promise<void> {
    await driver.page.locator('.editor-instance .overflow-guard').first().click();
    await driver.page.keyboard.press('Control+A');
    await driver.page.keyboard.insertText(sql);
    // A list of proposals would take the next key.
    await driver.page.keyboard.press('Escape');
  }

  it('opens from the tree, runs the statement at the cursor and shows its rows in the grid', async () => {
    await driver.tree.chooseFromMenu('asked.db', 'New Query');
    await hasText(lens('asked.db'), 'asked.db');
    await write('SELECT 1;\nSELECT id, big, note, name FROM people ORDER BY id DESC;');
    await driver.page.keyboard.press('Control+Enter');
    await hasText(status(), /1,234 rows in [\d,.]+ (ms|s)/);
    assert.equal(await cell(1, 1).innerText(), '1234');
    assert.equal(await cell(1, 2).innerText(), '9007199254742226');
    assert.equal(await cell(1, 3).innerText(), 'NULL');
    await inView('input[aria-label="Filter by name"]').fill('person 12');
    await hasText(status(), '35 of 1,234 rows');
  });

  it('tells what is wrong where it is, and in the result', async () => {
    await write('SELECT nam FROM people');
    await driver.page.keyboard.press('Control+Enter');
    await hasText(inView('.failure'), 'No such column: nam.');
    await driver.page.locator('.squiggly-error').first().waitFor();
    const before = await readFile(database);
    await write('DELETE FROM people');
    await driver.page.keyboard.press('Control+Enter');
    await hasText(inView('.failure'), 'DELETE is refused');
    assert.deepEqual(await readFile(database), before);
  });

  it('explains a statement from the line above it', async () => {
    await write('SELECT * FROM people WHERE name = 1 AND team IN (SELECT team FROM people)');
    await lens('Explain').first().click();
    await hasText(inView('.plan .step'), /SEARCH.*people USING INDEX by_name.*finds rows by an index/);
    await inView('.plan .step.slow[aria-level="2"]').waitFor();
  });

  it('proposes the columns of a table behind its alias', async () => {
    await write('SELECT 1 FROM people p WHERE p.');
    await driver.page.keyboard.press('Control+Space');
    await hasText(driver.page.locator('.suggest-widget .monaco-list-row'), /team/);
    await driver.page.keyboard.press('Escape');
  });

  it('B8: cancels a query that never ends, and runs the next one', async () => {
    await write('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n');
    await driver.page.keyboard.press('Control+Enter');
    await driver.notificationCentre.clickButton(/Running a query on asked\.db/, 'Cancel');
    await hasText(inView('.notice'), 'Cancelled.');
    await write('SELECT count(*) FROM people');
    await driver.page.keyboard.press('Control+Enter');
    await hasText(cell(1, 1), /^1234$/);
  });

  it('tells quietly when the database has changed since, and keeps the rows until they are asked for again', async () => {
    await edit(database, 'DELETE FROM people WHERE id > 1000');
    await hasText(inView('.status .aside'), 'The database has changed since');
    await hasText(cell(1, 1), /^1234$/);
    await inView('.status .aside button').click();
    await hasText(cell(1, 1), /^1000$/);
    assert.equal(await inView('.status .aside').innerText(), '');
  });

  it('comes back after a reload of the window, and runs nothing before it is asked to', async () => {
    await write('SELECT id, name FROM people');
    await driver.page.keyboard.press('Control+Enter');
    await inView('input[aria-label="Filter by name"]').fill('person 00');
    await hasText(status(), '99 of 1,000 rows');
    await sleep(500);
    // As a person does: a page that is torn away saves nothing.
    const reloaded = driver.page.waitForEvent('load');
    await driver.runCommand('Developer: Reload Window');
    await reloaded;
    await hasText(inView('.restored'), /The last time: 1,000 rows in [\d,.]+ (ms|s), /);
    assert.equal(await inView('.statement').innerText(), 'SELECT id, name FROM people');
    await inView('.restored button').click();
    await hasText(status(), '99 of 1,000 rows');
  });

  it('finds a statement of before', async () => {
    await driver.runCommand('Jarvis: Query History');
    await driver.quickInput.row(/^SELECT id, name FROM people/).waitFor();
    assert.match((await driver.quickInput.listRows()).join(), /SELECT count.*1 row · .*SELECT id, big.*1,234 rows · /);
    await driver.quickInput.cancel();
  });

  it('opens from the toolbar of a table, with a statement to begin with', async () => {
    await driver.expandTreeRow('Other');
    await driver.expandTreeRow('asked.db');
    await driver.treeRow('people').click();
    await inView('button[aria-label="New Query"]').click();
    const active = driver.page.locator('.editor-group-container.active');
    await hasText(active.locator('.view-line'), /FROM\s"people"/);
    await hasText(active.locator('.codelens-decoration a'), 'asked.db');
  });

  it('stays bound to its database when it is saved', async () => {
    await write('SELECT 2');
    await driver.page.keyboard.press('Control+S');
    await driver.quickInput.input.waitFor();
    await driver.page.keyboard.press('Enter');
    await driver.editorTab('SELECT 2.sql').waitFor();
    await hasText(lens('asked.db'), 'asked.db');
  });
});
