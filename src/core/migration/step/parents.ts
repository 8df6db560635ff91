/**
 * Rows that a target demands before those of a step (a user 0, say): declared by the plan, added where no row has that
 * key yet, and entered in the ledger as what they are.
 */
import { CoreError } from '../../errors';
import type { MapStep } from '../../plan/schema';
import { allOf } from '../../sqlite/cells';
import type { SqliteConnection } from '../../sqlite/engine';
import { foldName, quoteIdentifier as q, sameName } from '../../sqlite/identifiers';
import { primaryKeyOf, readTable, type TableSchema } from '../../sqlite/schema';
import { setTriggersAside } from './set-aside';
import type { RowStates } from './row-states';
import { legacySchema, type StepSql } from './step-sql';

type ParentRule = MapStep['parents'][number];

export interface AddedParents {
  readonly table: string;
  readonly keyColumns: readonly string[];
  readonly keyIsRowid: boolean;
  /** A query for the keys of the rows that were proposed. */
  readonly proposedKeys: string;
}

/** Proposes and inserts the parent rows of all new rows. @param notYet tables (folded names) that later steps fill */
export function addParents(
  connection: SqliteConnection,
  step: MapStep,
  sql: StepSql,
  rows: RowStates,
  notYet: ReadonlySet<string>,
): readonly AddedParents[] {
  return step.parents.map((rule, index) => {
    const table = readTable(connection, rule.table);
    if (table === null) throw invalid(step, `the target has no table ${rule.table} for its parents.`);
    // Keys that a step brings itself would be taken by the parents made for them.
    if (sameName(rule.table, step.target.table))
      throw invalid(step, `its parents would go into ${rule.table}, which the step itself fills.`);
    if (notYet.has(foldName(rule.table)))
      throw invalid(step, `its parents would go into ${rule.table}, which a step fills that refers to this one.`);
    const columns = cellsOf(step, rule, table);
    const key = primaryKeyOf(table);
    const isRowid = key.length === 1 && key[0] === table.rowidAlias;
    const keyed = key.map((name) => columns.findIndex(({ target }) => target === name));
    const usable = keyed.map((at) => (isRowid ? `typeof(y.c${at}) = 'integer'` : `y.c${at} IS NOT NULL`));
    const meets = allOf(key.map((name, at) => `p.${q(name)} = y.c${keyed[at] ?? 0}`));
    const values = columns.map(({ expression }, at) => `(${expression}) AS c${at}`).join(', ');
    const identity = sql.step.identity.expression;
    const source = `(SELECT ${identity} AS i, ${values} FROM ${legacySchema}.${q(sql.step.legacy.name)}) AS y`;
    const proposed = `jarvis_parents_${index}`;
    connection.execute(
      `DROP TABLE IF EXISTS temp.${proposed}; CREATE TEMP TABLE ${proposed} AS SELECT DISTINCT ${columns.map((_, at) => `y.c${at}`).join(', ')}` +
        ` FROM ${source}${rows.joinOn('y.i', 'new')}` +
        ` WHERE ${allOf(usable)} AND NOT EXISTS (SELECT 1 FROM main.${q(table.name)} AS p WHERE ${meets})`,
    );
    const putBack = setTriggersAside(connection, table.name);
    // OR IGNORE: a parent that the target refuses is not made, and its children are rejected as orphans.
    connection.execute(
      `INSERT OR IGNORE INTO main.${q(table.name)} (${columns.map(({ target }) => q(target)).join(', ')}) SELECT * FROM temp.${proposed}`,
    );
    putBack();
    const proposedKeys = `SELECT ${keyed.map((at) => `c${at}`).join(', ')} FROM temp.${proposed}`;
    return { table: table.name, keyColumns: key, keyIsRowid: isRowid, proposedKeys };
  });
}

/** Takes away parents that only rejected rows asked for. @returns how many rows each parent table gained */
export function pruneParents(
  connection: SqliteConnection,
  step: MapStep,
  sql: StepSql,
  rows: RowStates,
  added: readonly AddedParents[],
  anyRejected: boolean,
): readonly { readonly parents: AddedParents; readonly inserted: number }[] {
  return added.map((parents, index) => {
    const rule = step.parents[index];
    const keys = parents.keyColumns.map(q).join(', ');
    if (anyRejected && rule !== undefined) {
      const expressions = parents.keyColumns.map((name) => {
        const found = Object.entries(rule.columns).find(([column]) => sameName(column, name));
        return `(${found?.[1] ?? 'NULL'})`;
      });
      const wanted =
        `SELECT ${expressions.map((_, at) => `y.k${at}`).join(', ')} FROM (SELECT ${sql.step.identity.expression} AS i,` +
        ` ${expressions.map((expression, at) => `${expression} AS k${at}`).join(', ')}` +
        ` FROM ${legacySchema}.${q(sql.step.legacy.name)}) AS y${rows.joinOn('y.i', 'new')}` +
        ` WHERE ${allOf(expressions.map((_, at) => `y.k${at} IS NOT NULL`))}`;
      connection.execute(
        `DELETE FROM main.${q(parents.table)} WHERE (${keys}) IN (${parents.proposedKeys}) AND (${keys}) NOT IN (${wanted})`,
      );
    }
    const inserted = connection.count(
      `SELECT count(*) FROM main.${q(parents.table)} WHERE (${keys}) IN (${parents.proposedKeys})`,
    );
    return { parents, inserted };
  });
}

function cellsOf(
  step: MapStep,
  rule: ParentRule,
  table: TableSchema,
): readonly { readonly target: string; readonly expression: string }[] {
  const named = new Map(Object.entries(rule.columns).map(([name, expression]) => [foldName(name), expression]));
  for (const name of named.keys()) {
    if (!table.columns.some((column) => foldName(column.name) === name && !column.generated))
      throw invalid(step, `its parents' table ${rule.table} has no column ${name}.`);
  }
  const key = primaryKeyOf(table);
  if (key.length === 0) throw invalid(step, `its parents' table ${rule.table} has no primary key.`);
  return table.columns
    .filter(({ generated }) => !generated)
    .map((column) => {
      const expression = named.get(foldName(column.name));
      if (expression === undefined && (column.notNull || key.includes(column.name)))
        throw invalid(step, `its parents do not fill ${rule.table}.${column.name}.`);
      // An explicit NULL, as in a map: a DEFAULT would invent a value.
      return { target: column.name, expression: expression ?? 'NULL' };
    });
}

function invalid(step: MapStep, message: string): CoreError {
  return new CoreError('plan-invalid', `${step.legacy.database} ${step.legacy.table}: ${message}`, {
    path: step.legacy.database,
    hint: 'Correct the "parents" of the step in the plan; nothing was touched.',
  });
}
