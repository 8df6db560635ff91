/** Criteria: a database that a step writes, and a query that only reads. It is compiled here, never run. */
import { sqliteWords, type SqliteConnection } from '../sqlite/engine';
import { foldName, quoteIdentifier, sameName } from '../sqlite/identifiers';
import { primaryKeyOf } from '../sqlite/schema';
import { residualColumns } from './check-map-step';
import { findTable, type PlanTable } from './plan-catalogue';
import type { Examination } from './plan-examination';
import { targetDatabaseOf } from './schema';
import { readTokens, type SqlToken } from '../sql-tokens';

/** A table as a query sees it. Null: something of it is not known, so that a query on it cannot be judged. */
type Shape = readonly string[] | null;

export function checkCriteria(examination: Examination): void {
  const { plan } = examination;
  const shapes = new Map<string, ReadonlyMap<string, Shape>>();
  const shapesOf = (database: string, tables: readonly PlanTable[]): ReadonlyMap<string, Shape> => {
    const known = shapes.get(database) ?? shapesAfterRun(examination, database, tables);
    shapes.set(database, known);
    return known;
  };
  plan.criteria.forEach((criterion, index) => {
    const at = ['criteria', index] as const;
    if (criterion.accountedFor !== undefined) {
      const { database, table } = criterion.accountedFor;
      const planned = plan.steps.some(({ legacy }) => legacy.database === database && sameName(legacy.table, table));
      if (!planned)
        examination.error('unknown-step', [...at, 'accountedFor', 'table'], `No step moves ${database} ${table}.`);
    }
    if (criterion.database === undefined || criterion.sql === undefined) return;
    const { database, sql } = criterion;
    if (!plan.steps.some((step) => targetDatabaseOf(step) === database)) {
      examination.error(
        'unknown-database',
        [...at, 'database'],
        `No step writes ${database}: there is nothing to measure.`,
      );
      return;
    }
    const fault = findFault(examination, database, sql, shapesOf);
    if (fault !== null) examination.error('bad-query', [...at, 'sql'], `This is not a query to measure by: ${fault}.`);
  });
}

function findFault(
  examination: Examination,
  database: string,
  sql: string,
  shapesOf: (database: string, tables: readonly PlanTable[]) => ReadonlyMap<string, Shape>,
): string | null {
  if (sql.includes('\0')) return 'it has a NUL character, where SQLite stops reading';
  const tokens = readTokens(sql);
  if ('strange' in tokens) return `${JSON.stringify(tokens.strange)} is not closed, or has no meaning in SQL`;
  const code = tokens.filter(({ kind }) => kind !== 'comment');
  if (!/^(?:select|with|values)$/i.test(code[0]?.text ?? '')) return 'it does not begin with SELECT';
  const end = code.findIndex(({ text }) => text === ';');
  if (end !== -1 && end < code.length - 1) return 'it is more than one statement';
  const parameter = code.find(({ kind }) => kind === 'parameter');
  if (parameter !== undefined) return `it has a parameter, ${parameter.text}`;

  const tables = examination.known(database);
  if (tables === null) return null;
  const scratch = examination.catalogue.openScratch();
  try {
    for (const [name, columns] of shapesNamed(shapesOf(database, tables), code)) {
      if (columns === null || columns.length === 0) return null;
      scratch.execute(`CREATE TABLE ${quoteIdentifier(name)} (${columns.map(quoteIdentifier).join(', ')})`);
    }
    return compile(scratch, sql);
  } finally {
    scratch.close();
  }
}

/** The program that SQLite would run: none that writes, one column. */
function compile(scratch: SqliteConnection, sql: string): string | null {
  try {
    const program = scratch.all(`EXPLAIN ${sql}`);
    const writes = program.some((step) => step['opcode'] === 'Transaction' && step['p2'] !== 0);
    if (writes) return 'it writes';
    const columns = program.find((step) => step['opcode'] === 'ResultRow')?.['p2'];
    if (columns !== undefined && columns !== 1) return `it has ${String(columns)} columns; one is measured`;
    return null;
  } catch (error) {
    return sqliteWords(error);
  }
}

/** The tables that a query can name, by their folded names: those of the database, and those that the steps add. */
function shapesAfterRun(
  examination: Examination,
  database: string,
  tables: readonly PlanTable[],
): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>();
  const add = (name: string, columns: Shape): void => {
    if (!shapes.has(foldName(name))) shapes.set(foldName(name), columns);
  };
  // A virtual table answers to more than its columns; a full-text one to its own name.
  for (const table of tables) add(table.name, table.kind === 'virtual' ? null : columnNames(table));
  add('jarvis_migration_history', null);
  for (const step of examination.plan.steps) {
    if (targetDatabaseOf(step) !== database) continue;
    const { database: from, table } = step.legacy;
    const legacy = findTable(examination.known(from) ?? [], table);
    if (step.strategy === 'adopt') {
      const columns = legacy === null || legacy.kind === 'virtual' ? null : columnNames(legacy);
      add(step.target.table ?? table, columns);
      add(`${stemOf(from)}_${table}`, columns);
    } else if (step.strategy === 'map') {
      const target = findTable(tables, step.target.table);
      const key = target === null ? [] : (step.key ?? primaryKeyOf(target));
      add(`legacy_${table}`, legacy === null ? null : [...new Set([...key, ...residualColumns(step, legacy)])]);
    }
  }
  return shapes;
}

function shapesNamed(
  shapes: ReadonlyMap<string, Shape>,
  tokens: readonly SqlToken[],
): readonly (readonly [string, Shape])[] {
  const said = new Set(tokens.map((token) => foldName(token.kind === 'quoted' ? token.name : token.text)));
  return [...said].flatMap((name) => {
    const columns = shapes.get(name);
    return columns === undefined ? [] : [[name, columns] as const];
  });
}

function columnNames(table: PlanTable): readonly string[] {
  return table.columns.map(({ name }) => name);
}

function stemOf(database: string): string {
  return (database.split('/').at(-1) ?? database).replace(/\.[^.]*$/, '');
}
