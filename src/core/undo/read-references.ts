/** Every foreign key of a database in one look: asked table by table, it takes a moment for each of hundreds. */
import type { SqliteConnection } from '../sqlite/engine';
import type { ForeignKey } from '../sqlite/schema';

export interface DeclaredReference extends ForeignKey {
  readonly child: string;
}

export function readReferences(connection: SqliteConnection): readonly DeclaredReference[] {
  const found = new Map<
    string,
    { child: string; parent: string; columns: { child: string; parent: string | null }[] }
  >();
  // An ordinary table has a root page: a virtual one has no foreign keys, and may not even open.
  for (const row of connection.all(
    `SELECT t.name AS child, f.id, f."table" AS parent, f."from" AS own, f."to" AS other FROM main.sqlite_schema AS t` +
      ` JOIN pragma_foreign_key_list(t.name, 'main') AS f WHERE t.type = 'table' AND t.rootpage > 0 ORDER BY t.rowid, f.id, f.seq`,
  )) {
    const child = String(row['child']);
    const key = `${child}\n${String(row['id'])}`;
    const reference = found.get(key) ?? { child, parent: String(row['parent']), columns: [] };
    reference.columns.push({ child: String(row['own']), parent: row['other'] === null ? null : String(row['other']) });
    found.set(key, reference);
  }
  return [...found.values()];
}
