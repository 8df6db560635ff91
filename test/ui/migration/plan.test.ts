/** Writing a plan file: made by a command, checked while it is written, completed from the databases, tried step by step. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '../../../scripts/sample/make-sample';
import type { Driver, Locator } from '../../host/driver';
import { root, Stage } from '../stage';

describe('a plan file in the window', () => {
  let stage: Stage;
  let workspace: string;
  let driver: Driver;

  before(async () => {
    stage = await Stage.start();
    workspace = join(stage.folder, 'jarvis');
    await makeSample(workspace);
    driver = await stage.open({ folder: workspace });
  });
  after(() => stage.stop());
  afterEach(async function () {
    await stage.keepFailure(this);
  });

  const problem = (): Locator =>
    driver.page.locator('.markers-panel .monaco-list-row', { hasText: 'output_tokenz' }).first();

  /** Selects a text in the editor, as Ctrl+F does. */
  async function select(text: string): Promise<void> {
    const { page } = driver;
    await driver.editorTab('jarvis.plan.json').click();
    await page.keyboard.press('ControlOrMeta+F');
    const input = page.locator('.find-widget.visible .find-part textarea.input');
    await input.fill(text);
    await page.locator('.find-widget.visible .matchesCount', { hasText: /of [1-9]/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.find-widget.visible').waitFor({ state: 'detached' });
  }

  it('is created from the palette, and opens', async () => {
    await driver.runCommand('Jarvis: Create Plan File');
    await driver.editorTab('jarvis.plan.json').waitFor();
    assert.match(await readFile(join(workspace, 'jarvis.plan.json'), 'utf8'), /"strategy": "map"/);
    await driver.page.locator('.codelens-decoration a', { hasText: 'Dry run' }).first().waitFor();
  });

  it('a column that is not there is a problem at its line', async () => {
    await select('output_tokens');
    await driver.page.keyboard.type('output_tokenz');
    await driver.page.keyboard.press('Escape');
    await driver.runCommand('Problems: Focus on Problems View');
    await problem().waitFor();
    assert.match(await problem().innerText(), /Jarvis\s*\(bad-expression\)|bad-expression/);
    // The lens stands above the step, which may be out of view.
    await driver.editorTab('jarvis.plan.json').click();
    await driver.page.keyboard.press('ControlOrMeta+Home');
    await driver.page
      .locator('.codelens-decoration a', { hasText: /\d problems?/ })
      .first()
      .waitFor();
    await driver.screenshot(join(root, 'out', 'screenshots', 'plan-problem.png'));
  });

  it('completion offers the columns of the legacy table, and mends it', async () => {
    await select('output_tokenz');
    await driver.page.keyboard.press('ArrowRight');
    await driver.page.keyboard.press('Backspace');
    const row = driver.page.locator('.suggest-widget.visible .monaco-list-row', { hasText: 'output_tokens' }).first();
    if (!(await appears(row))) await driver.page.keyboard.press('Control+Space');
    await row.waitFor();
    await driver.screenshot(join(root, 'out', 'screenshots', 'plan-completion.png'));
    await row.click();
    await problem().waitFor({ state: 'detached' });
  });

  it('the lens above a step rehearses it, and says afterwards what would become of it', async () => {
    await driver.editorTab('jarvis.plan.json').click();
    await driver.page.keyboard.press('ControlOrMeta+Home');
    // VS Code gives lenses that come into view their commands a moment later; until then a click runs what is gone.
    await sleep(1_500);
    await driver.page.locator('.codelens-decoration a:visible', { hasText: 'Dry run' }).first().click();
    await driver.previewBody().getByText('Would be committed').first().waitFor({ timeout: 60_000 });
    await driver.page.locator('.codelens-decoration', { hasText: 'would move 25 rows' }).first().waitFor();
    assert.match(await readFile(join(workspace, 'jarvis.plan.json'), 'utf8'), /"completion_tokens": "output_tokens"/);
    await driver.screenshot(join(root, 'out', 'screenshots', 'plan-lens.png'));
  });
});

async function appears(locator: Locator): Promise<boolean> {
  return locator.waitFor({ timeout: 5_000 }).then(
    () => true,
    () => false,
  );
}
