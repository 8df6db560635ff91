/** `npm run screenshot`: takes the README's picture anew, from a real window on the sample workspace. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { launchBrowser } from '../test/host/browser';
import { colorThemes, Driver } from '../test/host/driver';
import { startServer } from '../test/host/server';
import { makeSample } from './sample/make-sample';

const root = resolve(__dirname, '..');
const picture = join(root, 'docs', 'screenshot.png');

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'jarvis-picture-'));
  const workspace = join(folder, 'jarvis');
  await makeSample(workspace);
  const server = await startServer();
  const browser = await launchBrowser();
  try {
    const driver = await Driver.open(server, browser, {
      folder: workspace,
      extensions: [root],
      viewport: { width: 1400, height: 860 },
    });
    await driver.setColorTheme(process.argv[2] ?? colorThemes.dark);
    await driver.openView('Jarvis');
    await driver.treeRow('llm_costs.db').waitFor();
    await driver.runCommand('Jarvis: Migrate Analytics');
    await (await driver.dialog()).clickButton('Migrate');
    await driver.previewBody().getByText('Committed.').first().waitFor();
    await driver.expandTreeRow('jarvis_analytics.db');
    await driver.treeRow('llm_costs').waitFor();
    await driver.expandTreeRow('llm_costs.db');
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
