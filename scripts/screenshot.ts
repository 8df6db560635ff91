/**
 * `npm run screenshot`: takes the README's picture anew, from the packaged extension on the sample workspace after a
 * migration. Packaged, since a window for development says so in its title and shows no notifications.
 *
 * `npm run screenshot -- THEME FILE` takes another theme (its id, as in the settings) into another file.
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
const picture = join(root, 'docs', 'screenshot.png');
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
    await driver.setColorTheme(process.argv[2] ?? colorThemes.dark);
    await driver.setSideBarWidth(sideBarWidth);

    await driver.expandTreeRow('llm_costs.db');
    await driver.runCommand('Jarvis: Migrate All');
    await (await driver.dialog()).clickButton('Migrate');
    const report = driver.previewBody();
    await report.getByText('Committed.').first().waitFor();
    await driver.page.locator('.notification-toast', { hasText: /rows migrated/ }).waitFor();
    // The tree has looked at both sides of every table, and says so.
    await driver.treeRow('llm_usage').filter({ hasText: 'migrated' }).waitFor();
    await driver.page.mouse.move(900, viewport.height - 10);
    await sleep(1500); // tooltips and scroll bars go
    await driver.screenshot(process.argv[3] ?? picture);
  } finally {
    await browser.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
