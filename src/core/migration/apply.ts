/**
 * Applying a step inside SQLite: no value passes through JavaScript.
 *
 * Target triggers are taken away for the step and put back as they were; schema ON CONFLICT clauses are overruled by
 * INSERT OR ABORT, since REPLACE and IGNORE lose rows without a word.
 */
import { isConstraintFailure, sqliteWords, type SqliteConnection } from '../sqlite/engine';
import { quoteIdentifier as q, sameName } from '../sqlite/identifiers';
import { readObjects } from '../sqlite/schema';
import { stepRows } from './classify';
import { rowsTable } from './ledger';
import { legacySchema, type StepSql } from './step-sql';

export interface Reject {
  /** The legacy row's key as a SQL literal. */
  readonly key: string;
  /** SQLite's own words. */
  readonly reason: string;
}

/** Runs an action while the table's triggers are away; they come back with the same SQL. */
export function withoutTriggers<T>(connection: SqliteConnection, table: string, action: () => T): T {
  // The schema table spells a trigger's table as its author did, not as the table itself is spelled.
  const triggers = readObjects(connection).filter(
    (object) => object.type === 'trigger' && sameName(object.table, table) && object.sql !== null,
  );
  for (const { name } of triggers) connection.execute(`DROP TRIGGER main.${q(name)}`);
  const result = action();
  for (const { sql } of triggers) if (sql !== null) connection.execute(sql);
  return result;
}

/**
 * Inserts the rows in state `new`. Rows that the target refuses get the state `rejected` and are listed.
 *
 * @param keepRowids the table was made for these rows: each gets its old rowid, even where that is no column
 */
export function insertRows(
  connection: SqliteConnection,
  sql: StepSql,
  table: string,
  keepRowids: boolean,
): readonly Reject[] {
  const { cells, legacy, key } = sql.step;
  const hidden = keepRowids && legacy.rowidAlias === null ? legacy.rowidName : null;
  const byRowid = key.filter(({ target }) => !cells.some((cell) => cell.target === target));
  const extra = hidden !== null ? [hidden] : byRowid.map(({ target }) => target);
  const columns = [...extra, ...cells.map(({ target }) => target)].map(q).join(', ');
  const values = [...extra.map((name) => `x.${q(name)}`), ...sql.values].join(', ');
  const insert = (from: number, to: number): void => {
    connection.execute(
      `INSERT OR ABORT INTO main.${q(table)} (${columns}) SELECT ${values} FROM ${sql.source}` +
        ` WHERE ${sql.key} IN (SELECT k FROM ${stepRows} WHERE state = 'new' AND rowid BETWEEN ${from} AND ${to})` +
        ` ORDER BY ${sql.keyParts.join(', ')}`,
    );
  };
  const rejects: Reject[] = [];
  /** Halves a range until the rows that fail stand alone: r rejects among n rows cost about r·log n statements. */
  const insertOrSplit = (from: number, to: number): void => {
    if (to < from) return;
    connection.execute('SAVEPOINT range');
    try {
      insert(from, to);
      connection.execute('RELEASE range');
    } catch (error) {
      connection.execute('ROLLBACK TO range; RELEASE range');
      if (!isConstraintFailure(error)) throw error;
      if (from < to) {
        const middle = Math.floor((from + to) / 2);
        insertOrSplit(from, middle);
        insertOrSplit(middle + 1, to);
        return;
      }
      const [row] = connection.all(`SELECT substr(quote(k), 1, 60) AS k FROM ${stepRows} WHERE rowid = ?`, [from]);
      connection.execute(`UPDATE ${stepRows} SET state = 'rejected' WHERE rowid = ?`, [from]);
      rejects.push({ key: String(row?.['k']), reason: sqliteWords(error) });
    }
  };
  insertOrSplit(1, connection.count(`SELECT coalesce(max(rowid), 0) FROM ${stepRows}`));
  return rejects;
}

/**
 * Legacy columns whose declared way back does not give every value: they join the residual columns.
 * Only rows that are in the target now are asked.
 */
export function findUnrecovered(connection: SqliteConnection, sql: StepSql, table: string): readonly string[] {
  return sql.step.recovered
    .filter(({ declared }) => declared)
    .map(({ legacy }) => legacy)
    .filter((column) => {
      const back = sql.recovered(column);
      const differing = connection.count(
        `SELECT count(*) FROM ${sql.source} JOIN ${stepRows} AS r ON r.k = ${sql.key} AND r.state IN ('new', 'present')` +
          ` JOIN ${sql.targetRows(table)} ON ${sql.meets} WHERE ${sql.column(column)} IS NOT ${back} OR typeof(${sql.column(column)}) <> typeof(${back})`,
      );
      return differing > 0;
    });
}

/** Enters the rows of the step that are in the target and not registered yet. @returns rows registered */
export function registerRows(
  connection: SqliteConnection,
  history: number,
  registered: string,
  legacyDatabase: string,
  legacyTable: string,
): number {
  connection.execute(
    `INSERT INTO main.${rowsTable} (history, legacy_key) SELECT ?, k FROM ${stepRows}` +
      ` WHERE state IN ('new', 'present') AND k NOT IN ${registered}`,
    [history, legacyDatabase, legacyTable],
  );
  return connection.changes();
}

/** Carries the AUTOINCREMENT high-water mark over: a number that was ever given out is not given out again. */
export function carrySequence(connection: SqliteConnection, legacyTable: string, table: string): void {
  const hasSequence =
    connection.count(`SELECT count(*) FROM ${legacySchema}.sqlite_schema WHERE name = 'sqlite_sequence'`) > 0;
  if (!hasSequence) return;
  const sequence = `(SELECT seq FROM ${legacySchema}.sqlite_sequence WHERE name = ?)`;
  if (connection.count(`SELECT count(*) FROM ${sequence}`, [legacyTable]) === 0) return;
  connection.execute(
    `INSERT INTO main.sqlite_sequence (name, seq) SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM main.sqlite_sequence WHERE name = ?)`,
    [table, table],
  );
  connection.execute(`UPDATE main.sqlite_sequence SET seq = max(seq, ${sequence}) WHERE name = ?`, [
    legacyTable,
    table,
  ]);
}
