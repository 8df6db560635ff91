/**
 * `npm run screenshots`: takes the README's pictures anew, from the packaged extension on the sample workspace.
 * Packaged, since a window for development says so in its title and shows no notifications.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchBrowser } from '../test/host/browser';
import { colorThemes, Driver } from '../test/host/driver';
import { startServer } from '../test/host/server';
import { packageExtension } from './package';
import { makeSample } from './sample/make-sample';

const root = resolve(__dirname, '..');
const extension = 'jarvis-databases.jarvis-databases';
const report = join(root, 'docs', 'screenshot.png');
const pictureOf = (state: string): string => join(root, 'docs', 'screenshots', `${state}.png`);
/** A height at which the tree shows whole rows. */
const viewport = { width: 1400, height: 878 };
/** Wide enough that no name and no row count of the tree is cut. Pixels. */
const sideBarWidth = 340;

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'jarvis-picture-'));
  const workspace = join(folder, 'jarvis');
  const vsix = join(folder, 'jarvis-databases.vsix');
  await makeSample(workspace);
  await packageExtension(vsix);
  const server = await startServer({ installVsix: [vsix], smokeTestDriver: false });
  const browser = await launchBrowser();
  try {
    const driver = await Driver.open(server, browser, { folder: workspace, viewport });
    await driver.openView('Jarvis');
    await driver.treeRow('llm_costs.db').waitFor();
    await driver.setColorTheme(colorThemes.dark);
    await driver.setSideBarWidth(sideBarWidth);

    await migrate(driver);
    await driver.screenshot(report);
    await driver.setColorTheme(colorThemes.light);
    await openTable(driver);
    await driver.screenshot(pictureOf('table'));
    await drawDiagram(driver);
    await driver.screenshot(pictureOf('diagram'));
    await driver.setColorTheme(colorThemes.dark);
    await ask(driver);
    await driver.screenshot(pictureOf('query'));
  } finally {
    await browser.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function migrate(driver: Driver): Promise<void> {
  await driver.expandTreeRow('llm_costs.db');
  await driver.runCommand('Jarvis: Migrate All');
  await (await driver.dialog()).clickButton('Migrate');
  await driver.previewBody().getByText('Committed.').first().waitFor();
  await driver.page.locator('.notification-toast', { hasText: /rows migrated/ }).waitFor();
  // The tree has looked at both sides of every table, and says so.
  await driver.treeRow('llm_usage').filter({ hasText: 'migrated' }).waitFor();
  await comeToRest(driver);
}

async function openTable(driver: Driver): Promise<void> {
  await closeEditors(driver);
  await driver.runCommand('Jarvis: Open Table…');
  await pick(driver, 'jarvis_analytics.db');
  await pick(driver, 'llm_costs');
  const view = driver.webview(extension);
  await view.locator('input[aria-label="Filter by model"]').fill('claude');
  await view.locator('.status').filter({ hasText: / of / }).first().waitFor();
  await view.locator('[role=row][aria-rowindex="3"] [role=gridcell][aria-colindex="12"]').first().click();
  await driver.page.keyboard.press('Enter');
  await comeToRest(driver);
}

async function drawDiagram(driver: Driver): Promise<void> {
  await closeEditors(driver);
  await driver.runCommand('Jarvis: Show Diagram');
  await pick(driver, 'jarvis_core.db');
  await driver.webview(extension).locator('.card').first().waitFor();
  await comeToRest(driver);
}

async function ask(driver: Driver): Promise<void> {
  await closeEditors(driver);
  await driver.tree.chooseFromMenu('jarvis_analytics.db', 'New Query');
  await driver.page.locator('.codelens-decoration a', { hasText: 'jarvis_analytics.db' }).waitFor();
  await driver.page.locator('.editor-instance .overflow-guard').first().click();
  await driver.page.keyboard.press('Control+A');
  await driver.page.keyboard.insertText(question);
  await driver.page.keyboard.press('Escape');
  await driver.page.keyboard.press('Control+Enter');
  await driver
    .webview(extension)
    .locator('.status')
    .filter({ hasText: / rows? in / })
    .first()
    .waitFor();
  await comeToRest(driver);
}

const question = `-- What did each model cost?
SELECT provider, model, count(*) AS requests, sum(total_tokens) AS tokens, round(sum(cost_usd), 2) AS usd
FROM llm_costs
GROUP BY provider, model
ORDER BY usd DESC;
`;

/** The list is longer than what of it is on the screen. */
async function pick(driver: Driver, name: string): Promise<void> {
  await driver.page.locator('.quick-input-widget:visible .monaco-list-row').first().waitFor();
  await driver.page.keyboard.type(name);
  await driver.quickPick(name);
}

async function closeEditors(driver: Driver): Promise<void> {
  await driver.runCommand('View: Close All Editors');
}

/** Tooltips and scroll bars go, and what has changed its theme is painted. */
async function comeToRest(driver: Driver): Promise<void> {
  await driver.page.mouse.move(900, viewport.height - 10);
  await sleep(1500);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
