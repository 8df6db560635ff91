/** The proof that a run was taken out of a database and nothing else was touched, on the very bytes to be published. */
import type { Check } from '../report/model';
import type { SqliteConnection } from '../sqlite/engine';
import { foldName, quoteIdentifier as q } from '../sqlite/identifiers';
import { countRows, readObjects, readTable, readTables } from '../sqlite/schema';
import { historyTable, isLedgerTable, rowsTable } from '../migration/ledger/ledger';
import { checkIntegrity, findNewOrphans } from '../migration/target/validate-target';
import { countMissing, sameRows } from './compare-tables';
import type { Removal } from './remove-run';

const nowSchema = 'now';

/**
 * @param image the bytes to be published, opened
 * @param now the database as it is
 * @param before the database before the run: an orphan of then is one again
 * @returns what is wrong, in words; empty where the proof holds
 */
export function proveRemoval(
  image: SqliteConnection,
  now: SqliteConnection,
  before: SqliteConnection,
  run: string,
  removal: Removal,
): readonly string[] {
  image.attach(now, nowSchema);
  try {
    return [
      ...findTouched(image, run, removal),
      ...checkIntegrity(image),
      ...(findNewOrphans(image, now, before) ?? []),
    ];
  } finally {
    image.detach(nowSchema);
  }
}

function findTouched(
  image: SqliteConnection,
  run: string,
  { removed, dropped, rewritten }: Removal,
): readonly string[] {
  const findings: string[] = [];
  const gone = new Set(dropped.map(foldName));
  const here = new Map(readObjects(image).map((object) => [`${object.type} ${object.name}`, object.sql]));
  for (const { type, name, table, sql } of readObjects(image, nowSchema)) {
    if (gone.has(foldName(table)) || gone.has(foldName(name)) || isLedgerTable(table)) continue;
    if (rewritten.has(foldName(table))) continue;
    const found = here.get(`${type} ${name}`);
    if (found === undefined) findings.push(`${type} ${name} is gone`);
    else if (found !== sql) findings.push(`the SQL of ${type} ${name} changed`);
  }
  const taken = new Map(removed.map(({ table, rows }) => [foldName(table), rows]));
  for (const table of readTables(image, nowSchema)) {
    const folded = foldName(table.name);
    if (gone.has(folded) || rewritten.has(folded) || isLedgerTable(table.name)) continue;
    const expected = countRows(image, table.name, nowSchema) - (taken.get(folded) ?? 0);
    if (readTable(image, table.name) === null || countRows(image, table.name) !== expected)
      findings.push(`${table.name} has other rows than it should`);
    else if (countMissing(image, table, 'main', nowSchema) > 0) findings.push(`rows of ${table.name} changed`);
  }
  return [...findings, ...findLedgerChanges(image, run)];
}

/** What other runs entered in the ledger stands as it stood. */
function findLedgerChanges(image: SqliteConnection, run: string): readonly string[] {
  if (readTable(image, historyTable, nowSchema) === null) return [];
  const others = `SELECT * FROM ${nowSchema}.${historyTable} WHERE run <> ?`;
  const otherRows = `SELECT r.* FROM ${nowSchema}.${rowsTable} AS r JOIN ${nowSchema}.${historyTable} AS h ON h.id = r.history WHERE h.run <> ?`;
  if (readTable(image, historyTable) === null)
    return image.count(`SELECT count(*) FROM (${others})`, [run]) === 0 ? [] : ['the ledger of other runs is gone'];
  const missing =
    image.count(`SELECT count(*) FROM (${others} EXCEPT SELECT * FROM main.${historyTable})`, [run]) +
    image.count(`SELECT count(*) FROM (${otherRows} EXCEPT SELECT * FROM main.${rowsTable})`, [run]);
  return missing === 0 ? [] : ['the ledger of other runs changed'];
}

/** Whether two databases hold the same objects and the same rows, whatever their pages look like. */
export function sameDatabase(a: SqliteConnection, b: SqliteConnection): Check {
  a.attach(b, nowSchema);
  try {
    const objects = (schema: string): string =>
      JSON.stringify(
        readObjects(a, schema)
          .map(({ type, name, sql }) => [type, name, sql])
          .sort(byText),
      );
    if (objects('main') !== objects(nowSchema)) return 'failed';
    const tables = [...readTables(a, nowSchema)];
    return tables.every((table) => sameRows(a, table, 'main', nowSchema)) && sameSequences(a) ? 'passed' : 'failed';
  } finally {
    a.detach(nowSchema);
  }
}

function sameSequences(a: SqliteConnection): boolean {
  const read = (schema: string): string =>
    a.count(`SELECT count(*) FROM ${q(schema)}.sqlite_schema WHERE name = 'sqlite_sequence'`) === 0
      ? '[]'
      : JSON.stringify(
          a
            .all(`SELECT name, quote(seq) AS seq FROM ${q(schema)}.sqlite_sequence ORDER BY 1, 2`)
            .map(({ name, seq }) => [name, seq]),
        );
  return read('main') === read(nowSchema);
}

function byText(a: unknown, b: unknown): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
