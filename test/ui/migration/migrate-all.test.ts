/** All 29 legacy databases into the three consolidated ones, as a person does it: one command, one question, one report. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSample } from '../../../scripts/sample/make-sample';
import type { Driver } from '../../host/driver';
import { query } from '../../support/sqlite';
import { container, root, Stage } from '../stage';

/** A hundred tables on a busy machine. Milliseconds. */
const patience = 120_000;

describe('"Jarvis: Migrate All" in the window', function () {
  this.timeout(3 * patience);
  let stage: Stage;
  let workspace: string;
  let driver: Driver;

  before(async () => {
    stage = await Stage.start();
    workspace = join(stage.folder, 'jarvis');
    await makeSample(workspace);
    driver = await stage.open({ folder: workspace });
    await driver.openView(container);
  });
  after(() => stage.stop());
  afterEach(async function () {
    await stage.keepFailure(this);
  });

  it('says what would happen, migrates, and opens the report', async () => {
    await driver.runCommand('Jarvis: Migrate All');
    await driver.page.locator('.monaco-dialog-box').waitFor({ timeout: patience });
    const dialog = await driver.dialog();
    const said = await dialog.text();
    assert.match(said, /Migrate 4,614 rows into .*jarvis_core\.db/);
    for (const line of [
      /15 tables → jarvis_analytics\.db: 918 rows/,
      /16 tables → jarvis_core\.db: 3,606 rows/,
      /4 tables → jarvis_cache\.db: 85 rows/,
      /The configuration file config\/rate_limits\.yaml is written\./,
      /Nothing is left behind\./,
    ])
      assert.match(said, line);
    await driver.screenshot(join(root, 'out', 'screenshots', 'confirm-all.png'));
    await dialog.clickButton('Migrate');
    const body = driver.previewBody();
    await body.locator('h1', { hasText: 'Migration Report' }).waitFor({ timeout: patience });
    await body.getByText('Committed.').first().waitFor({ timeout: patience });
    assert.doesNotMatch(await body.innerText(), /✗/);
    await driver.screenshot(join(root, 'out', 'screenshots', 'report-all.png'));
    assert.match(await readFile(join(workspace, 'config', 'rate_limits.yaml'), 'utf8'), /\w/);
    const inData = (name: string): string => join(workspace, 'data', name);
    assert.deepEqual(
      await query(inData('jarvis_core.db'), 'SELECT count(*) FROM pick_performance'),
      await query(inData('jarvis.db'), 'SELECT count(*) FROM pick_performance'),
    );
  });

  it('migrates a domain from its consolidated database in the tree, which is done already', async () => {
    await driver.tree.clickAction('jarvis_cache.db', 'Migrate Cache');
    await driver.waitForNotification(/Nothing to do\. Already there: 90 rows\./);
  });

  it('validates all domains by default', async () => {
    await driver.runCommand('Jarvis: Validate Migration');
    await driver.quickPick('All Domains');
    await driver.previewBody().getByText('Valid.').first().waitFor({ timeout: patience });
  });
});
