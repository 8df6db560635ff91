/** The validator is able to fail: for each way in which an image can be wrong, the tiers that must fail, and no other. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { planAdoption } from '../../../../src/core/migration/adopt/adopt';
import { applyStep } from '../../../../src/core/migration/step/apply-step';
import { legacySchema } from '../../../../src/core/migration/step/step-sql';
import { beforeSchema, validateStep } from '../../../../src/core/migration/step/validate-step';
import { checkIntegrity, validateTarget } from '../../../../src/core/migration/target/validate-target';
import type { TableStep } from '../../../../src/core/plan/schema';
import { readTable } from '../../../../src/core/sqlite/schema';
import { readFile } from 'node:fs/promises';
import { withFolder } from '../../../support/folders';
import { adopt, loadEngine, makePair, map } from '../../../support/plans';
import { loadSql } from '../../../support/sqlite';

const legacy = `CREATE TABLE t (id INTEGER PRIMARY KEY, a, at TEXT, made TEXT, kept);
  INSERT INTO t VALUES (1, 1, 'x', 'm', 'k'), (2, 'two', 'y', 'm', NULL), (3, 3.5, 'z', 'm', x'00');
  CREATE TABLE s (k TEXT PRIMARY KEY, v INTEGER, UNIQUE (v)); CREATE INDEX sv ON s (v, k);
  CREATE TRIGGER st AFTER UPDATE ON s BEGIN SELECT 1; END;
  INSERT INTO s VALUES ('a', 1), ('b', 2);`;

const target = `CREATE TABLE m (id INTEGER PRIMARY KEY, a, at TEXT, own); CREATE INDEX ma ON m (a);
  INSERT INTO m VALUES (100, 'own', 'own', 'own');
  CREATE TRIGGER mt AFTER INSERT ON m BEGIN DELETE FROM m; END; CREATE VIEW v AS SELECT * FROM m;
  CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p (id), x UNIQUE); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 'x');
  CREATE TABLE w (k TEXT PRIMARY KEY, x) WITHOUT ROWID; INSERT INTO w VALUES ('k', 1);`;

const mapped = map('t', 'm', { id: 'id', a: 'a', at: 'coalesce(at, made)' }, { at: 'at' });
const adopted = adopt('s');

/** Applies a step, spoils the exported image, and asks the tiers. */
async function failingTiers(step: TableStep, spoil: string): Promise<readonly string[]> {
  return withFolder(async (folder) => {
    await makePair(folder, legacy, target);
    const engine = await loadEngine();
    const source = engine.open(await readFile(join(folder, 'legacy.db')), 'legacy.db');
    const image = await readFile(join(folder, 'target.db'));
    const before = engine.open(image, 'target.db');
    const working = engine.open(image, 'target.db');
    working.attach(source, legacySchema);
    const table = readTable(working, step.legacy.table, legacySchema);
    assert.ok(table);
    const request = { table: table.name, existing: null, wanted: null };
    const schema =
      step.strategy === 'adopt'
        ? planAdoption(engine, { target: working, legacyDatabase: 'legacy.db', tables: [request] }).tables.get(
            table.name,
          )
        : undefined;
    if (schema !== undefined) working.execute(schema.create);
    const context = {
      target: working,
      legacySha256: '',
      run: 'r',
      at: 'a',
      tool: 't',
      write: true,
      siblings: [{ step, table: 'm' }],
      notYet: new Set<string>(),
      foreseen: null,
      inspector: null,
      mayAssume: false,
      openScratch: () => engine.open(new Uint8Array(), 'scratch'),
    };
    const rowsBefore = schema === undefined ? 1 : 0;
    const applied = applyStep(
      context,
      step,
      table,
      schema === undefined ? null : { table: schema.name, created: schema },
    );
    assert.ok(applied.place);
    assert.equal(applied.inserted, applied.legacyRows);
    const exported = working.export();
    working.close();

    const SQL = await loadSql();
    const spoiled = new SQL.Database(exported);
    spoiled.run(spoil);
    const proved = engine.open(spoiled.export(), 'target.db');
    spoiled.close();
    try {
      proved.attach(before, beforeSchema);
      proved.attach(source, legacySchema);
      const { validation } = validateStep(proved, {
        database: 'legacy.db',
        sql: applied.sql,
        place: applied.place,
        matching: applied.legacyRows,
        aside: 0,
        targetRows: rowsBefore + applied.inserted,
        accounted: true,
        unusual: null,
      });
      proved.detach(legacySchema);
      const { untouchedRows, foreignKeys } = validateTarget(proved, before, {
        widened: new Set(),
        replaced: new Set(),
      });
      const integrity = checkIntegrity(proved).length === 0 ? 'passed' : 'failed';
      const tiers = { ...validation, untouchedRows, integrity, foreignKeys };
      return Object.entries(tiers)
        .filter(([, check]) => check !== 'passed')
        .map(([tier]) => tier);
    } finally {
      for (const connection of [proved, before, source]) connection.close();
    }
  });
}

const reindexed = (name: string, sql: string): string =>
  `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '${sql}' WHERE name = '${name}'`;

describe('the tiers', function () {
  this.timeout(15_000);

  const cases: readonly (readonly [what: string, step: TableStep, spoil: string, tiers: readonly string[]])[] = [
    ['nothing', mapped, 'SELECT 1', []],
    ['nothing', adopted, 'SELECT 1', []],
    ['a value', mapped, "UPDATE m SET a = 'three' WHERE id = 2", ['cells', 'rebuilt']],
    ['a storage class', mapped, 'UPDATE m SET a = 1.0 WHERE id = 1', ['cells', 'rebuilt']],
    [
      'a text by a blob of the same bytes',
      mapped,
      'UPDATE m SET a = CAST(a AS BLOB) WHERE id = 2',
      ['cells', 'rebuilt'],
    ],
    [
      'two values swapped',
      mapped,
      "UPDATE m SET at = CASE id WHEN 1 THEN 'y' ELSE 'x' END WHERE id < 3",
      ['cells', 'rebuilt'],
    ],
    ['a value where the plan says NULL', mapped, 'UPDATE m SET own = 0 WHERE id = 3', ['cells', 'rebuilt']],
    ['a row under another key', mapped, 'UPDATE m SET id = 50 WHERE id = 3', ['cells', 'rebuilt']],
    ['a row gone', mapped, 'DELETE FROM m WHERE id = 3', ['counts', 'cells', 'rebuilt']],
    [
      'a row too many',
      mapped,
      "INSERT INTO m VALUES (77, 'more', '', NULL)".replace('INSERT', 'DROP TRIGGER mt; INSERT') +
        '; CREATE TRIGGER mt AFTER INSERT ON m BEGIN DELETE FROM m; END',
      ['counts'],
    ],
    ['a row gone and another one made up', mapped, 'UPDATE m SET id = 77, a = NULL WHERE id = 3', ['cells', 'rebuilt']],
    ['a residual value', mapped, "UPDATE legacy_t SET kept = 'K' WHERE id = 1", ['rebuilt']],
    ['a residual storage class', mapped, 'UPDATE legacy_t SET kept = CAST(kept AS TEXT) WHERE id = 3', ['rebuilt']],
    ['a residual NULL', mapped, "UPDATE legacy_t SET kept = '' WHERE id = 2", ['rebuilt']],
    ['a sidecar row gone', mapped, 'DELETE FROM legacy_t WHERE id = 2', ['rebuilt']],
    ['an index of the target gone', mapped, 'DROP INDEX ma', ['schema', 'untouchedRows']],
    ['a trigger of the target gone', mapped, 'DROP TRIGGER mt', ['schema', 'untouchedRows']],
    [
      'a trigger of the target altered',
      mapped,
      reindexed('mt', 'CREATE TRIGGER mt AFTER INSERT ON m BEGIN SELECT 1; END'),
      ['schema', 'untouchedRows'],
    ],
    ['an index of the target too many', mapped, 'CREATE INDEX more ON m (at)', ['schema']],
    ['a view gone', mapped, 'DROP VIEW v', ['untouchedRows']],
    ['a row that stood there changed', mapped, "UPDATE m SET a = 'OWN' WHERE id = 100", ['untouchedRows']],
    ['a storage class that stood there changed', mapped, 'UPDATE w SET x = 1.0', ['untouchedRows']],
    ['a row that stood there gone', mapped, "DELETE FROM w WHERE k = 'k'", ['untouchedRows']],
    ['a table that stood there gone', mapped, 'DROP TABLE w', ['untouchedRows']],
    ['a row of another table moved to another rowid', mapped, 'UPDATE c SET rowid = 5', ['untouchedRows']],
    ['a reference to nothing', mapped, "INSERT INTO c VALUES (404, 'new')", ['foreignKeys']],
    [
      'an index that differs from its table',
      mapped,
      reindexed('ma', 'CREATE INDEX ma ON m (at)'),
      ['schema', 'untouchedRows', 'integrity'],
    ],
    ['an adopted value', adopted, "UPDATE s SET v = 9 WHERE k = 'a'", ['cells', 'rebuilt']],
    ['an adopted storage class', adopted, "UPDATE s SET v = x'31' WHERE k = 'a'", ['cells', 'rebuilt']],
    ['an adopted row gone', adopted, "DELETE FROM s WHERE k = 'a'", ['counts', 'cells', 'rebuilt']],
    ['an adopted row too many', adopted, "INSERT INTO s VALUES ('c', 3)", ['counts']],
    ['an adopted index gone', adopted, 'DROP INDEX sv', ['schema']],
    ['an adopted index over other columns', adopted, 'DROP INDEX sv; CREATE INDEX sv ON s (k, v)', ['schema']],
    ['an adopted index unique now', adopted, 'DROP INDEX sv; CREATE UNIQUE INDEX sv ON s (v, k)', ['schema']],
    ['an adopted index partial now', adopted, 'DROP INDEX sv; CREATE INDEX sv ON s (v, k) WHERE v > 1', ['schema']],
    ['an adopted trigger gone', adopted, 'DROP TRIGGER st', ['schema']],
    ['an adopted column too many', adopted, 'ALTER TABLE s ADD COLUMN more', ['schema']],
    [
      'an adopted column of another type',
      adopted,
      reindexed('s', 'CREATE TABLE s (k TEXT PRIMARY KEY, v REAL, UNIQUE (v))'),
      ['schema', 'cells', 'rebuilt'],
    ],
    [
      'an adopted constraint gone',
      adopted,
      'DROP TRIGGER st; ALTER TABLE s RENAME TO o; CREATE TABLE s (k TEXT PRIMARY KEY, v INTEGER); INSERT INTO s SELECT * FROM o; DROP TABLE o; CREATE INDEX sv ON s (v, k); CREATE TRIGGER st AFTER UPDATE ON s BEGIN SELECT 1; END',
      ['schema'],
    ],
  ];
  for (const [what, step, spoil, tiers] of cases) {
    it(`${what} (${step.strategy}): ${tiers.length === 0 ? 'all pass' : `${tiers.join(', ')} fail`}, and no other`, async () => {
      assert.deepEqual(await failingTiers(step, spoil), tiers);
    });
  }
});
