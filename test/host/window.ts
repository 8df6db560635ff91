/** Opens a VS Code window: a page of the browser, with client storage of its own. */
import type { Browser, BrowserContext, ConsoleMessage, Frame, FrameLocator, Locator, Page } from 'playwright-core';
import type { Server } from './server';

export type { Browser, BrowserContext, Frame, FrameLocator, Locator, Page };

export interface WindowOptions {
  /** The folder to open, or a `.code-workspace` file of several; an empty window without it. */
  readonly folder?: string;
  /** Folders of extensions under development. */
  readonly extensions?: readonly string[];
  /** A CommonJS module that exports `run()`: VS Code calls it in the extension host, then exits. Modal dialogs are refused then. */
  readonly tests?: string;
  /** Variables for the extension host's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly openFile?: string;
  /** In CSS pixels; 1280 × 800 by default. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** The id of a theme, such as `Dark Modern`, `Light Modern` or `Default High Contrast`. It is a setting of the server. */
  readonly colorTheme?: string;
  /** What the workbench and the extension host log, one call per line. */
  readonly onLog?: (line: LogLine) => void;
  /** The exit code of a window that ran `tests`. It is also 0 when the extension host was killed. */
  readonly onExit?: (code: number) => void;
}

export interface LogLine {
  /** `log`, `info`, `warn`, `error`... as for `console`. */
  readonly level: string;
  readonly text: string;
}

export interface TestWindow {
  readonly page: Page;
  readonly url: string;
  /** Resolves with the reason when the window can no longer work: its page crashed, or the browser is gone. */
  readonly lost: Promise<string>;
  close(): Promise<void>;
}

export async function openWindow(server: Server, browser: Browser, options: WindowOptions = {}): Promise<TestWindow> {
  if (options.colorTheme !== undefined) await server.updateSettings({ 'workbench.colorTheme': options.colorTheme });
  const context = await browser.newContext({ viewport: options.viewport ?? { width: 1280, height: 800 } });
  // A test may read what a command copied, and paste it.
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  const lost = new Promise<string>((resolve) => {
    page.once('crash', () => resolve('the page of the window crashed'));
    browser.once('disconnected', () => resolve('the browser is gone'));
  });
  await listen(page, options);
  const url = server.toWindowUrl({
    ...(options.folder === undefined ? {} : { folder: options.folder }),
    payload: describePayload(server, options),
  });
  await page.goto(url);
  return { page, url, lost, close: () => context.close() };
}

/** The smoke-test driver of VS Code calls these two functions of the page, so they have to be there before it loads. */
async function listen(page: Page, { onLog, onExit }: WindowOptions): Promise<void> {
  const log = (line: LogLine): void => {
    if (process.env['TEST_HOST_VERBOSE']) console.error(`[${line.level}] ${line.text}`);
    onLog?.(line);
  };
  await page.exposeFunction('codeAutomationLog', (level: string, args: readonly unknown[]) => {
    log({ level, text: args.map(String).join(' ') });
  });
  await page.exposeFunction('codeAutomationExit', (code: number) => onExit?.(code));
  page.on('pageerror', (error) => log({ level: 'error', text: `page error: ${error.message}` }));
  if (process.env['TEST_HOST_VERBOSE'])
    page.on('console', (message: ConsoleMessage) => console.error(`[page] ${message.text()}`));
}

function describePayload(server: Server, options: WindowOptions): [string, string][] {
  const payload: [string, string][] = [];
  for (const extension of options.extensions ?? [])
    payload.push(['extensionDevelopmentPath', server.toRemoteUri(extension)]);
  if (options.tests !== undefined) payload.push(['extensionTestsPath', server.toRemoteUri(options.tests)]);
  if (options.env !== undefined) payload.push(['extensionEnvironment', JSON.stringify(options.env)]);
  if (options.openFile !== undefined) payload.push(['openFile', server.toRemoteUri(options.openFile)]);
  return payload;
}
