/**
 * What each legacy row is to the target: new, there already, changed since, in the way of a row of the target's own, or
 * refused.
 *
 * A first migration into free keys needs no bookkeeping: every row is new, which the legacy schema itself guarantees.
 * Otherwise the answer is a temporary table `jarvis_step_rows` in the working connection, and every later statement of
 * the step speaks of rows by it.
 */
import { CoreError } from '../../errors';
import { keyValue } from '../../sqlite/cells';
import type { SqliteConnection } from '../../sqlite/engine';
import { quoteIdentifier as q, quoteText } from '../../sqlite/identifiers';
import { countRows, hasTable } from '../../sqlite/schema';
import type { KeyFollower } from '../ledger/registered-keys';
import { legacySchema, type StepPlace, type StepSql } from './step-sql';

/**
 * `new` in no target yet; `present` there, equal in every cell; `changed` migrated before, different now on either side;
 * `aside` the same, but different in the sidecar only; `gone` migrated before, deleted from the target since; `taken` the
 * target has a row of its own under that key; `rejected` refused by the target's constraints.
 */
export type RowState = 'new' | 'present' | 'changed' | 'aside' | 'gone' | 'taken' | 'rejected';

export type RowCounts = Readonly<Record<RowState, number>>;

const statesTable = 'temp.jarvis_step_rows';

export class RowStates {
  private constructor(
    private readonly connection: SqliteConnection,
    private readonly sql: StepSql,
    /** Every row is new, and none is listed. */
    readonly isAllNew: boolean,
    /** Added to the keys of the new rows: a SQL literal. */
    readonly keyOffset: string,
  ) {}

  /** @returns null where rows have to be looked at one by one */
  static allNew(connection: SqliteConnection, sql: StepSql, place: StepPlace): RowStates | null {
    if (!sql.step.keyIsSound || !sql.history.own.isEmpty) return null;
    if (!isFree(connection, sql, place.table)) return null;
    return new RowStates(connection, sql, true, '0');
  }

  /**
   * @param place null where the target table does not exist: every row is new, or was migrated before
   * @param mayShift integer keys that the target uses for rows of its own are shifted
   */
  static classify(connection: SqliteConnection, sql: StepSql, place: StepPlace | null, mayShift: boolean): RowStates {
    const { identity, keyIsRowid, keyIsSound } = sql.step;
    connection.execute(
      `DROP TABLE IF EXISTS ${statesTable}; CREATE TEMP TABLE jarvis_step_rows` +
        ` (sid ${identity.isRowid ? 'INTEGER ' : ''}PRIMARY KEY, k, t, known INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT)` +
        (identity.isRowid ? '' : ' WITHOUT ROWID'),
    );
    const offset = sql.history.own.offset(sql.key);
    const key = sql.targetKeyParts;
    const keyless = keyIsRowid
      ? `typeof(${sql.key}) <> 'integer'`
      : sql.keyParts.map((part) => `${part} IS NULL`).join(' OR ');
    const cases = [`WHEN ${keyless} THEN 'rejected'`];
    let from = sql.source;
    if (place === null) {
      cases.push(`WHEN ${offset} IS NULL THEN 'new' ELSE 'gone'`);
    } else {
      const { sidecar } = place;
      const keptColumns =
        sidecar === null
          ? []
          : sql.step.legacy.columns.map(({ name }) => name).filter((name) => sidecar.columns.includes(name));
      const equal =
        sidecar === null
          ? sql.equalsPlan
          : `${sql.equalsPlan} AND (${offset} IS NULL OR ${sql.equalsSidecar(keptColumns)})`;
      cases.push(
        `WHEN t.${q(sql.step.key[0]?.target ?? '')} IS NULL THEN CASE WHEN ${offset} IS NULL THEN 'new' ELSE 'gone' END`,
        `WHEN ${equal} THEN 'present' WHEN ${offset} IS NULL THEN 'taken'`,
        `WHEN ${sql.equalsPlan} THEN 'aside' ELSE 'changed'`,
      );
      from += ` LEFT JOIN ${sql.targetRows(place.table)} ON ${sql.meetsKey(key)}`;
      if (sidecar !== null) from += ` LEFT JOIN main.${q(sidecar.table)} AS s ON ${sql.sidecarMeets(place)}`;
    }
    connection.execute(
      `INSERT INTO ${statesTable} SELECT ${sql.identity}, ${sql.key}, ${keyIsRowid ? (key[0] ?? 'NULL') : 'NULL'},` +
        ` ${offset} IS NOT NULL, CASE ${cases.join(' ')} END, NULL FROM ${from} ORDER BY 1`,
    );
    connection.execute(
      `UPDATE ${statesTable} SET reason = ${quoteText(
        keyIsRowid ? 'its key in the target is no integer' : 'its key in the target is NULL',
      )} WHERE state = 'rejected'`,
    );
    if (!keyIsSound) rejectDoubles(connection);
    const states = new RowStates(connection, sql, false, sql.history.own.current);
    return mayShift && keyIsRowid && place !== null && states.counts().taken > 0 ? states.shift(place.table) : states;
  }

  /** Gives all rows that are to be inserted keys beyond those of the target, by one offset: above them, else below. */
  private shift(table: string): RowStates {
    const key = q(this.sql.step.key[0]?.target ?? '');
    const sequence = hasTable(this.connection, 'sqlite_sequence')
      ? `coalesce((SELECT max(seq) FROM main.sqlite_sequence WHERE name = ${quoteText(table)}), 0)`
      : '0';
    // A sum that no INTEGER holds is a REAL.
    const [row] = this.connection.all(
      `WITH used (low, high) AS (SELECT min(min(${key}), 1), max(max(${key}), 0, ${sequence}) FROM main.${q(table)}),` +
        ` moved (low, high) AS (SELECT min(k), max(k) FROM ${statesTable} WHERE state IN ('new', 'taken')),` +
        ` beyond (o) AS (SELECT used.high - moved.low + 1 FROM used, moved UNION ALL SELECT used.low - moved.high - 1 FROM used, moved)` +
        ` SELECT quote(o) AS literal FROM beyond, moved` +
        ` WHERE typeof(o) = 'integer' AND typeof(low + o) = 'integer' AND typeof(high + o) = 'integer' ORDER BY o DESC LIMIT 1`,
    );
    if (row === undefined) {
      throw new CoreError(
        'target-conflict',
        `${table} in ${this.connection.label} holds rows of its own under keys that ${this.sql.step.legacy.name} uses, and there is no room above or below them.`,
        {
          path: this.connection.label,
          hint: 'Compare the rows, then remove or renumber those of the target whose keys are near the largest or the smallest integer.',
        },
      );
    }
    const literal = String(row['literal']);
    this.connection.execute(
      `UPDATE ${statesTable} SET t = k + (${literal}), state = 'new' WHERE state IN ('new', 'taken')`,
    );
    return new RowStates(this.connection, this.sql, false, literal);
  }

  /** Restricts the legacy rows `x` to those in the given states: goes behind `FROM x`. */
  join(...states: readonly RowState[]): string {
    return this.joinOn(this.sql.identity, ...states);
  }

  /** The same for another relation over the legacy table, by its expression for the row's identity. */
  joinOn(identity: string, ...states: readonly RowState[]): string {
    if (this.isAllNew) return '';
    // A row is found by its rowid from either side; by anything else the states are looked up for each row.
    const join = this.sql.step.identity.isRowid ? 'JOIN' : 'CROSS JOIN';
    return ` ${join} ${statesTable} AS r ON r.sid = ${identity} AND r.state IN (${states.map(quoteText).join(', ')})`;
  }

  /** The key in the target, over the joined rows. */
  get targetKey(): readonly string[] {
    return this.isAllNew || !this.sql.step.keyIsRowid ? this.sql.keyParts : ['r.t'];
  }

  /** A FROM clause that yields the legacy rows in the given states beside their target rows. */
  pairs(table: string, ...states: readonly RowState[]): string {
    return this.sql.rowsAt(table, this.sql.meetsKey(this.targetKey), this.join(...states));
  }

  counts(): RowCounts {
    const counts = { new: 0, present: 0, changed: 0, aside: 0, gone: 0, taken: 0, rejected: 0 };
    if (this.isAllNew) {
      counts.new = countRows(this.connection, this.sql.step.legacy.name, legacySchema);
      return counts;
    }
    for (const row of this.connection.all(`SELECT state, count(*) AS n FROM ${statesTable} GROUP BY state`)) {
      counts[row['state'] as RowState] = Number(row['n']);
    }
    return counts;
  }

  /** Of one legacy row, by its rowid in decimal digits; null where there is none, or rows are not listed. */
  stateOf(rowid: string): { readonly state: RowState; readonly reason: string | null } | null {
    if (this.isAllNew) return null;
    const [row] = this.connection.all(`SELECT state, reason FROM ${statesTable} WHERE sid = CAST(? AS INTEGER)`, [
      rowid,
    ]);
    if (row === undefined) return null;
    return { state: row['state'] as RowState, reason: row['reason'] === null ? null : String(row['reason']) };
  }

  /** A relation with the keys of the rows that are in the target now and were not registered before. */
  unregistered(state: 'new' | 'present'): { readonly relation: string; readonly key: string } {
    if (this.isAllNew) {
      // The table itself, whose extreme keys are found without reading it.
      const relation = `${legacySchema}.${q(this.sql.step.legacy.name)} AS x${state === 'new' ? '' : ' WHERE 0'}`;
      return { relation, key: keyValue(this.sql.step.key.map(({ expression }) => `x.${expression}`)) };
    }
    return { relation: `${statesTable} AS r WHERE r.state = '${state}' AND NOT r.known`, key: 'r.k' };
  }

  /** The identities of the new rows in ascending order, as a range of positions: for trying them in halves. */
  numberNew(): number {
    this.connection.execute(
      `DROP TABLE IF EXISTS temp.jarvis_new_rows; CREATE TEMP TABLE jarvis_new_rows AS` +
        ` SELECT sid FROM ${statesTable} WHERE state = 'new' ORDER BY sid`,
    );
    return this.connection.count('SELECT count(*) FROM temp.jarvis_new_rows');
  }

  /** The SQL condition that a row's position is in a range made by {@link numberNew}. */
  between(from: number, to: number): string {
    return `${this.sql.identity} IN (SELECT sid FROM temp.jarvis_new_rows WHERE rowid BETWEEN ${from} AND ${to})`;
  }

  rejectNumbered(position: number, reason: string): void {
    this.connection.execute(
      `UPDATE ${statesTable} SET state = 'rejected', reason = ? WHERE sid = (SELECT sid FROM temp.jarvis_new_rows WHERE rowid = ?)`,
      [reason, position],
    );
  }

  /**
   * Rejects rows that were inserted, and takes them out of the target again.
   *
   * @param condition over `x`, `t` and `r`
   * @returns rows rejected
   */
  takeBack(table: string, condition: string, reason: string): number {
    const doomed = `SELECT ${this.sql.identity} FROM ${this.pairs(table, 'new')} WHERE ${condition}`;
    // `known` 2 marks the rows of this very call: their keys are needed once more.
    this.connection.execute(
      `UPDATE ${statesTable} SET state = 'rejected', known = 2, reason = ? WHERE sid IN (${doomed})`,
      [reason],
    );
    const rejected = this.connection.changes();
    if (rejected > 0) {
      const columns = this.sql.step.key.map(({ target }) => q(target)).join(', ');
      this.connection.execute(
        `DELETE FROM main.${q(table)} WHERE (${columns}) IN` +
          ` (SELECT ${this.targetKey.join(', ')} FROM ${this.sql.source}${this.join('rejected')} AND r.known = 2)`,
      );
    }
    this.connection.execute(`UPDATE ${statesTable} SET known = 0 WHERE known = 2`);
    return rejected;
  }

  /** How a reference to a row of this very step, whose key is an integer, reads in the target. */
  following(earlier: KeyFollower): KeyFollower {
    if (this.isAllNew) {
      const key = this.sql.step.key[0]?.expression ?? 'NULL';
      const table = `${legacySchema}.${q(this.sql.step.legacy.name)}`;
      return {
        isShifted: false,
        followed: (reference) => reference,
        knows: (reference) => `EXISTS (SELECT 1 FROM ${table} AS f WHERE f.${key} = ${reference})`,
        unshifted: (targetKey) => targetKey,
      };
    }
    this.connection.execute('CREATE INDEX IF NOT EXISTS temp.jarvis_step_rows_key ON jarvis_step_rows (k)');
    const isShifted = this.keyOffset !== '0' || earlier.isShifted;
    const meant = (reference: string, ...states: readonly RowState[]): string =>
      `SELECT f.t FROM ${statesTable} AS f WHERE f.k = +(${reference}) AND f.state IN (${states.map(quoteText).join(', ')})`;
    const key = (reference: string): string => (isShifted ? reference : `CAST(${reference} AS INTEGER)`);
    return {
      isShifted,
      followed: (reference) => `coalesce((${meant(reference, 'new')}), ${earlier.followed(reference)})`,
      knows: (reference) => `(EXISTS (${meant(key(reference), 'new', 'present')}) OR ${earlier.knows(reference)})`,
      // Only asked of the published image, where the ledger knows.
      unshifted: (targetKey) => targetKey,
    };
  }

  /** The first rejected rows in the order of the legacy table. */
  rejects(limit: number): readonly { readonly rowid: string | null; readonly key: string; readonly reason: string }[] {
    if (this.isAllNew) return [];
    return this.connection
      .all(
        `SELECT CAST(sid AS TEXT) AS rowid, substr(quote(k), 1, 60) AS k, reason FROM ${statesTable} WHERE state = 'rejected' ORDER BY sid LIMIT ?`,
        [limit],
      )
      .map((row) => ({
        rowid: this.sql.step.identity.isRowid ? String(row['rowid']) : null,
        key: String(row['k']),
        reason: String(row['reason']),
      }));
  }
}

/** Migrated before and different on one side since, or kept out by a row of the target's own. */
export function countConflicts({ changed, aside, gone, taken }: RowCounts): number {
  return changed + aside + gone + taken;
}

/** No row of the target can have a key that a legacy row has. */
function isFree(connection: SqliteConnection, sql: StepSql, table: string): boolean {
  if (connection.count(`SELECT EXISTS (SELECT 1 FROM main.${q(table)})`) === 0) return true;
  if (!sql.step.keyIsRowid) return false;
  const key = q(sql.step.key[0]?.target ?? '');
  const bounds = (extreme: string, column: string, from: string): string =>
    `(SELECT ${extreme}(${column}) FROM ${from})`;
  const legacy = `${legacySchema}.${q(sql.step.legacy.name)}`;
  const legacyKey = sql.step.key[0]?.expression ?? 'NULL';
  return (
    connection.count(
      `SELECT coalesce(${bounds('max', key, `main.${q(table)}`)} < ${bounds('min', legacyKey, legacy)}` +
        ` OR ${bounds('min', key, `main.${q(table)}`)} > ${bounds('max', legacyKey, legacy)}, 1)`,
    ) === 1
  );
}

/** Of several legacy rows with one key, the first keeps it. */
function rejectDoubles(connection: SqliteConnection): void {
  const doubled = connection.count(`SELECT count(k) - count(DISTINCT k) FROM ${statesTable} WHERE state <> 'rejected'`);
  if (doubled === 0) return;
  connection.execute(
    `UPDATE ${statesTable} SET state = 'rejected', reason = 'another legacy row has the same key in the target' WHERE sid IN` +
      ` (SELECT sid FROM (SELECT sid, row_number() OVER (PARTITION BY k ORDER BY sid) AS n FROM ${statesTable} WHERE state <> 'rejected') WHERE n > 1)`,
  );
}
