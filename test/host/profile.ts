/** The profile that a browser leaves behind: databases that neither this project nor its tests made. */
import type { BrowserType } from 'playwright-core';
import { findBrowser } from './browser';
import { requireFromHost } from './paths';

/** A browser that was given the cookie `biscuit`, and has ended. @returns its profile */
export async function useBrowser(profile: string): Promise<string> {
  const { chromium } = requireFromHost('playwright-core') as { readonly chromium: BrowserType };
  const { executablePath, env } = findBrowser();
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
    ...(env === undefined ? {} : { env }),
  });
  const expires = Date.now() / 1000 + 100_000;
  await context.addCookies([{ name: 'biscuit', value: 'crumbs', url: 'http://127.0.0.1/', expires }]);
  const [page] = context.pages();
  await page?.goto('data:text/html,<title>visited</title>');
  await page?.waitForTimeout(500);
  await context.close();
  return profile;
}
