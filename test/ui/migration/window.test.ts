/** The extension as a person meets it: the real window, driven by mouse and keyboard. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeSample } from '../../../scripts/sample/make-sample';
import type { RunReport } from '../../../src/core/report/model';
import { launchBrowser, type Browser } from '../../host/browser';
import { Driver } from '../../host/driver';
import { startServer, type Server } from '../../host/server';
import { edit } from '../../support/sqlite';

const root = resolve(__dirname, '..', '..', '..');
const container = 'Jarvis';
const logChannel = 'Jarvis Databases';

describe('the window', () => {
  let server: Server;
  let browser: Browser;
  let workspace: string;
  let driver: Driver;

  before(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'jarvis-window-'));
    await makeSample(workspace, { all: false });
    // No plan names it: a broken legacy database would be a reason to refuse.
    await writeFile(join(workspace, 'data', 'scratch.db'), '');
    server = await startServer();
    browser = await launchBrowser();
    driver = await Driver.open(server, browser, { folder: workspace, extensions: [root] });
  });
  after(async () => {
    await browser.close();
    await server.stop();
    await rm(workspace, { recursive: true, force: true, maxRetries: 5 });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await driver.screenshot(join(root, 'out', 'failures', `${this.currentTest.title}.png`));
  });

  it('the tree shows the databases in their groups, tables with row counts and columns', async () => {
    await driver.openView(container);
    for (const name of [
      'jarvis_analytics.db',
      'jarvis_cache.db',
      'jarvis_core.db',
      'llm_costs.db',
      'metrics.db',
      'rate_limiter.db',
      'telegram_memory.db',
    ]) {
      await driver.treeRow(name).waitFor();
    }
    await driver.expandTreeRow('llm_costs.db');
    assert.match(await driver.treeRow('llm_usage').innerText(), /25 rows/);
    await driver.expandTreeRow('llm_usage');
    assert.match(await driver.treeRow('input_tokens').innerText(), /INTEGER/);
    await driver.screenshot(join(root, 'out', 'screenshots', 'tree.png'));
  });

  it('B1: a broken database is a node that says what is wrong, beside the others', async () => {
    await driver.expandTreeRow('Other');
    assert.match(await (await driver.tree.reveal('scratch.db')).innerText(), /empty/i);
    await driver.treeRow('llm_costs.db').waitFor();
  });

  it('a dry run from the palette shows what would happen and writes nothing', async () => {
    const before = await listFiles(workspace);
    await driver.runCommand('Jarvis: Dry Run');
    assert.deepEqual(await driver.quickInput.listRows(), ['All Domains', 'Core', 'Analytics', 'Cache']);
    await driver.quickPick('All Domains');
    await driver.previewBody().locator('h1').waitFor();
    assert.match(await driver.previewBody().innerText(), /Would be committed/);
    assert.deepEqual(await listFiles(workspace), before);
  });

  it('"Jarvis: Migrate Analytics" asks first, and cancelling changes nothing', async () => {
    const before = await listFiles(workspace);
    await driver.runCommand('Jarvis: Migrate Analytics');
    const dialog = await driver.dialog();
    assert.match(await dialog.text(), /25 rows/);
    assert.match(await dialog.text(), /data\/backups/);
    await driver.screenshot(join(root, 'out', 'screenshots', 'confirm.png'));
    await dialog.clickButton('Cancel');
    assert.deepEqual(await listFiles(workspace), before);
  });

  it('"Jarvis: Migrate Analytics" migrates and opens the report as a preview beside the code', async () => {
    await driver.openFile('README.md');
    await driver.runCommand('Jarvis: Migrate Analytics');
    await (await driver.dialog()).clickButton('Migrate');
    const body = driver.previewBody();
    await body.locator('h1', { hasText: 'Migration Report' }).waitFor();
    await body.getByText('Committed.').first().waitFor();
    const text = await body.innerText();
    assert.match(text, /llm_usage\D+25/);
    for (const tier of ['Schema', 'Counts', 'Cells', 'Rebuilt']) assert.match(text, new RegExp(tier));
    assert.ok((text.match(/✓ passed/g) ?? []).length >= 27, text);
    assert.doesNotMatch(text, /✗/);
    assert.ok(await driver.editorTab('README.md').isVisible(), 'the code stays open beside the report');
    await driver.screenshot(join(root, 'out', 'screenshots', 'report.png'));
    const report = await readReport(workspace);
    assert.equal(report.outcome, 'committed');
    assert.equal(report.steps[0]?.inserted, 25);
  });

  it('the tree is up to date after the migration', async () => {
    await driver.openView(container);
    await driver.expandTreeRow('jarvis_analytics.db');
    await driver.treeRow('legacy_llm_usage').waitFor();
    assert.match(await driver.treeRow('llm_costs').innerText(), /25 rows/);
  });

  it('P4: a second run says that there is nothing to do', async () => {
    const runs = (await readdir(join(workspace, 'data', 'backups'))).length;
    await driver.runCommand('Jarvis: Migrate Analytics');
    await driver.waitForNotification(/nothing to do/i);
    assert.equal((await readdir(join(workspace, 'data', 'backups'))).length, runs);
  });

  it('validates what is on disk', async () => {
    await driver.runCommand('Jarvis: Validate Migration');
    await driver.quickPick('Analytics');
    await driver.previewBody().getByText('Valid.').first().waitFor();
  });

  it('a row that changed since is marked in the tree, and stands beside its consolidated row', async () => {
    await edit(join(workspace, 'data', 'llm_costs.db'), "UPDATE llm_usage SET model = 'changed' WHERE id = 2");
    await driver.openView(container);
    await driver.expandTreeRow('llm_costs.db');
    await (await driver.tree.reveal('llm_usage')).filter({ hasText: '1 conflict' }).waitFor();
    await driver.tree.chooseFromMenu('llm_usage', 'Compare With Consolidated');
    const sides = driver.page.locator('.monaco-diff-editor .view-lines');
    await sides
      .filter({ hasText: /model.=.'changed'/ })
      .first()
      .waitFor();
    await sides
      .filter({ hasText: /model.=.'claude/ })
      .first()
      .waitFor();
  });

  it('the report of a run has what can be done with it in its title, until it was done', async () => {
    await driver.page.keyboard.press('Escape');
    await driver.runCommand('View: Close All Editors');
    await driver.runCommand('Jarvis: Open Latest Report');
    await driver.previewBody().locator('h1', { hasText: 'Migration Report' }).waitFor();
    await driver.titleAction('Validate Again').waitFor();
    await driver.screenshot(join(root, 'out', 'screenshots', 'live-report.png'));
    assert.equal(await driver.titleAction('Show the Rows Concerned').count(), 0, 'nothing was in conflict');
    await driver.titleAction('Roll Back This Migration…').click();
    await (await driver.dialog()).clickButton('Roll Back');
    await driver.previewBody().locator('h1', { hasText: 'Rollback' }).waitFor();
    await driver.runCommand('View: Close Editor');
    await driver.previewBody().locator('h1', { hasText: 'Migration Report' }).waitFor();
    await driver.titleAction('Roll Back This Migration…').waitFor({ state: 'detached' });
    await driver.titleAction('Validate Again').waitFor();
  });

  it('the walkthrough opens when it is asked for, shows its steps, and its button does what it says', async () => {
    await driver.runCommand('View: Close All Editors');
    await driver.runCommand('Jarvis: Get Started');
    const steps = driver.page.locator('.getting-started-step');
    await steps.filter({ hasText: 'Find your databases' }).waitFor();
    assert.equal(await steps.count(), 5);
    const report = steps.filter({ hasText: 'Read the report' });
    await report.click();
    await report.getByText('Open Latest Report').click();
    await driver.previewTabs().first().waitFor();
    await driver.editorTab('Welcome').click();
    await report.locator('.codicon.complete').waitFor();
  });

  it('the log says what happened', async () => {
    assert.match(await driver.outputText(logChannel), /Published data\/jarvis_analytics\.db/);
  });
});

async function readReport(workspace: string): Promise<RunReport> {
  const backups = join(workspace, 'data', 'backups');
  const latest = (await readdir(backups)).sort().at(-1) ?? '';
  return JSON.parse(await readFile(join(backups, latest, 'report.json'), 'utf8')) as RunReport;
}

async function listFiles(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.sort();
}
