/** Rows that refer to rows which are not there: the target's foreign keys, and the references that a plan declares. */
import type { SqliteConnection } from '../../sqlite/engine';
import { allOf } from '../../sqlite/cells';
import { foldName, quoteIdentifier as q, sameName } from '../../sqlite/identifiers';
import { primaryKeyOf, readForeignKeys, readTable } from '../../sqlite/schema';
import type { CellReference } from '../../plan/resolve';
import type { StepContext } from './step-context';
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
export function nullOrphans(
  connection: SqliteConnection,
  sql: StepSql,
  rows: RowStates,
  table: string,
  later: Later,
): void {
  const keys = sql.step.key.map(({ target }) => q(target)).join(', ');
  for (const reference of sql.step.references.filter(({ orphans }) => orphans === 'null')) {
    const column = `t.${q(reference.target)}`;
    const lacks = lacking(later, sql, reference);
    if (lacks !== null)
      connection.execute(
        `UPDATE main.${q(table)} SET ${q(reference.target)} = NULL WHERE (${keys}) IN` +
          ` (SELECT ${rows.targetKey.join(', ')} FROM ${rows.pairs(table, 'new')} WHERE ${column} IS NOT NULL AND ${lacks})`,
      );
  }
}

/** Tables that later steps fill: of those, no row is there, but their keys may be foreseen. */
interface Later extends Pick<StepContext, 'notYet' | 'foreseen'> {
  /** Columns whose references are judged once more when every step is done. */
  readonly awaited: ReadonlySet<string>;
}

/** The condition that a declared reference lacks its row; null where that cannot be told yet. */
function lacking(later: Later, sql: StepSql, reference: CellReference): string | null {
  const strays = sql.strays(reference.target);
  // What nobody comes back to is judged by what is there.
  if (!later.notYet.has(foldName(reference.table)) || !later.awaited.has(foldName(reference.target)))
    return `(${strays} OR NOT ${answered(reference, `t.${q(reference.target)}`)})`;
  return later.foreseen === null ? null : strays;
}

/** What the rows of a table demand of other tables. */
export function findDemands(
  connection: SqliteConnection,
  sql: StepSql,
  table: string,
  later: Later,
): readonly Demand[] {
  const declared = sql.step.references
    .filter(({ orphans }) => orphans === 'reject')
    .flatMap((reference): readonly Demand[] => {
      const column = `t.${q(reference.target)}`;
      const lacks = lacking(later, sql, reference);
      if (lacks === null) return [];
      return [
        {
          condition: `${column} IS NOT NULL AND ${lacks}`,
          reason: `${reference.target} refers to a row of ${reference.table} that is not there`,
          isSelf: sameName(reference.table, table),
        },
      ];
    });
  const keys = readForeignKeys(connection, table).flatMap(({ parent, columns }): readonly Demand[] => {
    const parentTable = readTable(connection, parent);
    const primary = parentTable === null ? [] : primaryKeyOf(parentTable);
    const set = allOf(columns.map(({ child }) => `t.${q(child)} IS NOT NULL`));
    const meets = allOf(
      columns.map(({ child, parent: column }, index) => `a.${q(column ?? primary[index] ?? '')} = t.${q(child)}`),
    );
    const exists = parentTable === null ? '0' : `EXISTS (SELECT 1 FROM main.${q(parent)} AS a WHERE ${meets})`;
    const [only] = columns;
    const strays = only !== undefined && columns.length === 1 ? sql.strays(only.child) : '0';
    // The final check of all foreign keys looks at what is not foreseen.
    const isLater = later.notYet.has(foldName(parent));
    if (isLater && later.foreseen === null) return [];
    const lacks = isLater ? strays : `(${strays} OR NOT ${exists})`;
    return [
      {
        condition: `${set} AND ${lacks}`,
        reason: `FOREIGN KEY constraint failed: ${columns.map(({ child }) => child).join(', ')} refers to a row of ${parent} that is not there`,
        isSelf: sameName(parent, table),
      },
    ];
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
