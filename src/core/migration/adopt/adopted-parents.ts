/** Foreign keys of tables that move: whether each leads to a parent in the target. */
import { CoreError } from '../../errors';
import type { WarningReport } from '../../report/model';
import type { SqliteConnection, SqliteEngine } from '../../sqlite/engine';
import { foldName, quoteIdentifier as q, sameName } from '../../sqlite/identifiers';
import { readForeignKeys, readObjects, readTable, type ForeignKey } from '../../sqlite/schema';
import { legacySchema } from '../step/step-sql';
import { warning } from '../warnings';
import { whyNoHome } from './mapped-tables';
import { hasObject, type AdoptionRequest, type Legacy, type Move } from './moves';
import { tryExecute } from './try-sql';

/**
 * Without its parent, a child's rows would all count as orphans; with a parent whose columns are no key, SQLite could
 * check no foreign key of the whole target.
 */
export function checkParents(
  engine: SqliteEngine,
  { target, legacyDatabase, mapped = [] }: AdoptionRequest,
  legacy: Legacy,
  moves: readonly Move[],
): readonly WarningReport[] {
  const warnings: WarningReport[] = [];
  const moveOf = new Map(moves.map((move) => [foldName(move.table.name), move]));
  const mappedOf = new Map(mapped.map((one) => [foldName(one.table), one]));
  const tableNames = new Set(
    legacy.objects.filter(({ type }) => /table|view/.test(type)).map(({ name }) => foldName(name)),
  );
  for (const { table: child, isAdopted } of moves) {
    if (isAdopted || legacy.virtuals.has(foldName(child.name))) continue;
    for (const reference of readForeignKeys(target, child.name, legacySchema)) {
      const { parent } = reference;
      const from = reference.columns.map((column) => column.child);
      const move = moveOf.get(foldName(parent));
      const other = mappedOf.get(foldName(parent));
      const refusal = (words: string): CoreError =>
        new CoreError(
          'plan-invalid',
          `${legacyDatabase} ${child.name} (${from.join(', ')}) refers to ${parent}, ${words}.`,
          { path: legacyDatabase, hint: `Adopt ${parent} too, or skip ${child.name}.` },
        );
      if (move !== undefined) {
        if (move.isAdopted && !move.stands) throw refusal('which an earlier run adopted and which is gone since');
        if (!hasKey(engine, target, legacySchema, reference)) {
          warnings.push(
            warning(
              'foreign-key-mismatch',
              `${legacyDatabase} ${child.name} refers to columns of ${parent} that are no key: SQLite cannot check the foreign keys of the target.`,
            ),
          );
        }
      } else if (other !== undefined) {
        const why = whyNoHome(target, other, reference);
        if (why !== null) throw refusal(why);
        const home = other.home ?? parent;
        if (hasObject(target, home) && !hasKey(engine, target, 'main', { ...reference, parent: home }))
          throw refusal(`whose rows go into ${home}, which has no such key`);
      } else if (hasObject(target, parent)) {
        if (!hasKey(engine, target, 'main', reference))
          throw refusal('which is not adopted; the table of that name in the target has no such key');
      } else if (tableNames.has(foldName(parent))) {
        throw refusal('which is neither adopted nor in the target');
      } else {
        const some = from.map((column) => `${q(column)} IS NOT NULL`).join(' AND ');
        const rows = target.count(`SELECT count(*) FROM ${legacySchema}.${q(child.name)} WHERE ${some}`);
        warnings.push(
          warning(
            'foreign-key-dangling',
            `${legacyDatabase} ${child.name} refers to ${parent}, which does not exist there either: ${rows} ${rows === 1 ? 'row stays an orphan' : 'rows stay orphans'}.`,
          ),
        );
      }
    }
  }
  return warnings;
}

/** Whether the columns that a foreign key refers to are a key of the parent: SQLite itself is asked. */
function hasKey(engine: SqliteEngine, target: SqliteConnection, schema: string, reference: ForeignKey): boolean {
  const table = readTable(target, reference.parent, schema);
  if (table === null) return false;
  const [first, ...others] = reference.columns;
  const isAlias = table.rowidAlias !== null && sameName(first?.parent ?? table.rowidAlias, table.rowidAlias);
  if (isAlias && others.length === 0) return true;
  const scratch = engine.open(new Uint8Array(), target.label);
  try {
    const own = readObjects(target, schema).filter((object) => sameName(object.table, table.name));
    for (const { type, sql } of own) {
      if (type === 'table' && !tryExecute(scratch, sql)) return true; // It cannot be told here: the final check will.
      if (type === 'index' && /^CREATE\s+UNIQUE/i.test(sql ?? '')) tryExecute(scratch, sql);
    }
    const columns = reference.columns.map((_, index) => `c${index}`).join(', ');
    const named = reference.columns.flatMap(({ parent }) => (parent === null ? [] : [q(parent)]));
    const to = named.length === 0 ? '' : ` (${named.join(', ')})`;
    const child = sameName(table.name, 'child') ? 'other_child' : 'child';
    scratch.execute(`CREATE TABLE ${child} (${columns}, FOREIGN KEY (${columns}) REFERENCES ${q(table.name)}${to})`);
    return tryExecute(scratch, `PRAGMA foreign_key_check(${child})`);
  } finally {
    scratch.close();
  }
}
