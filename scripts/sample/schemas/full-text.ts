/**
 * A full-text table over the rows of another, written as FTS5 writes it: the engine that makes the samples has no FTS5, so
 * the entry in the schema and the shadow tables are put down one by one. What is in them is up to the rows.
 */
export function fullTextTable(name: string, columns: readonly string[], content: string): string {
  const sql = `CREATE VIRTUAL TABLE ${name} USING fts5(${columns.join(', ')}, content='${content}', content_rowid='id')`;
  return `
PRAGMA writable_schema = ON;
INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql)
VALUES ('table', '${name}', '${name}', 0, '${sql.replaceAll("'", "''")}');
PRAGMA writable_schema = OFF;
CREATE TABLE '${name}_data'(id INTEGER PRIMARY KEY, block BLOB);
CREATE TABLE '${name}_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;
CREATE TABLE '${name}_docsize'(id INTEGER PRIMARY KEY, sz BLOB);
CREATE TABLE '${name}_config'(k PRIMARY KEY, v) WITHOUT ROWID;
`;
}

/** Triggers that keep a full-text table up to date, for the events that it follows. */
export function fullTextTriggers(
  name: string,
  columns: readonly string[],
  content: string,
  events: readonly ('INSERT' | 'DELETE' | 'UPDATE')[],
): string {
  const valuesOf = (row: 'old' | 'new'): string => ['id', ...columns].map((column) => `${row}.${column}`).join(', ');
  const names = ['rowid', ...columns].join(', ');
  const remove = `INSERT INTO ${name}(${name}, ${names}) VALUES ('delete', ${valuesOf('old')});`;
  const add = `INSERT INTO ${name}(${names}) VALUES (${valuesOf('new')});`;
  const bodies = { INSERT: add, DELETE: remove, UPDATE: `${remove}\n  ${add}` };
  return events
    .map((event) => {
      const trigger = `${content}_a${event.charAt(0).toLowerCase()}`;
      return `CREATE TRIGGER ${trigger} AFTER ${event} ON ${content} BEGIN\n  ${bodies[event]}\nEND;\n`;
    })
    .join('');
}
