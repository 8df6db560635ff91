/**
 * A table far larger than those of the sample: it migrates, the window goes on answering, and a run can be cancelled.
 *
 * `JARVIS_LARGE_ROWS=1000000` runs it with a million rows, which takes minutes; times are printed, never asserted.
 */
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSample } from '../../../scripts/sample/make-sample';
import type { RunReport } from '../../../src/core/report/model';
import type { Driver } from '../../host/driver';
import { hashTree } from '../../support/folders';
import { edit, query } from '../../support/sqlite';
import { container, root, Stage } from '../stage';

/** So many that the palette has opened and answered before a dry run of them ends. */
const rows = Number(process.env['JARVIS_LARGE_ROWS'] ?? 300_000);
/** Minutes for a million rows on two slow cores, and enough for fewer. */
const patience = 60_000 + rows / 5;

describe(`a table of ${rows.toLocaleString('en')} rows in the window`, function () {
  this.timeout(patience);
  let stage: Stage;
  let workspace: string;
  let driver: Driver;

  before(async () => {
    stage = await Stage.start();
    workspace = join(stage.folder, 'jarvis');
    await makeSample(workspace, { all: false });
    const grown = stopwatch();
    await edit(join(workspace, 'data', 'llm_costs.db'), growTo(rows));
    const { size } = await stat(join(workspace, 'data', 'llm_costs.db'));
    print(`llm_costs.db: ${(size / 1024 ** 2).toFixed(0)} MB, made in ${grown()} s`);
    driver = await stage.open({ folder: workspace });
    await driver.openView(container);
  });
  after(() => stage.stop());
  afterEach(async function () {
    await stage.keepFailure(this);
  });

  it('counts it in the tree', async () => {
    const opened = stopwatch();
    await driver.expandTreeRow('llm_costs.db');
    const table = driver.treeRow('llm_usage').filter({ hasText: `${rows.toLocaleString('en')} rows` });
    await table.waitFor({ timeout: patience });
    print(`tables shown after ${opened()} s`);
  });

  it('B8: cancelling the dry run ends the engine at once and leaves every byte as it was', async () => {
    const before = await hashTree(workspace);
    await driver.runCommand('Jarvis: Migrate Analytics');
    await driver.notificationCentre.clickButton(/Dry run/, 'Cancel');
    const cancelled = stopwatch();
    if (process.platform === 'linux') {
      while ((await findEngines(stage.server.folder)).length > 0) await sleep(50);
      print(`engine gone ${cancelled()} s after the click`);
    }
    await driver.page.locator('.monaco-dialog-box').waitFor({ state: 'detached' });
    assert.deepEqual(await hashTree(workspace), before);
    // Nobody is told what he just did himself.
    assert.deepEqual(await driver.notifications(), []);
  });

  it('B8: the next command works, says what it is doing, and the window answers meanwhile', async () => {
    const rehearsed = stopwatch();
    await driver.runCommand('Jarvis: Migrate Analytics');
    const progress = await driver.waitForNotification(/Dry run: \w+/);
    assert.match(progress.message, /^Dry run: (Reading|Checking|Moving|Proving) [\w/. ]+$/);
    assert.deepEqual(progress.buttons, ['Cancel']);
    const answered = stopwatch();
    await driver.quickInput.findCommands('Jarvis: ');
    print(`palette answered in ${answered()} s while the engine was at work`);
    const dialog = driver.page.locator('.monaco-dialog-box');
    await dialog.waitFor({ timeout: patience });
    print(`dry run: ${rehearsed()} s`);
    const migrated = stopwatch();
    await (await driver.dialog()).clickButton('Migrate');
    await driver.previewBody().getByText('Committed.').first().waitFor({ timeout: patience });
    print(`migration: ${migrated()} s`);
  });

  it('every row has arrived, and every check passed', async () => {
    const backups = join(workspace, 'data', 'backups');
    const [run, ...more] = await readdir(backups);
    assert.ok(run !== undefined && more.length === 0, 'one run, since the cancelled one left no folder');
    const report = JSON.parse(await readFile(join(backups, run, 'report.json'), 'utf8')) as RunReport;
    const [step] = report.steps;
    assert.equal(step?.inserted, rows);
    assert.deepEqual(Object.values(step.validation), ['passed', 'passed', 'passed', 'passed']);
    const analytics = join(workspace, 'data', 'jarvis_analytics.db');
    const found = await query(
      analytics,
      "SELECT (SELECT count(*) FROM legacy_llm_usage), sum(total_tokens) FROM llm_costs WHERE feature = 'legacy_import'",
    );
    const expected = await query(
      join(workspace, 'data', 'llm_costs.db'),
      'SELECT count(*), sum(input_tokens + output_tokens) FROM llm_usage',
    );
    assert.deepEqual(found, expected);
  });
});

/** Rows like those of the sample, up to so many, with NULLs and every column in use. */
function growTo(count: number): string {
  return `
    WITH RECURSIVE n(i) AS (SELECT 1 + (SELECT count(*) FROM llm_usage) UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
    INSERT INTO llm_usage (timestamp, provider, model, input_tokens, output_tokens, cost_usd, latency_ms, success, error,
                           metadata, created_at)
    SELECT '2026-01-24T01:09:04.119226+00:00', 'groq', 'llama-3.3-70b-versatile', i % 4000, i % 900, i * 9.9e-7,
           CASE WHEN i % 11 = 0 THEN NULL ELSE 812.5 + i END, i % 11 <> 0, CASE WHEN i % 11 = 0 THEN 'ReadTimeout' END,
           CASE WHEN i % 3 = 0 THEN '{"attempt": 1}' END, '2026-01-24 01:09:04'
    FROM n`;
}

/** Engine processes below the server that has this folder. */
async function findEngines(serverFolder: string): Promise<readonly number[]> {
  const engine = join(root, 'dist', 'engine.js');
  const all = new Map<number, { readonly parent: number; readonly command: string }>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const [command, status] = await Promise.all(
      ['cmdline', 'stat'].map((file) => readFile(join('/proc', name, file), 'utf8').catch(() => '')),
    );
    // After the name in brackets: state, then the parent.
    const parent = Number((status ?? '').slice((status ?? '').lastIndexOf(')') + 2).split(' ')[1]);
    all.set(Number(name), { parent, command: command ?? '' });
  }
  const isOurs = (pid: number): boolean => {
    const process_ = all.get(pid);
    return process_ !== undefined && (process_.command.includes(serverFolder) || isOurs(process_.parent));
  };
  return [...all.keys()].filter((pid) => all.get(pid)?.command.includes(engine) === true && isOurs(pid));
}

/** Seconds since it was started, for printing. */
function stopwatch(): () => string {
  const start = performance.now();
  return () => ((performance.now() - start) / 1000).toFixed(1);
}

function print(line: string): void {
  console.log(`      ${line}`);
}
