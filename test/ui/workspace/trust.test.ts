/** Restricted Mode: everything can be looked at, nothing can be written, and trusting the folder is enough to go on. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSample } from '../../../scripts/sample/make-sample';
import type { Driver } from '../../host/driver';
import { listFiles } from '../../support/folders';
import { container, Stage } from '../stage';

/** A keyboard shortcut of the user's runs a command whatever the palette offers, as another extension could. */
const shortcuts = { 'jarvis.migrateAnalytics': 'F6', 'jarvis.backUp': 'F7' } as const;

describe('X5: Restricted Mode in the window', () => {
  let stage: Stage;
  let workspace: string;
  let driver: Driver;

  before(async () => {
    stage = await Stage.start({
      workspaceTrust: true,
      settings: { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' },
    });
    workspace = join(stage.folder, 'jarvis');
    await makeSample(workspace, { all: false });
    const bindings = Object.entries(shortcuts).map(([command, key]) => ({ key, command }));
    await writeFile(join(stage.server.folder, 'user', 'User', 'keybindings.json'), JSON.stringify(bindings));
    driver = await stage.open({ folder: workspace });
  });
  after(() => stage.stop());
  afterEach(async function () {
    await stage.keepFailure(this);
  });

  it('the tree shows the databases, and the view says what is restricted', async () => {
    await driver.openView(container);
    await driver.expandTreeRow('llm_costs.db');
    assert.match(await driver.treeRow('llm_usage').innerText(), /25 rows/);
    await driver.page.getByText('Restricted Mode: you can look at databases').first().waitFor();
  });

  it('a table opens in the viewer', async () => {
    await driver.treeRow('llm_usage').click();
    const view = driver.webview('jarvis-databases.jarvis-databases');
    await view.locator('.status').filter({ hasText: '25 rows' }).waitFor();
    await view.locator('[role=gridcell]').first().waitFor();
  });

  it('the palette offers what reads and not what writes', async () => {
    const offered = await driver.quickInput.findCommands('Jarvis: ');
    for (const title of ['Jarvis: Dry Run', 'Jarvis: Validate Migration']) assert.ok(offered.includes(title), title);
    for (const title of [
      'Jarvis: Migrate All',
      'Jarvis: Migrate Analytics',
      'Jarvis: Migrate Cache',
      'Jarvis: Migrate Core',
      'Jarvis: Back Up Databases',
      'Jarvis: Create Plan File',
    ])
      assert.ok(!offered.includes(title), title);
  });

  for (const [id, key] of Object.entries(shortcuts)) {
    it(`${id} is refused whoever runs it, and nothing is written`, async () => {
      const before = await listFiles(workspace);
      await driver.notificationCentre.clear();
      await driver.page.keyboard.press(key);
      const { message, severity } = await driver.waitForNotification(/not trusted/);
      assert.equal(severity, 'warning');
      assert.match(message, /nothing is written in it\. Trust the workspace first/);
      assert.deepEqual(await listFiles(workspace), before);
    });
  }

  it('a dry run works', async () => {
    await driver.runCommand('Jarvis: Dry Run');
    await driver.quickPick('All Domains');
    await driver.previewBody().getByText('Would be committed').first().waitFor();
  });

  it('once the folder is trusted, a migration works', async () => {
    await driver.trustFolder();
    await driver.runCommand('Jarvis: Migrate Analytics');
    await (await driver.dialog()).clickButton('Migrate');
    await driver.waitForNotification(/30 rows migrated into jarvis_analytics\.db/);
    assert.equal(await driver.page.getByText('Restricted Mode: you can look at databases').count(), 0);
  });
});
