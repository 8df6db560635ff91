/** The viewer for everybody: no violation that axe-core knows of in any theme, and all of it by keyboard alone. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import axe from 'axe-core';
import { makeSample } from '../../../scripts/sample/make-sample';
import { colorThemes, type Driver, type Locator } from '../../host/driver';
import { create } from '../../support/sqlite';
import { Stage } from '../stage';

const extension = 'jarvis-databases.jarvis-databases';

/** What axe-core says of a page, as far as it is of interest here. */
interface Findings {
  /** One line for each element that breaks a rule. */
  readonly violations: readonly string[];
  /** How many elements' contrast was measured. */
  readonly measured: number;
}

/** As text, since the types of the tests are Node's: it runs in the page. */
const findViolations = `axe.run(document, { iframes: false }).then(({ violations, passes }) => ({
  violations: violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, any, all, none }) => [id, help, html, ...[...any, ...all, ...none].map(({ message }) => message)].join(' | '))),
  measured: passes.filter(({ id }) => id === 'color-contrast').flatMap(({ nodes }) => nodes).length,
}))`;

/** Whether an element with the focus shows it: by an outline of its own, or the grid by that of its active cell. */
const focusIn = (selector: string): string => `(() => {
  const focused = document.activeElement;
  const shows = focused.getAttribute('role') === 'grid' ? focused.querySelector('.active') ?? focused : focused;
  const { outlineStyle, outlineWidth } = getComputedStyle(shows);
  return { found: focused.matches(${JSON.stringify(selector)}), shown: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 };
})()`;

/** Controls that are not wholly in the window, or lie under another: but for the grid's own, which scroll. */
const clipped = `[...document.querySelectorAll('button, input')].filter((one) => one.checkVisibility() && one.closest('.grid, .items') === null).filter((one) => {
  const { left, top, right, bottom, width } = one.getBoundingClientRect();
  const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return width < 16 || left < 0 || top < 0 || right > innerWidth || bottom > innerHeight ||
    (!one.contains(above) && above?.closest('.menu') == null);
}).map((one) => one.outerHTML)`;

const moving = `[...document.querySelectorAll('*')].flatMap((one) => [one, '::before'].map((part) =>
  getComputedStyle(one, part === one ? null : part))).filter(({ animationName, transitionDuration }) =>
  animationName !== 'none' || transitionDuration !== '0s').map(({ animationName, transitionDuration }) => animationName + transitionDuration)`;

describe('accessibility of the table viewer', () => {
  let stage: Stage;
  let driver: Driver;

  before(async () => {
    // A click opens the file in the viewer, as it would be for a user who chose that.
    stage = await Stage.start({ settings: { 'workbench.editorAssociations': { '*.db': 'jarvis.database' } } });
    const workspace = join(stage.folder, 'jarvis');
    await makeSample(workspace, { all: false });
    await create(
      join(workspace, 'data', 'people.db'),
      `CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, team INTEGER REFERENCES teams (id), note, big INTEGER);
       CREATE TABLE teams (id INTEGER PRIMARY KEY, title TEXT);
       CREATE INDEX by_name ON people (name); CREATE VIEW names AS SELECT name FROM people;
       CREATE TRIGGER checked AFTER INSERT ON people BEGIN SELECT 1; END;
       INSERT INTO teams VALUES (1, 'red'), (2, 'blue');
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4567)
       INSERT INTO people SELECT i, printf('person %04d', i), 1 + i % 2,
         CASE i % 5 WHEN 1 THEN '{"a": [1, {"b": null, "c": true}], "d": "e"}' WHEN 2 THEN '' WHEN 3 THEN NULL
           WHEN 4 THEN x'00ff' ELSE i / 2.0 END, i * 1000 FROM n`,
    );
    driver = await stage.open({ folder: workspace });
    await driver.openFile('people.db');
    await inView('.tables').getByRole('button', { name: 'people' }).click();
    await hasText(status(), '4,567 rows');
  });
  after(() => stage.stop());
  afterEach(async function () {
    await stage.keepFailure(this);
  });

  const inView = (selector: string): Locator => driver.webview(extension).locator(selector);
  const inPage = (expression: string): Promise<unknown> => inView('html').evaluate(expression);
  const grid = (): Locator => inView('[role=grid]');
  const status = (): Locator => inView('.status');
  const cell = (row: number, column: number): Locator =>
    inView(`[role=row][aria-rowindex="${row + 1}"] [role=gridcell][aria-colindex="${column + 1}"]`);
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await driver.page.keyboard.press(key);
  };

  async function hasText(locator: Locator, expected: string | RegExp): Promise<void> {
    await locator.filter({ hasText: expected }).first().waitFor();
  }

  async function examine(): Promise<Findings> {
    if ((await inPage('"axe" in window')) !== true) await inPage(axe.source);
    return (await inPage(findViolations)) as Findings;
  }

  /** Every part of the view, a few at a time. */
  const states: Readonly<Record<string, () => Promise<void>>> = {
    'rows, find box and side panel': async () => {
      await inView('.toolbar').getByRole('tab', { name: 'Data' }).click();
      await grid().focus();
      await press('Control+Home', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Shift+ArrowDown', 'Shift+ArrowDown');
      await press('Control+f');
      await inView('.find input').fill('person 00');
      await hasText(inView('.find .count'), /of 99/);
      await inView('.cell.active mark').waitFor();
      await grid().focus();
      await press('ArrowRight', 'Enter');
      await inView('.panel').waitFor();
    },
    'a menu': async () => {
      await grid().focus();
      await press('Shift+F10');
      await inView('[role=menu]').waitFor();
    },
    schema: async () => {
      await press('Escape');
      await inView('.toolbar').getByRole('tab', { name: 'Schema' }).click();
      const profile = inView('.schema').getByRole('button', { name: 'Profile: team' });
      await profile.waitFor();
      if ((await profile.getAttribute('aria-expanded')) === 'false') await profile.click();
      await hasText(inView('.schema .profile dl'), /Distinct values\s*2/);
    },
    'a filter that is wrong': async () => {
      await inView('.toolbar').getByRole('tab', { name: 'Data' }).click();
      await inView('input[aria-label="Filter by name"]').fill('/(/');
      await inView('.mistake:visible').waitFor();
    },
    'no row': async () => {
      await inView('input[aria-label="Filter by name"]').fill('nobody');
      await inView('.emptiness').waitFor();
    },
  };

  /** Goes on with the Tab key until something has the focus, which must show it. */
  async function tabTo(selector: string, key = 'Tab'): Promise<void> {
    for (let stops = 0; stops < 25; stops++) {
      await press(key);
      const { found, shown } = (await inPage(focusIn(selector))) as { found: boolean; shown: boolean };
      if (!found) continue;
      assert.ok(shown, `${selector} does not show that it has the focus`);
      return;
    }
    assert.fail(`the Tab key does not reach ${selector}`);
  }

  /** The edge of the side panel, from within the panel: a window splitter. */
  async function movesEdge(orientation: string, larger: string, smaller: string): Promise<void> {
    await tabTo(`.panel-edge[role=separator][aria-orientation=${orientation}]`, 'Shift+Tab');
    const value = async (name: string): Promise<number> =>
      Number(await inView('.panel-edge').getAttribute(`aria-value${name}`));
    const [own, least, most] = [await value('now'), await value('min'), await value('max')];
    const after = async (key: string): Promise<number> => {
      await press(key);
      return value('now');
    };
    assert.equal(await after('End'), most);
    assert.equal(await after('Home'), least);
    assert.equal(await after(larger), least + 2);
    assert.equal(await after(smaller), least);
    assert.equal(await after('Escape'), own);
  }

  const hasFocus = (selector: string): Promise<void> => inView(`${selector}:focus`).waitFor();

  it('is used by keyboard alone', async () => {
    await hasText(inView('.spoken'), '4,567 rows');
    // From the grid, which has the focus as soon as there is a table, to each part and back.
    await hasFocus('[role=grid]');
    await tabTo('input[aria-label="Filter by name"]');
    await driver.page.keyboard.type('person 12');
    await hasText(inView('.spoken'), '100 of 4,567 rows');
    await inView('[role=grid][aria-rowcount="101"]').waitFor();
    await press('ArrowDown');
    await hasFocus('[role=grid]');
    await press('Control+Home', 'ArrowRight', 'ArrowUp', 'Enter');
    await inView('[role=columnheader][aria-sort=ascending] button:focus').waitFor();
    await hasText(inView('.spoken'), 'Sort Ascending by name');
    await press('Enter');
    await hasText(cell(1, 2), 'person 1299');
    const before = (await inView('[role=columnheader]:has(button:focus)').boundingBox())?.width ?? 0;
    await press('Shift+ArrowRight', 'Shift+F10');
    await hasFocus('[role=menuitem]');
    await press('Escape');
    assert.equal((await inView('[role=columnheader]:has(button:focus)').boundingBox())?.width, before + 16);
    await press('ArrowDown', 'Shift+F10', 'End', 'Escape');
    await hasFocus('[role=grid]');
    await press('Control+End');
    const active = (await grid().getAttribute('aria-activedescendant')) ?? '';
    await inView(`[id="${active}"][aria-colindex="6"]`).waitFor();
    await inView(`[role=row][aria-rowindex="101"]:has([id="${active}"])`).waitFor();

    await press('Enter');
    await hasFocus('.panel .content');
    await movesEdge('vertical', 'ArrowLeft', 'ArrowRight');
    await tabTo('.panel button[aria-label^="Close"]');
    await press('Enter');
    await hasFocus('[role=grid]');

    await press('Control+f');
    await hasFocus('.find input');
    await driver.page.keyboard.type('person 1250');
    await hasText(inView('.find .count'), '1 of 1');
    await press('Escape');
    await hasText(inView('.cell.active'), 'person 1250');

    await tabTo('.tools button', 'Shift+Tab');
    await tabTo('.toolbar [role=tab]', 'Shift+Tab');
    await press('ArrowRight');
    await inView('.toolbar [role=tab][aria-selected=true]:focus').filter({ hasText: 'Schema' }).waitFor();
    // Before there is a schema, the Tab key would go on to the next part of the window.
    await inView('button[aria-label="Profile: team"]').waitFor();
    await tabTo('button[aria-label="Profile: team"]');
    await press('Enter');
    await hasText(inView('.schema .profile dl'), /Distinct values\s*2/);
    await tabTo('.toolbar [role=tab]', 'Shift+Tab');
    await press('ArrowLeft');

    await tabTo('.tables .item', 'Shift+Tab');
    await press('ArrowDown', 'Enter');
    await hasText(inView('.spoken'), '2 rows');
    await hasFocus('[role=grid]');
    await tabTo('.tables .item', 'Shift+Tab');
    await press('ArrowUp', 'Enter');
    await hasText(status(), /^100 of 4,567 rows/);
    await tabTo('input[aria-label="Filter by name"]');
    await press('Escape');
    await hasText(status(), /^4,567 rows/);
  });

  it('stays whole at a zoom of 200 %, and still for who wants no motion', async () => {
    // What a zoom leaves of the window, in the pixels of the page.
    await driver.page.setViewportSize({ width: 640, height: 400 });
    await driver.page.emulateMedia({ reducedMotion: 'reduce' });
    try {
      await driver.runCommand('View: Close Primary Side Bar');
      await grid().focus();
      await press('Control+f');
      await grid().focus();
      await press('Enter');
      await hasFocus('.panel .content');
      assert.deepEqual(await inPage(clipped), []);
      assert.deepEqual(await inPage(moving), []);
      await movesEdge('horizontal', 'ArrowUp', 'ArrowDown');
      await press('Escape', 'Escape');
      await grid().focus();
      await press('Shift+F10');
      await hasFocus('[role=menuitem]');
      assert.deepEqual(await inPage(clipped), []);
      await press('Escape');
    } finally {
      await driver.page.emulateMedia({ reducedMotion: null });
      await driver.page.setViewportSize({ width: 1280, height: 800 });
    }
  });

  for (const [name, theme] of Object.entries(colorThemes))
    it(`has no violation in the theme ${name}`, async () => {
      await driver.setColorTheme(theme);
      for (const [state, show] of Object.entries(states)) {
        await show();
        const found = await examine();
        assert.deepEqual(found.violations, [], state);
        assert.ok(found.measured > 20, `the contrast of ${found.measured} elements was measured: ${state}`);
      }
      await press('Escape');
      await inView('.emptiness').waitFor({ state: 'hidden' });
    });
});
