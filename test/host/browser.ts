/** Finds and launches the browser that shows the VS Code window. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserType } from 'playwright-core';

import { findBundledChromium } from './chromium';
import { installTestHost } from './install';
import { requireFromHost } from './paths';

export type { Browser };

export interface BrowserChoice {
  readonly executablePath: string;
  /** The whole environment of the browser; this process's own when absent. */
  readonly env?: NodeJS.ProcessEnv;
}

/** `CHROME_PATH`, else the Chromium from npm (Linux x64), else an installed Chrome, Chromium or Edge. */
export function findBrowser(): BrowserChoice {
  const chosen = process.env['CHROME_PATH'];
  if (chosen) return { executablePath: chosen };
  const bundled = findBundledChromium();
  if (bundled) return bundled;
  const installed = listInstalledBrowsers().find((path) => existsSync(path));
  if (installed) return { executablePath: installed };
  throw new Error(
    'No Chromium found: install Chrome, Chromium or Edge (for example `apt-get install chromium`), or name one in CHROME_PATH.',
  );
}

function listInstalledBrowsers(): string[] {
  const windowsFolders = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap(
    (name) => process.env[name] ?? [],
  );
  return [
    '/usr/bin/google-chrome-stable',
    '/usr/bin/google-chrome',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/microsoft-edge',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ...windowsFolders.flatMap((folder) => [
      join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
      join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
    ]),
  ];
}

/** Launches a headless browser; `TEST_HOST_HEADED=1` shows it. Close it when done: `browser.close()`. */
export async function launchBrowser(): Promise<Browser> {
  await installTestHost();
  const { chromium } = requireFromHost('playwright-core') as { readonly chromium: BrowserType };
  const { executablePath, env } = findBrowser();
  return chromium.launch({
    executablePath,
    headless: !process.env['TEST_HOST_HEADED'],
    ...(env === undefined ? {} : { env: withoutUndefined(env) }),
    args: [
      // Containers run as root, where Chromium's sandbox refuses to start; it only ever shows our own server.
      '--no-sandbox',
      // Containers often give /dev/shm 64 MB, and a tab that fills it crashes.
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--no-first-run',
      // A test that reaches the network is a test that fails elsewhere: every other host is unknown.
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
      '--no-proxy-server',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

function withoutUndefined(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
