/** Tables as a person looks at them: opened from the tree, read to the last row, sorted, filtered, searched and copied. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '../../../scripts/sample/make-sample';
import type { Driver, Locator } from '../../host/driver';
import { create, edit } from '../../support/sqlite';
import { container, Stage } from '../stage';

const extension = 'jarvis-databases.jarvis-databases';
const rows = 25_000;

/** As text, since the types of the tests are Node's: counts the frames in which there is no row. */
const watchForBlankFrames = `(() => {
  window.blankFrames = 0;
  const look = () => {
    if (document.querySelector('.body .row .cell:not(.pending)') === null) window.blankFrames++;
    requestAnimationFrame(look);
  };
  look();
})()`;

describe('the table viewer in the window', () => {
  let stage: Stage;
  let workspace: string;
  let database: string;
  let driver: Driver;

  before(async () => {
    stage = await Stage.start();
    workspace = join(stage.folder, 'jarvis');
    await makeSample(workspace, { all: false });
    database = join(workspace, 'data', 'viewed.db');
    // Keys with gaps, so that positions are found and not computed.
    await create(
      database,
      `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, team INTEGER REFERENCES teams (id), big INTEGER, note);
       CREATE TABLE teams (id INTEGER PRIMARY KEY, title TEXT); CREATE INDEX by_name ON people (name);
       INSERT INTO teams VALUES (1, 'red'), (2, 'blue'), (3, 'green');
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
       INSERT INTO people SELECT i * 2, printf('person %05d', ${rows} - i), 1 + i % 3, 9007199254740992 + i,
         CASE i WHEN 1 THEN NULL WHEN 2 THEN '' WHEN 3 THEN '{"a": [1, {"b": null}]}' WHEN 4 THEN x'00ff'
                WHEN 5 THEN '<img src=x onerror=alert(1)>' WHEN 6 THEN '=1+1' ELSE i / 2.0 END FROM n`,
    );
    driver = await stage.open({ folder: workspace });
    await driver.openView(container);
    await driver.expandTreeRow('Other');
    await driver.treeRow('viewed.db').waitFor();
    await driver.expandTreeRow('viewed.db');
  });
  after(() => stage.stop());
  afterEach(async function () {
    await stage.keepFailure(this);
  });

  const inView = (selector: string): Locator => driver.webview(extension).locator(selector);
  const grid = (): Locator => inView('[role=grid]');
  const status = (): Locator => inView('.status');
  const cell = (row: number, column: number): Locator =>
    inView(`[role=row][aria-rowindex="${row + 1}"] [role=gridcell][aria-colindex="${column + 1}"]`);
  const filter = (column: string): Locator => inView(`input[aria-label="Filter by ${column}"]`);
  const header = (column: string): Locator => inView(`[role=columnheader]:has(button:has-text("${column}"))`);
  const tab = (name: string): Locator => inView('.toolbar').getByRole('tab', { name });
  const profile = (column: string): Locator => inView('.schema').getByRole('button', { name: `Profile: ${column}` });
  const press = (...keys: readonly string[]): Promise<void> =>
    keys.reduce((before, key) => before.then(() => driver.page.keyboard.press(key)), Promise.resolve());
  /** As each test begins. */
  const toTop = async (): Promise<void> => {
    await grid().focus();
    await press('Control+Home');
  };

  async function hasText(locator: Locator, expected: string | RegExp): Promise<void> {
    await locator.filter({ hasText: expected }).first().waitFor();
  }

  async function copied(pattern: RegExp): Promise<string> {
    for (let tries = 0; tries < 50; tries++) {
      const text = await driver.readClipboard();
      if (pattern.test(text)) return text;
      await sleep(100);
    }
    return driver.readClipboard();
  }

  it('opens by a click in the tree and shows every value as it is', async () => {
    await driver.treeRow('people').click();
    await driver.editorTab('people').waitFor();
    await hasText(cell(1, 1), /^2$/);
    assert.equal(await cell(1, 2).innerText(), 'person 24999');
    assert.equal(await cell(1, 4).innerText(), '9007199254740993');
    assert.equal(await cell(1, 5).innerText(), 'NULL');
    assert.equal(await cell(2, 5).innerText(), 'empty');
    assert.match(await cell(4, 5).innerText(), /^BLOB 2 B\s*00ff$/);
    assert.equal(await cell(5, 5).innerText(), '<img src=x onerror=alert(1)>'); // X2
    assert.equal(await inView('.body img').count(), 0);
    await hasText(status(), '25,000 rows');
  });

  it('is a grid with true counts for a screen reader', async () => {
    await inView(`[role=grid][aria-rowcount="${rows + 1}"]`).waitFor();
    assert.equal(await grid().getAttribute('aria-colcount'), '6');
    assert.equal(await grid().getAttribute('aria-label'), 'people');
    assert.equal(await inView('[role=columnheader]').count(), 6);
    const active = await grid().getAttribute('aria-activedescendant');
    assert.equal(await inView(`[id="${active ?? ''}"][role=gridcell]`).count(), 1);
    for (const button of await inView('button:visible').all()) {
      const name = (await button.getAttribute('aria-label')) ?? (await button.innerText());
      assert.notEqual(name.trim(), '');
    }
  });

  it('moves by the keyboard to the last row and back, with no more in the page than is in view', async () => {
    await grid().focus();
    await press('Control+End');
    await hasText(cell(rows, 1), String(rows * 2));
    assert.equal(await inView('.cell.active').getAttribute('aria-colindex'), '6');
    assert.ok((await inView('.body .row').count()) < 60);
    await press('Home', 'PageUp', 'ArrowDown', 'ArrowRight');
    await hasText(inView('.cell.active'), /^person 000\d\d$/);
    await press('Control+Home');
    await hasText(inView('.cell.active'), /^2$/);
  });

  it('sorts by a click, and by a second column with Shift', async () => {
    await header('name').locator('button').click();
    await hasText(cell(1, 2), 'person 00000');
    assert.equal(await header('name').getAttribute('aria-sort'), 'ascending');
    await header('team').locator('button').click();
    await header('name')
      .locator('button')
      .click({ modifiers: ['Shift'] });
    await header('name')
      .locator('button')
      .click({ modifiers: ['Shift'] });
    // Team 1 begins with the greatest name.
    await hasText(cell(1, 2), 'person 24997');
    assert.equal(await header('name').getAttribute('aria-sort'), 'descending');
    await header('team').locator('button').click();
    await hasText(cell(1, 3), /^3$/);
    await header('team').locator('button').click();
    await hasText(cell(1, 1), /^2$/);
    assert.equal(await header('team').getAttribute('aria-sort'), 'none');
  });

  it('filters by what is typed: text, exact numbers, NULL and regular expressions', async () => {
    await filter('name').fill('person 1234');
    await hasText(status(), '10 of 25,000 rows');
    await filter('name').fill('');
    await filter('big').fill('=9007199254740993');
    await hasText(status(), '1 of 25,000 rows');
    assert.equal(await cell(1, 1).innerText(), '2');
    await filter('big').fill('');
    await filter('note').fill('null');
    await hasText(status(), '1 of 25,000 rows');
    await filter('note').fill('');
    await filter('name').fill('/^person 0{3}\\d[05]$/');
    await hasText(status(), '20 of 25,000 rows');
    await filter('name').fill('/(/');
    // A mistake is named at the field, and filters nothing.
    await hasText(inView('.mistake:visible'), /regular expression \( has a group that is not closed/);
    await hasText(status(), /^25,000 rows · not filtered by name/);
    assert.equal(await filter('name').getAttribute('aria-invalid'), 'true');
    await filter('name').fill('nobody');
    await hasText(inView('.emptiness'), 'No row passes the filters.');
    await filter('name').press('Escape');
    await hasText(status(), /^25,000 rows/);
  });

  it('lets go of the filters in one go, and stays at the row that they found', async () => {
    await filter('name').fill('person 1234');
    await hasText(status(), '10 of 25,000 rows');
    await cell(1, 2).click();
    await inView('.status').getByRole('button', { name: 'Clear All Filters' }).click();
    await hasText(status(), /^25,000 rows/);
    await hasText(inView('.cell.active'), 'person 12349');
  });

  it('selects rows, columns, all of it, and what a drag beyond the edge reaches', async () => {
    await toTop();
    await press('Shift+Space', 'Shift+ArrowDown');
    await hasText(status(), '2 × 5 cells selected');
    await press('Escape', 'Control+Space');
    await hasText(status(), '25,000 × 1 cells selected');
    await inView('.corner').click();
    await hasText(status(), '25,000 × 5 cells selected');
    await cell(1, 1).click();
    await press('Space');
    await hasText(inView('.panel .title'), /id\s*Row 1/);
    await press('Escape');
    const box = await cell(2, 2).boundingBox();
    assert.ok(box !== null);
    const { mouse } = driver.page;
    await mouse.move(box.x + 5, box.y + 5);
    await mouse.down();
    await mouse.move(box.x + 5, 795, { steps: 3 });
    await hasText(inView('.cell.active'), /^person 249[0-5]\d$/);
    await mouse.up();
    await hasText(status(), /^25,000 rows.*\d+ × 1 cells selected/s);
  });

  it('finds a text in any column, forwards and backwards', async () => {
    await grid().focus();
    await press('Control+f');
    await inView('.find input').fill('PERSON 0777');
    await hasText(inView('.find .count'), '1 of 10');
    await hasText(inView('.cell.active'), 'person 07779');
    assert.equal(await inView('.cell.active mark').innerText(), 'person 0777');
    await press('Enter');
    await hasText(inView('.find .count'), '2 of 10');
    await press('Shift+Enter', 'Shift+Enter');
    await hasText(inView('.find .count'), '10 of 10');
    await press('Escape');
    await inView('.find').waitFor({ state: 'hidden' });
    await press('Control+Home');
  });

  it('opens a cell beside the grid: JSON folded, text, bytes', async () => {
    await toTop();
    await cell(3, 5).click();
    await press('Enter');
    await hasText(inView('.panel .facts'), 'TEXT');
    assert.equal(await inView('.panel details[open]').count(), 2);
    assert.equal(await inView('.panel details').count(), 3);
    await inView('.panel').getByRole('tab', { name: 'Text' }).click();
    assert.equal(await inView('.panel pre').innerText(), '{"a": [1, {"b": null}]}');
    await cell(4, 5).click();
    await hasText(inView('.panel pre'), /^000000 {2}00 ff/);
    await press('Escape');
    await inView('.panel').waitFor({ state: 'hidden' });
  });

  it('copies a cell, and rows in each format', async () => {
    await toTop();
    await cell(1, 4).click();
    await press('Control+c');
    assert.equal(await copied(/^9/), '9007199254740993');
    const copyAs = async (name: string): Promise<void> => {
      await grid().focus();
      await press('Shift+F10');
      await inView('[role=menu]').getByRole('menuitem', { name }).click();
    };
    await cell(6, 5).click();
    await copyAs('Copy Rows as CSV');
    assert.equal(await copied(/^id/), "id,name,team,big,note\r\n12,person 24994,1,9007199254740998,'=1+1"); // X3
    await copyAs('Copy Rows as JSON');
    assert.equal((JSON.parse(await copied(/^\[/)) as { big: unknown }[])[0]?.big, '9007199254740998');
    await copyAs('Copy Rows as Markdown');
    assert.match(await copied(/^\|/), /^\| id \| name \| team \| big \| note \|\n/);
    await copyAs('Copy Rows as INSERT');
    assert.equal(
      await copied(/^INSERT/),
      `INSERT INTO "people" ("id", "name", "team", "big", "note") VALUES (12, 'person 24994', 1, 9007199254740998, '=1+1');`,
    );
  });

  it('follows a foreign key', async () => {
    await toTop();
    await cell(2, 3).click({ button: 'right' });
    await inView('[role=menu]').getByRole('menuitem', { name: 'Go to Row in teams' }).click();
    await driver.editorTab('teams').waitFor();
    await hasText(cell(1, 2), 'green');
    await hasText(status(), /^1 /);
    await driver.editorTab('people').click();
    await hasText(cell(1, 1), /^2$/);
  });

  it('hides, pins and moves columns', async () => {
    await toTop();
    await header('team').locator('button').click({ button: 'right' });
    await inView('[role=menu]').getByRole('menuitem', { name: 'Hide Column' }).click();
    await header('team').waitFor({ state: 'detached' });
    await header('big').locator('button').click({ button: 'right' });
    await inView('[role=menu]').getByRole('menuitem', { name: 'Pin Column' }).click();
    await hasText(cell(1, 1), '9007199254740993');
    await header('note').locator('button').click({ button: 'right' });
    await inView('[role=menu]').getByRole('menuitem', { name: 'Move Left' }).click();
    // The menu of all columns goes by letters, and stays open for the next one.
    await inView('button[aria-label="Columns"]').click();
    await press('n', 'o', 'Enter');
    await header('note').waitFor({ state: 'detached' });
    await press('Enter', 'Escape');
    await header('note').waitFor();
    assert.deepEqual(await inView('[role=columnheader] .label').allInnerTexts(), ['big', 'id', 'note', 'name']);
  });

  it('keeps columns, sorting, filter, place, panel and schema over a reload of the window', async () => {
    await header('name').locator('button').click();
    await filter('id').fill('>10000');
    await hasText(status(), '20,000 of 25,000 rows');
    await grid().focus();
    await press('Control+End', 'PageUp');
    const before = await inView('.body .number-cell').first().innerText();
    const active = await inView('.cell.active').innerText();
    await press('Enter');
    await hasText(inView('.panel pre'), active);
    await inView('.panel-edge').focus();
    await press('ArrowLeft', 'ArrowLeft');
    const size = await inView('.panel-edge').getAttribute('aria-valuenow');
    await tab('Schema').click();
    await profile('team').click();
    await hasText(inView('.schema .profile dl'), /Distinct values\s*3/);
    await sleep(500);
    // As a person does: a page that is torn away saves nothing.
    const reloaded = driver.page.waitForEvent('load');
    await driver.runCommand('Developer: Reload Window');
    await reloaded;
    await hasText(status(), '20,000 of 25,000 rows');
    await hasText(inView('.schema .profile dl'), /Distinct values\s*3/);
    await profile('team').click();
    await inView('.schema .profile').first().waitFor({ state: 'hidden' });
    await tab('Data').click();
    await hasText(inView('.panel pre'), active);
    await hasText(inView('.cell.active'), active);
    assert.equal(await inView('.panel-edge').getAttribute('aria-valuenow'), size);
    await inView('.panel-edge').focus();
    await press('Escape', 'Escape');
    await inView('.panel').waitFor({ state: 'hidden' });
    assert.deepEqual(await inView('[role=columnheader] .label').allInnerTexts(), ['big', 'id', 'note', 'name']);
    assert.equal(await header('name').getAttribute('aria-sort'), 'ascending');
    assert.equal(await filter('id').inputValue(), '>10000');
    await inView('.number-cell').filter({ hasText: before }).first().waitFor();
    await filter('id').fill('');
    await hasText(status(), /^25,000 rows/);
    await header('name').locator('button').click();
    await header('name').locator('button').click();
    await hasText(cell(1, 2), /^2$/);
  });

  it('notices that the file has changed, and the same rows stay in view', async () => {
    await grid().focus();
    await press('Control+Home', 'PageDown', 'PageDown', 'PageDown');
    const active = (await inView('.cell.active').getAttribute('data-row')) ?? '';
    const key = await cell(Number(active) + 1, 2).innerText();
    await press('Shift+ArrowDown');
    await inView('html').evaluate(watchForBlankFrames);
    await edit(database, "DELETE FROM people WHERE id <= 20; UPDATE people SET note = 'changed' WHERE id > 20");
    await hasText(status(), '24,990 rows');
    await hasText(cell(Number(active) + 1 - 10, 2), key);
    await hasText(cell(Number(active) + 1 - 10, 3), 'changed');
    await hasText(status(), '2 × 1 cells selected');
    assert.equal(await inView('html').evaluate('window.blankFrames'), 0);
  });

  it('shows the schema, and a profile of a column on demand', async () => {
    await tab('Schema').click();
    await hasText(inView('.schema'), 'CREATE TABLE people');
    await hasText(inView('.schema'), 'by_name');
    await profile('team').click();
    await hasText(inView('.schema .profile dl'), /Distinct values\s*3/);
    await tab('Data').click();
  });

  it('exports the filtered rows to a file', async () => {
    await filter('name').fill('person 0001');
    await hasText(status(), '10 of 24,990 rows');
    await inView('.tools').getByRole('button', { name: 'Export rows' }).click();
    await driver.quickPick('JSON Lines');
    const file = join(workspace, 'people.jsonl');
    // The list of formats stands there until the dialog has its own name.
    while (!(await driver.quickInput.input.inputValue()).endsWith('people.jsonl')) await sleep(100);
    await driver.quickInput.input.fill(file);
    await driver.quickInput.widget.getByRole('button', { name: 'OK' }).click();
    await driver.waitForNotification(/10 rows exported to/);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    assert.equal(lines.length, 10);
    assert.equal((JSON.parse(lines[0] ?? '') as { name: unknown }).name, 'person 00019');
    await filter('name').press('Escape');
    await hasText(status(), /^24,990 rows/);
  });

  it('opens from the palette, and a database file opens as a list of tables', async () => {
    // A webview that has the focus when the palette opens gets it back from VS Code a moment later, and closes what the
    // command asks.
    await driver.runCommand('Jarvis: Focus on Databases View');
    await driver.runCommand('Jarvis: Open Table…');
    await driver.quickPick('llm_costs.db');
    await driver.quickPick('llm_usage');
    await driver.editorTab('llm_usage').waitFor();
    await hasText(status(), '25 rows');
    await driver.openFile('viewed.db');
    await driver.page.locator('.monaco-editor-pane-placeholder').waitFor();
    await driver.runCommand('View: Reopen Editor With...');
    await driver.quickPick(/Jarvis Database Viewer/);
    await hasText(inView('.tables'), 'viewed.db');
    await hasText(status(), '24,990 rows');
    await toTop();
    await press('Enter');
    await hasText(inView('.panel pre'), /^22$/);
    await tab('Schema').click();
    await hasText(inView('.schema'), 'CREATE TABLE people');
    // Another table takes the place of this one in all of the view.
    await inView('.tables').getByRole('button', { name: 'teams' }).click();
    await hasText(inView('.schema'), 'CREATE TABLE teams');
    await hasText(status(), /^3 rows/);
    await tab('Data').click();
    await hasText(inView('.panel pre'), /^1$/);
  });
});
