/**
 * `rejects.db`: the legacy rows that a target refused, each in a table named after its legacy table, with the reason.
 *
 * Columns have no declared type, so that every value keeps its storage class; rows come by SQL from the legacy database.
 */
import { CoreError } from '../../errors';
import type { SqliteConnection, SqliteEngine } from '../../sqlite/engine';
import { freeName, quoteIdentifier as q, quoteText } from '../../sqlite/identifiers';
import { mostColumns } from '../../sqlite/schema';
import { databaseStem, takenNames } from '../adopt/adopted-names';
import { encodingOf } from '../encoding/encoding-matcher';
import type { TextEncoding } from '../encoding/text-encoding';
import { transcode } from '../encoding/transcode';
import type { RowStates } from './row-states';
import type { StepSql } from './step-sql';

const schema = 'rejects';
const overview = 'rejects';

export class RejectCollector {
  /** One for each text encoding of a target: databases of different ones cannot be attached. */
  private readonly made = new Map<TextEncoding, SqliteConnection>();
  private readonly tables: {
    readonly target: string;
    readonly connection: SqliteConnection;
    readonly name: string;
    readonly rows: number;
  }[] = [];

  constructor(private readonly engine: SqliteEngine) {}

  /** @param target the working copy, with the legacy database attached and no transaction open */
  add(target: SqliteConnection, sql: StepSql, rows: RowStates): void {
    const { legacy, legacyDatabase, identity } = sql.step;
    const connection = this.connectionIn(encodingOf(target));
    const taken = new Set([...this.made.values()].flatMap((made) => [...takenNames(made)]));
    const table = freeName([legacy.name, `${databaseStem(legacyDatabase)}_${legacy.name}`], taken);
    const columns = legacy.columns.map(({ name }) => name);
    if (columns.length > mostColumns - 3) {
      throw new CoreError(
        'rejected-rows',
        `${legacyDatabase} ${legacy.name} has rows that the target refuses, and ${columns.length} columns: no table of rejects.db can hold them beside the reasons.`,
        { path: legacyDatabase, hint: 'Let rejects fail the run: the report then lists them with their reasons.' },
      );
    }
    const own = ['reject_row_id', 'reject_key', 'reject_reason'].map((name) =>
      freeName([name], new Set(columns.map((column) => column.toLowerCase()))),
    );
    target.attach(connection, schema);
    const rowid = identity.isRowid ? 'r.sid' : 'NULL';
    target.execute(
      `CREATE TABLE ${schema}.${q(table)} (${[...own, ...columns].map(q).join(', ')});` +
        ` INSERT INTO ${schema}.${q(table)} SELECT ${[rowid, 'r.k', 'r.reason', ...columns.map((name) => sql.column(name))].join(', ')}` +
        ` FROM ${sql.source}${rows.join('rejected')} ORDER BY r.sid`,
    );
    this.tables.push({ target: target.label, connection, name: table, rows: target.changes() });
    target.execute(
      `INSERT INTO ${schema}.${overview} SELECT ?, ?, ${q(own[0] ?? '')}, ${q(own[1] ?? '')}, ${q(own[2] ?? '')}, ? FROM ${schema}.${q(table)}`,
      [legacyDatabase, legacy.name, table],
    );
    target.detach(schema);
  }

  private connectionIn(encoding: TextEncoding): SqliteConnection {
    const known = this.made.get(encoding);
    if (known !== undefined) return known;
    const connection = this.engine.open(new Uint8Array(), 'rejects.db');
    this.made.set(encoding, connection);
    connection.execute(
      `PRAGMA encoding = ${quoteText(encoding)}; CREATE TABLE ${overview} (legacy_database TEXT NOT NULL, legacy_table TEXT NOT NULL, row_id, key, reason TEXT NOT NULL, kept_in TEXT NOT NULL)`,
    );
    return connection;
  }

  /** Takes out what was added for a target, whose rehearsal begins anew. */
  forget(target: string): void {
    for (const { connection, name } of this.tables.filter((added) => added.target === target)) {
      connection.execute(`DROP TABLE ${q(name)}`);
      connection.execute(`DELETE FROM ${overview} WHERE kept_in = ?`, [name]);
    }
    this.tables.splice(0, this.tables.length, ...this.tables.filter((added) => added.target !== target));
  }

  /** The database with every row; null where none was rejected. Nothing is added to it afterwards. */
  export(): Uint8Array | null {
    const filled = new Set(this.tables.filter(({ rows }) => rows > 0).map(({ connection }) => connection));
    // Every text has an equal in UTF-8, and not the other way round.
    const [first, ...others] = [...filled].sort((a, b) => Number(isUtf8(b)) - Number(isUtf8(a)));
    if (first === undefined) return null;
    for (const other of others) this.bring(other, first);
    return first.export();
  }

  private bring(from: SqliteConnection, into: SqliteConnection): void {
    const { connection } = transcode(this.engine, from, encodingOf(into));
    try {
      into.attach(connection, 'more');
      for (const { name } of this.tables.filter((added) => added.connection === from))
        into.execute(`CREATE TABLE main.${q(name)} AS SELECT * FROM more.${q(name)}`);
      into.execute(`INSERT INTO main.${overview} SELECT * FROM more.${overview}`);
      into.detach('more');
    } finally {
      connection.close();
    }
  }

  close(): void {
    for (const connection of this.made.values()) connection.close();
  }
}

function isUtf8(connection: SqliteConnection): boolean {
  return encodingOf(connection) === 'UTF-8';
}
