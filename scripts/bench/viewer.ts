/**
 * What a person waits for in a real window: from a click to what it shows being painted. Measured by the page itself; only
 * the first rows come with what Playwright takes to notice them.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import initSqlJs from 'sql.js';
import { launchBrowser } from '../../test/host/browser';
import { Driver, type Locator } from '../../test/host/driver';
import { startServer } from '../../test/host/server';
import { makeSample } from '../sample/make-sample';

export interface ViewerTimes {
  /** Of the database that is opened. */
  readonly bytes: number;
  readonly rows: number;
  /** Milliseconds from the click on the view's container until the last of the sample's databases is listed, the engine's start included. */
  readonly tree: readonly number[];
  /** Milliseconds from the click on a table until its first rows are painted, the engine's start included. */
  readonly firstRows: readonly number[];
  /** Milliseconds from a jump of the scroll bar until the rows there are painted. */
  readonly jumps: readonly number[];
  /** The longest time in which the window painted nothing while a filter was typed. Milliseconds. */
  readonly longestFrame: number;
  /** Rows that the page holds after all jumps. */
  readonly heldRows: number;
}

const root = resolve(__dirname, '..', '..');
const extension = 'jarvis-databases.jarvis-databases';
const jumps = 40;

/** @param folder empty; the rows are made in it */
export async function timeViewer(folder: string, rows: number, rounds: number): Promise<ViewerTimes> {
  const sample = join(folder, 'sample');
  await makeSample(sample, { all: true });
  const large = join(folder, 'large');
  // So that the data folder is known for one.
  await makeSample(large, { all: false });
  const bytes = await makeLarge(large, rows);
  const server = await startServer();
  const browser = await launchBrowser();
  const open = (workspace: string): Promise<Driver> =>
    // High enough for every row of the tree.
    Driver.open(server, browser, { folder: workspace, extensions: [root], viewport: { width: 1280, height: 1100 } });
  const tree: number[] = [];
  const firstRows: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const driver = await open(sample);
      tree.push(await timeTree(driver));
      await driver.close();
    }
    for (let round = 1; ; round++) {
      const driver = await open(large);
      firstRows.push(await timeFirstRows(driver));
      if (round === rounds) return { bytes, rows, tree, firstRows, ...(await timeJumps(driver, rows)) };
      await driver.close();
    }
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function timeTree(driver: Driver): Promise<number> {
  const item = driver.page.locator('.activitybar .action-item a[aria-label^="Jarvis"]');
  await item.waitFor();
  await atRest(driver);
  // The last one in the order of the tree, which is listed from its top.
  const last = await paintedAfter(
    driver.page.locator('body'),
    '.pane-body .monaco-list-row[aria-label^="database.db"]',
  );
  await item.click();
  return last();
}

async function timeFirstRows(driver: Driver): Promise<number> {
  await driver.openView('Jarvis');
  await driver.expandTreeRow('Other');
  await driver.expandTreeRow('large.db');
  const row = driver.treeRow('events');
  await row.waitFor();
  await atRest(driver);
  await row.hover();
  const start = performance.now();
  await row.click();
  await driver.webview(extension).locator('[role=gridcell]').first().waitFor();
  return performance.now() - start;
}

async function timeJumps(
  driver: Driver,
  rows: number,
): Promise<Pick<ViewerTimes, 'jumps' | 'longestFrame' | 'heldRows'>> {
  const view = driver.webview(extension);
  await view.locator(`[role=grid][aria-rowcount="${rows + 1}"]`).waitFor();
  const grid = view.locator('[role=grid]');
  await grid.evaluate(withHelper);
  const times: number[] = [];
  for (let jump = 0; jump < jumps; jump++) {
    // Far from the place before, and never twice at one place.
    const part = ((jump * 0.618) % 1) * 0.98 + 0.01;
    times.push(await grid.evaluate(jumpTo, part));
  }
  const heldRows = await view.locator('.body [role=row]').count();
  const longestFrame = await watchFrames(driver);
  await view.locator('input[aria-label="Filter by text"]').pressSequentially('number 99', { delay: 60 });
  await view.locator('.status').filter({ hasText: / of / }).first().waitFor();
  return { jumps: times, heldRows, longestFrame: await longestFrame() };
}

/** Of the page's globals and elements, what is used in it: the types of the scripts are Node's. */
declare function requestAnimationFrame(frame: (now: number) => void): number;
interface Element {
  readonly textContent: string | null;
  readonly scrollHeight: number;
  readonly clientHeight: number;
  scrollTop: number;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): ArrayLike<Element>;
  getAttribute(name: string): string | null;
  addEventListener(type: string, listener: () => void, options: { once: boolean; capture: boolean }): void;
}

/** What runs this script wraps functions in a helper by this name, which pages do not have. */
const withHelper = 'globalThis.__name ??= (value) => value';

/**
 * Runs in the webview: scrolls, and looks at the beginning of each frame. The view draws in callbacks of a frame that come
 * behind this one's, so that rows which are there were painted with the frame before.
 */
function jumpTo(grid: unknown, part: number): Promise<number> {
  const scroller = grid as Element;
  const rows = (): Element[] => Array.from(scroller.querySelectorAll('.body [role=row]'));
  const first = (): string | null | undefined => rows()[0]?.getAttribute('aria-rowindex');
  const before = first();
  const start = performance.now();
  scroller.scrollTop = part * (scroller.scrollHeight - scroller.clientHeight);
  return new Promise((resolve) => {
    const look = (): void => {
      const there =
        first() !== before && rows().every((row) => row.querySelector('[role=gridcell]')?.textContent !== '');
      if (there) resolve(performance.now() - start);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

/** Begins to look before the click: milliseconds from the click, as the page saw it, until a selector matches. */
async function paintedAfter(body: Locator, selector: string): Promise<() => Promise<number>> {
  await body.evaluate(withHelper);
  const handle = await body.evaluateHandle((element: unknown, wanted: string) => {
    const page = element as Element;
    let clicked = 0;
    page.addEventListener('mousedown', () => (clicked = performance.now()), { once: true, capture: true });
    return {
      time: new Promise<number>((resolve) => {
        const look = (): void => {
          const there = clicked > 0 && page.querySelector(wanted) !== null;
          requestAnimationFrame(there ? () => resolve(performance.now() - clicked) : look);
        };
        look();
      }),
    };
  }, selector);
  return () => handle.evaluate(({ time }) => time);
}

/** The longest time between two frames of the window, from now on. */
async function watchFrames(driver: Driver): Promise<() => Promise<number>> {
  await driver.page.evaluate(withHelper);
  const handle = await driver.page.evaluateHandle(() => {
    const watch = { longest: 0, last: performance.now() };
    const frame = (now: number): void => {
      watch.longest = Math.max(watch.longest, now - watch.last);
      watch.last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    return watch;
  });
  return () => handle.evaluate(({ longest }) => longest);
}

/** A window that has just opened is busy with itself. Milliseconds. */
const rest = 4000;

async function atRest(driver: Driver): Promise<void> {
  await driver.page.waitForTimeout(rest);
}

/** About 190 bytes a row; every other key is missing, so that positions are found and not computed. @returns bytes */
async function makeLarge(workspace: string, rows: number): Promise<number> {
  const sql = await initSqlJs();
  const database = new sql.Database();
  try {
    database.run('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN');
    database.run(
      `CREATE TABLE events (id INTEGER PRIMARY KEY, at TEXT, source TEXT, level TEXT, amount REAL, text TEXT, payload TEXT);
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
       INSERT INTO events SELECT i * 2, strftime('%Y-%m-%dT%H:%M:%S', 1700000000 + i * 53, 'unixepoch'), 'source ' || (i % 97),
         CASE i % 4 WHEN 0 THEN 'info' WHEN 1 THEN 'warn' WHEN 2 THEN 'error' ELSE 'debug' END, i * 0.37,
         'jarvis number ' || i, '{"feature": "telegram_reply", "chat_id": ' || (i * 7919 % 1000003) || ', "ok": true, "tries": ['
           || (i % 7) || ', ' || (i % 11) || '], "model": "llama-3.3-70b-versatile"}' FROM n; COMMIT`,
    );
    const image = database.export();
    await mkdir(join(workspace, 'data'), { recursive: true });
    await writeFile(join(workspace, 'data', 'large.db'), image);
    return image.length;
  } finally {
    database.close();
  }
}
