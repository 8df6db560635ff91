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
  const grid = (): Locator => inView('[role=grid]');
  const status = (): Locator => inView('.status');
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await driver.page.keyboard.press(key);
  };

  async function hasText(locator: Locator, expected: string | RegExp): Promise<void> {
    await locator.filter({ hasText: expected }).first().waitFor();
  }

  async function examine(): Promise<Findings> {
    const page = inView('html');
    if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe.source);
    return page.evaluate<Findings>(findViolations);
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
      await inView('.schema').getByRole('button', { name: 'Profile: team' }).click();
      await hasText(inView('.schema .profile dl'), /Distinct values\s*2/);
    },
    'a filter that is wrong': async () => {
      await inView('.toolbar').getByRole('tab', { name: 'Data' }).click();
      await inView('input[aria-label="Filter by name"]').fill('/(/');
      await inView('.banner').waitFor();
    },
    'no row': async () => {
      await inView('input[aria-label="Filter by name"]').fill('nobody');
      await inView('.emptiness').waitFor();
    },
  };

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
