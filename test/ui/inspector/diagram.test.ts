/** A database as a diagram, and two databases compared, as a person sees them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '../../../scripts/sample/make-sample';
import type { Driver, Locator } from '../../host/driver';
import { create, edit } from '../../support/sqlite';
import { run } from '../../support/workspace';
import { container, root, Stage } from '../stage';

const extension = 'jarvis-databases.jarvis-databases';

const shop = `CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, invited_by INTEGER REFERENCES customers);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), placed_at TEXT, state TEXT DEFAULT 'new');
  CREATE TABLE products (sku TEXT PRIMARY KEY, title TEXT NOT NULL, price REAL, supplier INTEGER REFERENCES suppliers (id)) WITHOUT ROWID;
  CREATE TABLE order_lines (order_id INTEGER REFERENCES orders (id), sku TEXT REFERENCES products (sku), quantity INTEGER, PRIMARY KEY (order_id, sku));
  CREATE TABLE invoices (id INTEGER PRIMARY KEY, order_id INTEGER UNIQUE REFERENCES orders (id), due TEXT);
  CREATE TABLE settings (key TEXT PRIMARY KEY, value); CREATE TABLE log (at TEXT, line TEXT);
  INSERT INTO customers VALUES (1, 'Ada', NULL), (2, 'Bob', 1);
  INSERT INTO orders VALUES (1, 1, '2026-01-01', 'new'), (2, 2, '2026-01-02', 'paid');`;

const many = Array.from({ length: 300 }, (_, index) => {
  const reference =
    index % 5 === 1 ? `, parent INTEGER REFERENCES table_${String(index - 1).padStart(3, '0')} (id)` : '';
  return `CREATE TABLE table_${String(index).padStart(3, '0')} (id INTEGER PRIMARY KEY, name TEXT, note TEXT${reference});`;
}).join('\n');

describe('a diagram and a comparison in the window', () => {
  let stage: Stage;
  let driver: Driver;

  before(async () => {
    stage = await Stage.start();
    const workspace = join(stage.folder, 'jarvis');
    await makeSample(workspace);
    const path = (name: string): string => join(workspace, 'data', name);
    await create(path('shop.db'), shop);
    await create(
      path('shop_new.db'),
      `${shop} UPDATE orders SET state = 'sent' WHERE id = 2; INSERT INTO orders VALUES (3, 1, NULL, ''); DROP TABLE log`,
    );
    await create(path('many.db'), many);
    await run(workspace);
    await edit(path('jarvis_analytics.db'), "UPDATE llm_costs SET model = 'another' WHERE id = 2");
    driver = await stage.open({ folder: workspace });
    await driver.openView(container);
  });
  after(() => stage.stop());
  afterEach(async function () {
    await stage.keepFailure(this);
  });

  const inView = (selector: string): Locator => driver.webview(extension).locator(selector);
  const card = (table: string): Locator => inView(`.card[aria-label^="${table},"]`);
  const press = (key: string): Promise<void> => driver.page.keyboard.press(key);
  const picture = (name: string): Promise<void> => driver.screenshot(join(root, 'out', 'screenshots', `${name}.png`));

  /** The list is longer than what of it is on the screen. */
  async function pick(name: string): Promise<void> {
    await driver.page.locator('.quick-input-widget:visible .monaco-list-row').first().waitFor();
    await driver.page.keyboard.type(name);
    await driver.quickPick(name);
  }

  async function copied(pattern: RegExp): Promise<string> {
    for (let tries = 0; tries < 50; tries++) {
      const text = await driver.readClipboard();
      if (pattern.test(text)) return text;
      await sleep(100);
    }
    return driver.readClipboard();
  }

  it('draws the tables of a database with their keys and references', async () => {
    await driver.runCommand('Jarvis: Show Diagram');
    await pick('shop.db');
    await driver.editorTab('Diagram of shop.db').waitFor();
    await card('orders').waitFor();
    assert.equal(await inView('.card').count(), 8);
    assert.equal(await inView('.line').count(), 6);
    assert.equal(await inView('.card.missing').count(), 1);
    const label = await card('orders').getAttribute('aria-label');
    assert.equal(label, 'orders, columns: 4; refers to customers; referred to by invoices, order_lines');
    assert.match(await card('order_lines').innerHTML(), /PK.*order_id.*INTEGER/s);
    await picture('diagram');
  });

  it('is walked through by the keyboard, and Enter opens the table', async () => {
    await card('orders').focus();
    await press('ArrowRight');
    await inView('.card[aria-label^="customers,"]:focus').waitFor();
    await press('ArrowLeft');
    assert.notEqual(
      await inView('.card:focus').getAttribute('aria-label'),
      await card('customers').getAttribute('aria-label'),
    );
    await card('orders').focus();
    await picture('diagram-focus');
    await press('Enter');
    await driver.editorTab('orders').waitFor();
    await driver.runCommand('View: Close Editor');
  });

  it('is copied as Mermaid', async () => {
    await inView('button:has-text("Copy as Mermaid")').click();
    assert.match(await copied(/erDiagram/), /^erDiagram\n {2}t0\["customers"\] \{\n {4}INTEGER id PK\n/);
  });

  it('is exported as an SVG file of its own', async () => {
    await inView('button:has-text("Export SVG")').click();
    await driver.page.locator('.quick-input-widget:visible input').first().waitFor();
    await driver.page.locator('.quick-input-widget:visible .monaco-button', { hasText: 'OK' }).first().click();
    const file = join(stage.folder, 'jarvis', 'data', 'shop.svg');
    let text = '';
    for (let tries = 0; tries < 50 && text === ''; tries++) {
      text = await readFile(file, 'utf8').catch(() => '');
      await sleep(100);
    }
    assert.match(text, /^<\?xml.*<svg [^>]*>.*<text [^>]*>order_lines<\/text>.*<\/svg>\s*$/s);
    assert.doesNotMatch(text, /var\(--|class=|<script/);
  });

  it('stays usable with 300 tables: those without references are folded, and found', async () => {
    await driver.runCommand('Jarvis: Show Diagram');
    await pick('many.db');
    await inView('.heading:has-text("180")').waitFor();
    await picture('diagram-many');
    assert.equal(await inView('.card').count(), 120);
    await inView('input').fill('table_299');
    await card('table_299').waitFor();
    await inView('input').press('Enter');
    await inView('.card.current').waitFor();
    await picture('diagram-many-found');
    assert.equal(await inView('.found').innerText(), '1 of 1');
  });

  it('shows what differs between two databases: counts first, then the rows in the diff editor', async () => {
    await driver.runCommand('View: Close All Editors');
    await driver.runCommand('Jarvis: Compare Databases…');
    await pick('shop.db');
    await pick('shop_new.db');
    await driver.waitForNotification('shop.db ↔ shop_new.db');
    const report = driver.previewBody();
    await report.locator('text=Different').first().waitFor();
    assert.match(await report.innerText(), /orders\s+id\s+2\s+3\s+0\s+1\s+1\s+1/);
    await picture('comparison');
    await driver.notificationCentre.clickButton('shop.db ↔ shop_new.db', 'Show Differences');
    await driver.page.locator('.multiDiffEditor, .multi-diff-editor').first().waitFor();
    await driver.page.locator('.view-lines', { hasText: "state = 'sent'" }).first().waitFor();
    await picture('comparison-diff');
  });

  it('shows a legacy row beside its consolidated row, or says that both are equal', async () => {
    await driver.runCommand('View: Close All Editors');
    await driver.runCommand('Jarvis: Open Table…');
    await pick('llm_costs.db');
    await pick('llm_usage');
    const cell = (row: number): Locator =>
      inView(`[role=row][aria-rowindex="${row + 1}"] [role=gridcell][aria-colindex="3"]`);
    const compare = async (row: number): Promise<void> => {
      await cell(row).click({ button: 'right' });
      await inView('.menu .item:has-text("Compare Row With Consolidated")').click();
    };
    await cell(1).waitFor();
    await compare(1);
    await driver.waitForNotification('Row 1 of llm_usage is in jarvis_analytics.db llm_costs, equal in every cell.');
    await driver.runCommand('View: Close Editor');
    await compare(2);
    await driver.page.locator('.monaco-diff-editor .view-lines', { hasText: "model: 'another'" }).first().waitFor();
    await picture('row-diff');
  });
});
