/** Rows that refer to rows which are not there: the target's foreign keys, and the references that a plan declares. */
import type { SqliteConnection } from '../sqlite/engine';
import { allOf } from '../sqlite/cells';
import { foldName, quoteIdentifier as q, sameName } from '../sqlite/identifiers';
import { primaryKeyOf, readForeignKeys, readTable } from '../sqlite/schema';
import type { RowStates } from './row-states';
import { answered, type StepSql } from './step-sql';

interface Demand {
  /** Over the legacy row `x` and the target row `t`: it refers to a row that is not there. */
  readonly condition: string;
  readonly reason: string;
  /** The table may refer to itself: one row taken back can orphan another. */
  readonly isSelf: boolean;
}

/** Writes NULL where a reference that allows it has no answer. */
export function nullOrphans(connection: SqliteConnection, sql: StepSql, rows: RowStates, table: string): void {
  const keys = sql.step.key.map(({ target }) => q(target)).join(', ');
  for (const reference of sql.step.references.filter(({ orphans }) => orphans === 'null')) {
    const column = `t.${q(reference.target)}`;
    connection.execute(
      `UPDATE main.${q(table)} SET ${q(reference.target)} = NULL WHERE (${keys}) IN` +
        ` (SELECT ${rows.targetKey.join(', ')} FROM ${rows.pairs(table, 'new')} WHERE ${column} IS NOT NULL AND (${sql.strays(reference.target)} OR NOT ${answered(reference, column)}))`,
    );
  }
}

/** What the rows of a table demand of other tables. @param notYet tables (folded names) that later steps fill */
export function findDemands(
  connection: SqliteConnection,
  sql: StepSql,
  table: string,
  notYet: ReadonlySet<string>,
): readonly Demand[] {
  const declared = sql.step.references
    .filter(({ orphans }) => orphans === 'reject')
    .map((reference): Demand => {
      const column = `t.${q(reference.target)}`;
      return {
        condition: `${column} IS NOT NULL AND (${sql.strays(reference.target)} OR NOT ${answered(reference, column)})`,
        reason: `${reference.target} refers to a row of ${reference.table} that is not there`,
        isSelf: sameName(reference.table, table),
      };
    });
  const keys = readForeignKeys(connection, table)
    .filter(({ parent }) => !notYet.has(foldName(parent)))
    .map(({ parent, columns }): Demand => {
      const parentTable = readTable(connection, parent);
      const primary = parentTable === null ? [] : primaryKeyOf(parentTable);
      const set = allOf(columns.map(({ child }) => `t.${q(child)} IS NOT NULL`));
      const meets = allOf(
        columns.map(({ child, parent: column }, index) => `a.${q(column ?? primary[index] ?? '')} = t.${q(child)}`),
      );
      const exists = parentTable === null ? '0' : `EXISTS (SELECT 1 FROM main.${q(parent)} AS a WHERE ${meets})`;
      const [only] = columns;
      const strays = only !== undefined && columns.length === 1 ? sql.strays(only.child) : '0';
      return {
        condition: `${set} AND (${strays} OR NOT ${exists})`,
        reason: `FOREIGN KEY constraint failed: ${columns.map(({ child }) => child).join(', ')} refers to a row of ${parent} that is not there`,
        isSelf: sameName(parent, table),
      };
    });
  return [...declared, ...keys];
}

/** Whether any new row is an orphan. */
export function hasOrphans(
  connection: SqliteConnection,
  rows: RowStates,
  table: string,
  demands: readonly Demand[],
): boolean {
  return demands.some(
    ({ condition }) =>
      connection.count(`SELECT EXISTS (SELECT 1 FROM ${rows.pairs(table, 'new')} WHERE ${condition})`) === 1,
  );
}

/** Takes orphans out of the target again, and those that their going makes orphans. */
export function rejectOrphans(rows: RowStates, table: string, demands: readonly Demand[]): void {
  const mayCascade = demands.some(({ isSelf }) => isSelf);
  for (let found = true; found;) {
    found = false;
    for (const { condition, reason } of demands) {
      if (rows.takeBack(table, condition, reason) > 0) found = mayCascade;
    }
  }
}
