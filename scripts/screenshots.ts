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
import type { Settings } from '../test/host/settings';
import { packageExtension } from './package';
import { makeSample } from './sample/make-sample';

const root = resolve(__dirname, '..');
const extension = 'jarvis-databases.jarvis-databases';
const window = join(root, 'docs', 'screenshot.png');
const pictureOf = (state: string): string => join(root, 'docs', 'screenshots', `${state}.png`);
const viewport = { width: 1440, height: 900 };
/** Wide enough that no name and no state of the tree is cut. Pixels. */
const sideBarWidth = 340;
/** A whole migration of the sample, on a machine with other things to do. Milliseconds. */
const patience = 120_000;

/** What is VS Code's own, and would take room or attention from what is ours. */
const uncluttered: Settings = {
  'breadcrumbs.enabled': false,
  // Of each line that is put in, the indentation would be added to the next one's.
  'editor.autoIndent': 'none',
  'editor.minimap.enabled': false,
  'editor.renderLineHighlight': 'none',
  'workbench.editor.untitled.labelFormat': 'name',
  'workbench.layoutControl.enabled': false,
};

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'jarvis-picture-'));
  try {
    const workspace = join(folder, 'jarvis');
    const vsix = join(folder, 'jarvis-databases.vsix');
    await makeSample(workspace);
    await packageExtension(vsix);
    const server = await startServer({ installVsix: [vsix], smokeTestDriver: false, settings: uncluttered });
    try {
      const browser = await launchBrowser();
      try {
        await takePictures(await Driver.open(server, browser, { folder: workspace, viewport }));
      } finally {
        await browser.close();
      }
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function takePictures(driver: Driver): Promise<void> {
  driver.page.setDefaultTimeout(patience);
  await driver.openView('Jarvis');
  await driver.setColorTheme(colorThemes.dark);
  await driver.setSideBarWidth(sideBarWidth);
  await driver.expandTreeRow('llm_costs.db');
  await driver.treeRow('llm_usage').filter({ hasText: 'pending' }).waitFor();
  await driver.runCommand('Jarvis: Create Plan File');
  await driver.page.locator('.codelens-decoration a', { hasText: 'Dry run' }).first().waitFor();

  await driver.runCommand('Jarvis: Migrate All');
  const question = await driver.dialog();
  await take(driver, pictureOf('question'));
  await question.clickButton('Migrate');
  await driver.previewBody().getByText('Committed.').first().waitFor();
  await driver.treeRow('llm_usage').filter({ hasText: 'migrated' }).waitFor();
  await driver.notificationCentre.clear();
  await take(driver, window);

  await driver.setColorTheme(colorThemes.light);
  await openTable(driver);
  await take(driver, pictureOf('table'));
  await drawDiagram(driver);
  await take(driver, pictureOf('diagram'));
  await driver.setColorTheme(colorThemes.dark);
  // Last, since VS Code asks before it closes what was written and not saved.
  await query(driver);
  await take(driver, pictureOf('query'));
}

async function openTable(driver: Driver): Promise<void> {
  await closeEditors(driver);
  await driver.runCommand('Jarvis: Open Table…');
  await pick(driver, 'Which database?', 'jarvis_analytics.db');
  await pick(driver, 'Which table of data/jarvis_analytics.db?', 'tweets');
  const view = driver.webview(extension);
  await view.locator('input[aria-label="Filter by content"]').fill('$SOL');
  await view.locator('.status').filter({ hasText: / of / }).first().waitFor();
  await view.locator('[role=row][aria-rowindex="5"] [role=gridcell][aria-colindex="4"]').first().click();
}

async function drawDiagram(driver: Driver): Promise<void> {
  await closeEditors(driver);
  await driver.runCommand('Jarvis: Show Diagram');
  await pick(driver, 'Show the diagram of which database?', 'jarvis_core.db');
  await driver.webview(extension).locator('.card').first().waitFor();
}

async function query(driver: Driver): Promise<void> {
  await closeEditors(driver);
  await driver.tree.chooseFromMenu('jarvis_analytics.db', 'New Query');
  await driver.page.locator('.codelens-decoration a', { hasText: 'jarvis_analytics.db' }).waitFor();
  await driver.page.locator('.editor-instance .overflow-guard').first().click();
  await driver.page.keyboard.press('ControlOrMeta+A');
  await driver.page.keyboard.insertText(statement);
  await driver.page.keyboard.press('Escape');
  await driver.page.keyboard.press('ControlOrMeta+Enter');
  const status = driver.webview(extension).locator('.status');
  await status
    .filter({ hasText: / rows? in / })
    .first()
    .waitFor();
}

const statement = `-- What do the sources say, and how surely?
SELECT
  source,
  verdict,
  count(*) AS calls,
  round(avg(score), 2) AS score
FROM calls
GROUP BY source, verdict
ORDER BY source, calls DESC;
`;

/** Which question is waited for, since one may follow another; the list is longer than what of it is on the screen. */
async function pick(driver: Driver, question: string, name: string): Promise<void> {
  await driver.page.locator(`.quick-input-widget:visible input[placeholder="${question}"]`).waitFor();
  await driver.page.keyboard.type(name);
  await driver.quickPick(name);
}

async function closeEditors(driver: Driver): Promise<void> {
  await driver.runCommand('View: Close All Editors');
}

/** Once tooltips and scroll bars have gone, and what has changed its theme is painted. */
async function take(driver: Driver, path: string): Promise<void> {
  await driver.page.mouse.move(viewport.width / 2, viewport.height - 5);
  await sleep(2000);
  await driver.screenshot(path);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
