/** Two database files compared: their snapshots are attached to one another in memory, and no file is touched. */
import { CoreError, messageOf } from '../errors';
import type { TextEncoding } from '../migration/encoding/text-encoding';
import { rewriting, transcode } from '../migration/encoding/transcode';
import type { WarningReport } from '../report/model';
import { sqliteWords, type SqliteConnection, type SqliteEngine } from '../sqlite/engine';
import { foldName } from '../sqlite/identifiers';
import { countRows, readTables, type TableSchema } from '../sqlite/schema';
import type { Snapshot } from '../storage/snapshot';
import { compareRows, leftSchema, rightSchema } from './compare-rows';
import { compareSchemas } from './compare-schema';
import {
  differs,
  type ComparedSide,
  type ComparisonOutcome,
  type DatabaseComparison,
  type ObjectDifference,
  type TableComparison,
} from './model';

/** Rows that are shown of each kind of one table, and of all tables together; every row is counted. */
export const mostShown = { ofKind: 100, inAll: 3_000 } as const;

/**
 * @param tell hears the name of each table before its rows are compared
 * @throws CoreError `same-file`, or `encoding-mismatch` where the encodings differ and one cannot be written in the other
 */
export async function compareDatabases(
  engine: SqliteEngine,
  left: Snapshot,
  right: Snapshot,
  tell: (table: string) => Promise<void>,
): Promise<DatabaseComparison> {
  if (left.path === right.path) {
    throw new CoreError('same-file', `${left.database} and ${right.database} are one and the same file.`, {
      path: left.database,
      hint: 'Choose another database to compare it with.',
    });
  }
  const open: SqliteConnection[] = [];
  const keep = (connection: SqliteConnection): SqliteConnection => {
    open.push(connection);
    return connection;
  };
  try {
    const ours = keep(engine.open(left.bytes, left.database, { access: 'shared' }));
    const theirs = keep(engine.open(right.bytes, right.database, { access: 'shared' }));
    const [a, b] = [describeSide(ours, left), describeSide(theirs, right)];
    const warnings: WarningReport[] = [...left.warnings, ...right.warnings];
    let attached = theirs;
    if (a.encoding !== b.encoding) {
      const carried = carry(engine, theirs, a);
      attached = keep(carried.connection);
      warnings.push(...carried.warnings);
    }
    // Only for the temporary database: both images are read in place and cannot be written.
    ours.execute('PRAGMA query_only = OFF');
    ours.attach(attached, rightSchema);
    const objects = compareSchemas(ours).map((object) => ({ ...object, rows: rowsOfOneSide(ours, object) }));
    const tables = await compareTables(ours, tell);
    const outcome = outcomeOf(a, b, objects, tables);
    return { format: 1, outcome, left: a, right: b, objects, tables, warnings };
  } finally {
    for (const connection of open.reverse()) connection.close();
  }
}

function describeSide(connection: SqliteConnection, { database, sha256, bytes, applied }: Snapshot): ComparedSide {
  return {
    database,
    sha256,
    size: bytes.length,
    applied: applied?.kind ?? null,
    encoding: String(connection.all('PRAGMA encoding')[0]?.['encoding']),
    userVersion: connection.count('PRAGMA user_version'),
    applicationId: connection.count('PRAGMA application_id'),
    tables: connection.count(
      `SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    ),
  };
}

/** Databases of two encodings cannot be attached to one another. */
function carry(engine: SqliteEngine, right: SqliteConnection, left: ComparedSide): ReturnType<typeof transcode> {
  try {
    return transcode(engine, right, left.encoding as TextEncoding);
  } catch (error) {
    const cause = messageOf(error instanceof CoreError && error.cause !== undefined ? error.cause : error);
    throw new CoreError(
      'encoding-mismatch',
      `${right.label} stores text in another encoding than ${left.database}, and cannot be compared with it: ${cause}`,
      {
        path: right.label,
        hint: `Compare a copy of it in the other encoding: ${rewriting(right.label, left.encoding as TextEncoding)}`,
        cause: error,
      },
    );
  }
}

function rowsOfOneSide(
  connection: SqliteConnection,
  { type, kind, name }: Omit<ObjectDifference, 'rows'>,
): number | null {
  if (type !== 'table' || kind === 'different') return null;
  try {
    return countRows(connection, name, kind === 'onlyLeft' ? leftSchema : rightSchema);
  } catch {
    // A virtual table of a module that is not known here.
    return null;
  }
}

async function compareTables(
  connection: SqliteConnection,
  tell: (table: string) => Promise<void>,
): Promise<readonly TableComparison[]> {
  const theirs = new Map([...readTables(connection, rightSchema)].map((table) => [foldName(table.name), table]));
  const pairs = [...readTables(connection, leftSchema)].flatMap((table) => {
    const other = theirs.get(foldName(table.name));
    return other === undefined ? [] : [[table, other] as const];
  });
  pairs.sort(([a], [b]) => (foldName(a.name) < foldName(b.name) ? -1 : 1));
  const compared: TableComparison[] = [];
  let room: number = mostShown.inAll;
  for (const [left, right] of pairs) {
    await tell(left.name);
    const one = compareTable(connection, left, right, Math.min(mostShown.ofKind, room));
    room -= one.shown.length;
    compared.push(one);
  }
  return compared;
}

/** A table that cannot be read hides no other. */
function compareTable(
  connection: SqliteConnection,
  left: TableSchema,
  right: TableSchema,
  most: number,
): TableComparison {
  try {
    return compareRows(connection, left, right, Math.max(0, most));
  } catch (error) {
    return {
      table: left.name,
      key: null,
      columns: [],
      leftColumns: [],
      rightColumns: [],
      leftRows: 0,
      rightRows: 0,
      onlyLeft: 0,
      onlyRight: 0,
      different: 0,
      equal: 0,
      problem: sqliteWords(error),
      shown: [],
    };
  }
}

function outcomeOf(
  left: ComparedSide,
  right: ComparedSide,
  objects: readonly ObjectDifference[],
  tables: readonly TableComparison[],
): ComparisonOutcome {
  const same = left.userVersion === right.userVersion && left.applicationId === right.applicationId;
  if (!same || objects.length > 0 || tables.some(differs)) return 'different';
  return tables.some(({ problem }) => problem !== null) ? 'incomplete' : 'equal';
}
