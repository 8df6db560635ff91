/**
 * Runs one statement on the image of a database, which cannot be written, and keeps its rows in memory.
 *
 * A result is paged from a temporary table with a rowid: it is then sorted, filtered, searched and exported like any
 * table, with every value as SQLite has it, and a statement is run once, not once for each page.
 */
import { CoreError } from '../errors';
import type { BrowseColumn } from '../browse/model';
import type { Relation } from '../browse/relation';
import { sqliteWords, type SqliteConnection } from '../sqlite/engine';
import { foldName, freeName, quoteIdentifier } from '../sqlite/identifiers';
import { mostResultBytes, mostResultRows, resultTable, type QueryPlanStep } from './model';
import { readStatement, refusal, type ReadStatement } from './read-statement';

export type QueryAnswer =
  | { readonly kind: 'rows'; readonly relation: Relation; readonly rows: number; readonly cut: boolean }
  | { readonly kind: 'plan'; readonly steps: readonly QueryPlanStep[] };

export interface QueryLimits {
  readonly rows: number;
  readonly bytes: number;
}

/** Rows whose values tell whether a column is one of numbers. */
const sampledRows = 100;

/**
 * @param connection of its own, without a result so far, whose temporary database may be written
 * @param explain whether the query plan is asked for instead of the rows
 * @throws CoreError `query-invalid` where the statement is refused or SQLite cannot run it
 */
export function runQuery(
  connection: SqliteConnection,
  sql: string,
  explain: boolean,
  limits: QueryLimits = { rows: mostResultRows, bytes: mostResultBytes },
): QueryAnswer {
  const statement = readStatement(sql, explain);
  try {
    return statement.kind === 'plan'
      ? { kind: 'plan', steps: explainQuery(connection, statement.source) }
      : keepRows(connection, statement.source, limits);
  } catch (error) {
    throw explainFailure(statement, error, limits);
  }
}

function keepRows(connection: SqliteConnection, source: string, limits: QueryLimits): QueryAnswer {
  // Alone first: that gives the names of its columns, and SQLite's words about the statement as it was written.
  const names = connection.columnNames(source);
  const columns = names.map((_, index) => `c${index}`);
  const copy = nameCopy(connection);
  const pageSize = connection.count('PRAGMA temp.page_size');
  connection.execute(`PRAGMA temp.max_page_count = ${Math.max(1, Math.floor(limits.bytes / pageSize))}`);
  connection.execute(`CREATE TABLE ${copy} (${columns.join(', ')})`);
  // The line ends before the parenthesis, since the statement may end with a comment.
  connection.execute(`INSERT INTO ${copy} SELECT * FROM (${source}\n) LIMIT ${limits.rows + 1}`);
  const found = connection.changes();
  const cut = found > limits.rows;
  if (cut) connection.execute(`DELETE FROM ${copy} WHERE rowid = (SELECT max(rowid) FROM ${copy})`);
  // The orders of a viewer lie in the same temporary database.
  connection.execute('PRAGMA temp.max_page_count = 1073741823');
  const relation: Relation = {
    name: resultTable,
    kind: 'table',
    columns: describe(connection, names, copy),
    source: `${copy} AS t`,
    key: 't.rowid',
    keyed: true,
    rows: { copied: Math.min(found, limits.rows) },
    limit: cut ? limits.rows : null,
    expressions: columns.map((column) => `t.${column}`),
  };
  return { kind: 'rows', relation, rows: Math.min(found, limits.rows), cut };
}

/** One that no table of the database has: SQLite looks for a name in `temp` first, and the statement would read the copy. */
function nameCopy(connection: SqliteConnection): string {
  const likeIt = connection.all(`SELECT name FROM main.sqlite_schema WHERE name LIKE 'jarvis\\_result%' ESCAPE '\\'`);
  const taken = new Set(likeIt.map(({ name }) => foldName(String(name))));
  return `temp.${quoteIdentifier(freeName(['jarvis_result'], taken))}`;
}

/** Two columns of one name are told apart: a viewer knows them by their names. */
function describe(connection: SqliteConnection, names: readonly string[], copy: string): readonly BrowseColumn[] {
  const taken = new Set<string>();
  return names.map((written, index) => {
    const name = freeName([written], taken);
    taken.add(foldName(name));
    const classes = connection
      .all(`SELECT DISTINCT typeof(c${index}) AS class FROM (SELECT c${index} FROM ${copy} LIMIT ${sampledRows})`)
      .map((row) => row['class']);
    return {
      name,
      type: '',
      notNull: false,
      primaryKey: 0,
      generated: false,
      numeric: classes.some((one) => one !== 'null') && !classes.some((one) => one === 'text' || one === 'blob'),
      references: null,
      problem: null,
    };
  });
}

function explainQuery(connection: SqliteConnection, source: string): readonly QueryPlanStep[] {
  const depths = new Map([[0, 0]]);
  return connection.all(`EXPLAIN QUERY PLAN ${source}`).map((row) => {
    const depth = depths.get(Number(row['parent'])) ?? 0;
    depths.set(Number(row['id']), depth + 1);
    return { depth, detail: String(row['detail']) };
  });
}

function explainFailure(statement: ReadStatement, error: unknown, limits: QueryLimits): unknown {
  if (!(error instanceof CoreError) || error.code !== 'sql-failed') return error;
  const words = sqliteWords(error);
  if (/database or disk is full/i.test(words))
    return refusal(
      `The rows take more than ${Math.round(limits.bytes / 1024 ** 2)} MiB of memory.`,
      'Select fewer columns, or add a LIMIT.',
    );
  if (/out of memory/i.test(words))
    return refusal('The statement needs more memory than there is.', 'Add a condition or a LIMIT.');
  if (statement.kind === 'rows' && statement.pragma !== null && /pragma_|unknown database/i.test(words))
    return refusal(
      `PRAGMA ${statement.pragma} is refused here: only those that read something can be run, and none sets anything.`,
      'PRAGMA pragma_list lists the names.',
    );
  return new CoreError('query-invalid', `${words.charAt(0).toUpperCase()}${words.slice(1)}.`, { cause: error });
}
