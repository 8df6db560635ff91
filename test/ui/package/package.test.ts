/** The package as users get it: what is in it, and that it works once installed. */
import { listFiles } from '@vscode/vsce';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeSample } from '../../../scripts/sample/make-sample';
import { launchBrowser, type Browser } from '../../host/browser';
import { Driver } from '../../host/driver';
import { startServer, type Server } from '../../host/server';

const root = resolve(__dirname, '..', '..', '..');
/** Written by `npm test` before this suite, from the bundles that are there. */
const vsix = join(root, 'out', 'jarvis-databases.vsix');

describe('the package', () => {
  it('is under 1 MB', async () => {
    assert.ok((await stat(vsix)).size < 1_000_000);
  });

  it('holds what users need and nothing else', async () => {
    const files = await listFiles({ cwd: root, dependencies: false } as Parameters<typeof listFiles>[0]);
    const shared = files.filter((file) => /^dist\/node-[\w-]+\.js$/.test(file));
    assert.ok(shared.length > 0, 'no shared code');
    assert.deepEqual(files.filter((file) => !shared.includes(file)).sort(), [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/cli.js',
      'dist/copy-worker.js',
      'dist/diagram-view.css',
      'dist/diagram-view.js',
      'dist/engine-web.js',
      'dist/engine.js',
      'dist/extension-web.js',
      'dist/extension.js',
      'dist/integrity-worker.js',
      'dist/jarvis.plan.schema.json',
      'dist/query-view.css',
      'dist/query-view.js',
      'dist/sql-wasm.wasm',
      'dist/table-view.css',
      'dist/table-view.js',
      'dist/third-party-licenses.txt',
      'l10n/bundle.l10n.de.json',
      'media/diagram-dark.svg',
      'media/diagram-light.svg',
      'media/icon.png',
      'media/jarvis.svg',
      'media/table-dark.svg',
      'media/table-light.svg',
      'media/walkthrough/dry-run.svg',
      'media/walkthrough/find.svg',
      'media/walkthrough/inspect.svg',
      'media/walkthrough/migrate.svg',
      'media/walkthrough/report.svg',
      'package.json',
      'package.nls.de.json',
      'package.nls.json',
    ]);
  });

  describe('installed', () => {
    let server: Server;
    let browser: Browser;
    let workspace: string;
    let driver: Driver;

    before(async () => {
      workspace = await mkdtemp(join(tmpdir(), 'jarvis-package-'));
      await makeSample(workspace, { all: false });
      server = await startServer({ installVsix: [vsix], smokeTestDriver: false });
      browser = await launchBrowser();
      driver = await Driver.open(server, browser, { folder: workspace });
    });
    after(async () => {
      await browser.close();
      await server.stop();
      await rm(workspace, { recursive: true, force: true, maxRetries: 5 });
    });

    it('shows the tree, migrates, and says so in a notification', async () => {
      await driver.openView('Jarvis');
      await driver.treeRow('llm_costs.db').waitFor();
      await driver.runCommand('Jarvis: Migrate Analytics');
      await (await driver.dialog()).clickButton('Migrate');
      await driver.page
        .locator('.notification-toast', { hasText: /30 rows migrated into jarvis_analytics\.db/ })
        .waitFor();
      await driver.previewBody().getByText('Committed.').first().waitFor();
      await driver.screenshot(join(root, 'out', 'screenshots', 'installed.png'));
      const [run] = await readdir(join(workspace, 'data', 'backups'));
      assert.ok(run !== undefined);
    });

    it('brings the command line', async () => {
      const [folder] = (await readdir(server.extensionsFolder)).filter((name) => name.startsWith('jarvis-databases.'));
      const cli = join(server.extensionsFolder, folder ?? '', 'dist', 'cli.js');
      const args = ['validate', '--analytics', '--json', '--workspace', workspace];
      const { status, stdout } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });
      assert.equal(status, 0, stdout);
    });
  });
});
