/** The tiers of a target as a whole: what stood there before, the foreign keys, the b-trees. */
import { messageOf } from '../../errors';
import type { Check } from '../../report/model';
import { allOf, sameCells } from '../../sqlite/cells';
import type { SqliteConnection } from '../../sqlite/engine';
import { foldName, quoteIdentifier as q } from '../../sqlite/identifiers';
import { primaryKeyOf, readObjects, readTables, type TableSchema } from '../../sqlite/schema';
import { beforeSchema } from '../step/validate-step';

export interface TargetProof {
  readonly untouchedRows: Check;
  readonly foreignKeys: Check;
  /** What is wrong, in words; empty where all passed. */
  readonly findings: readonly string[];
}

/** Tables of our own making that a run may change, by folded name. */
export interface OwnTables {
  /** Sidecars that got further columns: their old columns must be as they were. */
  readonly widened: ReadonlySet<string>;
  /** Shadow tables of a full-text index that was replaced by a newer one of the legacy database. */
  readonly replaced: ReadonlySet<string>;
}

/**
 * @param connection the image to be published, with the image before attached as `before`
 * @param before the image before, by itself
 */
export function validateTarget(connection: SqliteConnection, before: SqliteConnection, own: OwnTables): TargetProof {
  const untouched = findTouched(connection, own);
  const orphans = findNewOrphans(connection, before);
  return {
    untouchedRows: untouched.length === 0 ? 'passed' : 'failed',
    foreignKeys: orphans === null ? 'notRun' : orphans.length === 0 ? 'passed' : 'failed',
    findings: [...untouched, ...(orphans ?? [])],
  };
}

/** The findings of a full integrity check; `quick_check` would miss an index that differs from its table. */
export function checkIntegrity(connection: SqliteConnection): readonly string[] {
  try {
    return connection
      .all('PRAGMA main.integrity_check(10)')
      .map((row) => String(row['integrity_check']))
      .filter((line) => line !== 'ok');
  } catch (error) {
    return [messageOf(error)];
  }
}

/** Objects that changed or are gone, and tables with a row that changed or is gone. */
function findTouched(connection: SqliteConnection, own: OwnTables): readonly string[] {
  const findings: string[] = [];
  const touched = new Set<string>();
  const now = new Map(readObjects(connection).map((object) => [`${object.type} ${object.name}`, object.sql]));
  for (const { type, name, sql } of readObjects(connection, beforeSchema)) {
    const key = `${type} ${name}`;
    if (!now.has(key)) findings.push(`${key} is gone`);
    else if (now.get(key) !== sql && !(type === 'table' && own.widened.has(foldName(name))))
      findings.push(`the SQL of ${key} changed`);
    else continue;
    touched.add(key);
  }
  // A virtual table has no rows of its own: those of its shadow tables are compared.
  for (const table of readTables(connection, beforeSchema)) {
    if (touched.has(`table ${table.name}`) || own.replaced.has(foldName(table.name))) continue;
    const rows = countTouchedRows(connection, table);
    if (rows > 0) findings.push(`${rows} rows of ${table.name} changed or are gone`);
  }
  return findings;
}

function countTouchedRows(connection: SqliteConnection, table: TableSchema): number {
  const columns = table.columns.map(({ name }) => name);
  const key =
    table.rowidAlias !== null ? [table.rowidAlias] : table.rowidName !== null ? [table.rowidName] : primaryKeyOf(table);
  const was = `${beforeSchema}.${q(table.name)} AS b`;
  const is = `main.${q(table.name)} AS m`;
  const [first] = key;
  if (first === undefined) {
    // No key and no reachable rowid: compare as sets, which is all that can be said of such rows.
    return connection.count(
      `SELECT count(*) FROM (SELECT * FROM ${beforeSchema}.${q(table.name)} EXCEPT SELECT * FROM main.${q(table.name)})`,
    );
  }
  const meets = allOf(key.map((column) => `m.${q(column)} = b.${q(column)}`));
  const equal = sameCells(columns.map((column) => [`b.${q(column)}`, `m.${q(column)}`] as const));
  return connection.count(
    `SELECT count(*) FROM ${was} LEFT JOIN ${is} ON ${meets} WHERE m.${q(first)} IS NULL OR NOT ${equal}`,
  );
}

/**
 * Foreign key violations that were not there before.
 *
 * @param earlier states in any of which a violation may have been
 * @returns null where the check could not run on the schema as it was
 */
export function findNewOrphans(
  connection: SqliteConnection,
  ...earlier: readonly SqliteConnection[]
): readonly string[] | null {
  let known: readonly ReadonlyMap<string, number>[];
  try {
    known = earlier.map((before) => tally(listOrphans(before)));
  } catch {
    return null;
  }
  try {
    // Rows without a rowid look alike: what counts is how many there were.
    return [...tally(listOrphans(connection))]
      .filter(([orphan, rows]) => known.every((before) => rows > (before.get(orphan) ?? 0)))
      .map(([orphan]) => orphan);
  } catch (error) {
    return [messageOf(error)];
  }
}

function tally(lines: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

function listOrphans(connection: SqliteConnection): readonly string[] {
  return connection
    .all('PRAGMA main.foreign_key_check')
    .map(
      (row) =>
        `row ${String(row['rowid'])} of ${String(row['table'])} refers to a missing row of ${String(row['parent'])} (foreign key ${String(row['fkid'])})`,
    );
}
