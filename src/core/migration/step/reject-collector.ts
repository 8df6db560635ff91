/**
 * `rejects.db`: the legacy rows that a target refused, each in a table named after its legacy table, with the reason.
 *
 * Columns have no declared type, so that every value keeps its storage class; rows come by SQL from the legacy database.
 */
import { CoreError } from '../../errors';
import type { SqliteConnection, SqliteEngine } from '../../sqlite/engine';
import { freeName, quoteIdentifier as q } from '../../sqlite/identifiers';
import { mostColumns } from '../../sqlite/schema';
import { databaseStem, takenNames } from '../adopt/adopted-names';
import type { RowStates } from './row-states';
import type { StepSql } from './step-sql';

const schema = 'rejects';
const overview = 'rejects';

export class RejectCollector {
  private readonly connection: SqliteConnection;
  private rows = 0;
  private readonly tables: { readonly target: string; readonly name: string; readonly rows: number }[] = [];

  constructor(engine: SqliteEngine) {
    this.connection = engine.open(new Uint8Array(), 'rejects.db');
    this.connection.execute(
      `CREATE TABLE ${overview} (legacy_database TEXT NOT NULL, legacy_table TEXT NOT NULL, row_id, key, reason TEXT NOT NULL, kept_in TEXT NOT NULL)`,
    );
  }

  /** @param target the working copy, with the legacy database attached and no transaction open */
  add(target: SqliteConnection, sql: StepSql, rows: RowStates): void {
    const { legacy, legacyDatabase, identity } = sql.step;
    const table = freeName(
      [legacy.name, `${databaseStem(legacyDatabase)}_${legacy.name}`],
      takenNames(this.connection),
    );
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
    target.attach(this.connection, schema);
    const rowid = identity.isRowid ? 'r.sid' : 'NULL';
    target.execute(
      `CREATE TABLE ${schema}.${q(table)} (${[...own, ...columns].map(q).join(', ')});` +
        ` INSERT INTO ${schema}.${q(table)} SELECT ${[rowid, 'r.k', 'r.reason', ...columns.map((name) => sql.column(name))].join(', ')}` +
        ` FROM ${sql.source}${rows.join('rejected')} ORDER BY r.sid`,
    );
    const collected = target.changes();
    this.rows += collected;
    this.tables.push({ target: target.label, name: table, rows: collected });
    target.execute(
      `INSERT INTO ${schema}.${overview} SELECT ?, ?, ${q(own[0] ?? '')}, ${q(own[1] ?? '')}, ${q(own[2] ?? '')}, ? FROM ${schema}.${q(table)}`,
      [legacyDatabase, legacy.name, table],
    );
    target.detach(schema);
  }

  /** Takes out what was added for a target, whose rehearsal begins anew. */
  forget(target: string): void {
    for (const { name, rows } of this.tables.filter((added) => added.target === target)) {
      this.connection.execute(`DROP TABLE ${q(name)}`);
      this.connection.execute(`DELETE FROM ${overview} WHERE kept_in = ?`, [name]);
      this.rows -= rows;
    }
    this.tables.splice(0, this.tables.length, ...this.tables.filter((added) => added.target !== target));
  }

  /** The database with every row; null where none was rejected. */
  export(): Uint8Array | null {
    return this.rows === 0 ? null : this.connection.export();
  }

  close(): void {
    this.connection.close();
  }
}
