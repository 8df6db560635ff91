/**
 * Inserting the new rows of a step inside SQLite: no value passes through JavaScript.
 *
 * Schema ON CONFLICT clauses are overruled by INSERT OR ABORT, since REPLACE and IGNORE lose rows without a word. Rows
 * that the target refuses are found and told apart from those that it takes.
 */
import { CoreError } from '../../errors';
import { isConstraintFailure, sqliteWords, type SqliteConnection } from '../../sqlite/engine';
import { quoteIdentifier as q, quoteText } from '../../sqlite/identifiers';
import { hasTable, mostColumns, readTable } from '../../sqlite/schema';
import type { RowStates } from './row-states';
import { legacySchema, type StepSql } from './step-sql';

/** A range that fails and is no larger is tried row by row: where one row fails, its neighbours often do. */
const fewRows = 64;

/** Thrown where rows have to be told apart and nobody has looked at them one by one yet. */
export class RowsMustBeTold extends Error {}

/**
 * @param keepRowids the table was made for these rows: each gets its old rowid, even where that is no column
 * @throws RowsMustBeTold where a row is refused and the states are all new
 */
export function insertRows(
  connection: SqliteConnection,
  sql: StepSql,
  rows: RowStates,
  table: string,
  keepRowids: boolean,
): void {
  const { cells, legacy, key, keyIsRowid } = sql.step;
  const [targetKey] = rows.targetKey;
  const isKey = (target: string): boolean => keyIsRowid && key[0]?.target === target;
  const hiddenKey = keyIsRowid && !cells.some(({ target }) => isKey(target)) ? (key[0]?.target ?? null) : null;
  const hiddenRowid = hiddenKey === null && keepRowids && legacy.rowidAlias === null ? legacy.rowidName : null;
  const values = sql.values;
  const columns = [
    ...(hiddenKey === null ? [] : [{ target: hiddenKey, value: targetKey ?? 'NULL' }]),
    ...(hiddenRowid === null ? [] : [{ target: hiddenRowid, value: `x.${q(hiddenRowid)}` }]),
    ...cells.map(({ target }, index) => ({
      target,
      value: isKey(target) ? (targetKey ?? 'NULL') : (values[index] ?? 'NULL'),
    })),
  ];
  // The rowid of a table of 2,000 columns is one column too many: one of the others follows.
  const late = columns.length > mostColumns ? columns.splice(lateColumn(connection, sql, table, columns), 1) : [];
  const insert = (verb: 'ABORT' | 'IGNORE', where: string): void => {
    connection.execute(
      `INSERT OR ${verb} INTO main.${q(table)} (${columns.map(({ target }) => q(target)).join(', ')})` +
        ` SELECT ${columns.map(({ value }) => value).join(', ')} FROM ${sql.source}${rows.join('new')}${where}` +
        ` ORDER BY ${keyIsRowid ? rows.targetKey.join(', ') : sql.identity}`,
    );
    for (const { target, value } of late) {
      connection.execute(
        `DROP TABLE IF EXISTS temp.jarvis_late; CREATE TEMP TABLE jarvis_late (k INTEGER PRIMARY KEY, v);` +
          ` INSERT INTO temp.jarvis_late SELECT ${rows.targetKey.join(', ')}, ${value} FROM ${sql.source}${rows.join('new')}${where}`,
      );
      const rowid = q(key[0]?.target ?? '');
      connection.execute(
        `UPDATE OR ABORT main.${q(table)} AS t SET ${q(target)} = (SELECT v FROM temp.jarvis_late WHERE k = t.${rowid})` +
          ` WHERE t.${rowid} IN (SELECT k FROM temp.jarvis_late)`,
      );
    }
  };

  const whole = attempt(connection, () => insert('ABORT', ''));
  if (whole === null) return;
  if (rows.isAllNew) throw new RowsMustBeTold(whole);
  const count = rows.numberNew();
  // Taking all that is acceptable first leaves only the refused rows to be tried one by one.
  if (attempt(connection, () => insert('IGNORE', '')) === null) {
    for (const position of missingPositions(connection, sql, rows, table)) {
      const reason = attempt(connection, () => insert('ABORT', ` WHERE ${rows.between(position, position)}`));
      if (reason !== null) rows.rejectNumbered(position, reason);
    }
    return;
  }
  // Some value cannot even be computed or converted, which no OR IGNORE skips: halve until such rows stand alone.
  const tryRange = (from: number, to: number): string | null =>
    attempt(connection, () => insert('ABORT', ` WHERE ${rows.between(from, to)}`));
  const insertOrSplit = (from: number, to: number): void => {
    const reason = tryRange(from, to);
    if (reason === null) return;
    if (to - from < fewRows) {
      for (let position = from; position <= to; position++) {
        const refusal = from === to ? reason : tryRange(position, position);
        if (refusal !== null) rows.rejectNumbered(position, refusal);
      }
      return;
    }
    const middle = Math.floor((from + to) / 2);
    insertOrSplit(from, middle);
    insertOrSplit(middle + 1, to);
  };
  if (count > 0) insertOrSplit(1, count);
}

/**
 * The position of a column that a row can do without for the moment: it may be NULL, and nothing else is there by default.
 *
 * @throws CoreError `plan-invalid` where there is none
 */
function lateColumn(
  connection: SqliteConnection,
  { step }: StepSql,
  table: string,
  columns: readonly { readonly target: string }[],
): number {
  const schema = readTable(connection, table);
  const free = schema?.columns.find(
    ({ notNull, defaultSql, generated }) => !notNull && defaultSql === null && !generated,
  );
  const position = columns.findIndex(({ target }) => target === free?.name);
  if (position >= 0) return position;
  throw new CoreError(
    'plan-invalid',
    `${step.legacyDatabase} ${step.legacy.name} has ${step.legacy.columns.length} columns and no key: SQLite takes ${mostColumns} at a time, the rowid included.`,
    {
      path: step.legacyDatabase,
      hint: 'Give the table a primary key, or let one of its columns be NULL without a default.',
    },
  );
}

/** @returns null where it went through; SQLite's words where some row was refused, with nothing done */
function attempt(connection: SqliteConnection, action: () => void): string | null {
  connection.execute('SAVEPOINT attempt');
  try {
    action();
    connection.execute('RELEASE attempt');
    return null;
  } catch (error) {
    connection.execute('ROLLBACK TO attempt; RELEASE attempt');
    const words = sqliteWords(error);
    // What no row is to blame for must not turn into a thousand rejects.
    if (
      !isConstraintFailure(error) &&
      /out of memory|disk|no such|syntax error|too many|locked|database .*malformed|interrupted/i.test(words)
    )
      throw error;
    return words;
  }
}

/** The positions of new rows that are not in the target. */
function missingPositions(
  connection: SqliteConnection,
  sql: StepSql,
  rows: RowStates,
  table: string,
): readonly number[] {
  return connection
    .all(
      `SELECT n.rowid AS position FROM ${sql.source}${rows.join('new')} JOIN temp.jarvis_new_rows AS n ON n.sid = r.sid` +
        ` WHERE NOT EXISTS (SELECT 1 FROM main.${q(table)} AS t WHERE ${sql.meetsKey(rows.targetKey)}) ORDER BY 1`,
    )
    .map(({ position }) => Number(position));
}

/** Carries the AUTOINCREMENT high-water mark over: a number that was ever given out is not given out again. */
export function carrySequence(connection: SqliteConnection, legacyTable: string, table: string): void {
  if (![legacySchema, 'main'].every((schema) => hasTable(connection, 'sqlite_sequence', schema))) return;
  const sequence = `(SELECT seq FROM ${legacySchema}.sqlite_sequence WHERE name = ${quoteText(legacyTable)})`;
  if (connection.count(`SELECT count(*) FROM ${sequence}`) === 0) return;
  connection.execute(
    `INSERT INTO main.sqlite_sequence (name, seq) SELECT ?, 0 WHERE NOT EXISTS (SELECT 1 FROM main.sqlite_sequence WHERE name = ?)`,
    [table, table],
  );
  connection.execute(`UPDATE main.sqlite_sequence SET seq = max(seq, ${sequence}) WHERE name = ?`, [table]);
}
