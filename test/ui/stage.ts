/** What the window tests stand on: one server, one browser, and a folder of their own that is gone afterwards. */
import type { Context } from 'mocha';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { launchBrowser, type Browser } from '../host/browser';
import { Driver } from '../host/driver';
import { startServer, type Server, type ServerOptions } from '../host/server';
import type { WindowOptions } from '../host/window';

export const root = resolve(__dirname, '..', '..');
/** The title of the view's container in the activity bar. */
export const container = 'Jarvis';

export class Stage {
  private readonly windows = new Set<Driver>();

  private constructor(
    readonly server: Server,
    private readonly browser: Browser,
    /** Empty at first; anything in it may be opened. */
    readonly folder: string,
  ) {}

  static async start(options: ServerOptions = {}): Promise<Stage> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'jarvis-stage-')));
    return new Stage(await startServer(options), await launchBrowser(), folder);
  }

  /** Opens a window with the extension in it. */
  async open(options: WindowOptions = {}): Promise<Driver> {
    const extensions = [root, ...(options.extensions ?? [])];
    const driver = await Driver.open(this.server, this.browser, { ...options, extensions });
    this.windows.add(driver);
    return driver;
  }

  async close(driver: Driver): Promise<void> {
    this.windows.delete(driver);
    await driver.close();
  }

  /** For `afterEach`: what the windows looked like when a test failed. */
  async keepFailure(context: Context): Promise<void> {
    const test = context.currentTest;
    if (test?.state !== 'failed') return;
    for (const [index, driver] of [...this.windows].entries()) {
      const name = `${test.title.replace(/[^\w ]/g, '')} ${index}.png`;
      await driver.screenshot(join(root, 'out', 'failures', name));
    }
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
