/**
 * Rows for tables that are empty in a real installation: plausible by the names and types of the columns, different in
 * every row, and such that UNIQUE, NOT NULL and foreign keys hold.
 */
import type { Database } from 'sql.js';
import { DAY, HOUR, day, naiveTime, type SqlValue, type Variant } from './values.js';

interface Column {
  readonly position: number;
  readonly name: string;
  readonly type: string;
  readonly isKey: boolean;
  readonly mayBeNull: boolean;
  /** The values of the parent that a foreign key leads to. */
  readonly parents: readonly SqlValue[] | null;
}

/** As many in each table: a child then has a parent of its own, and no pair of parents comes twice. */
const ROWS_OF_A_TABLE = 5;

export function fillEmptyTables(connection: Database, path: string, variant: Variant): void {
  for (const table of emptyTables(connection)) {
    const columns = columnsOf(connection, table);
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    const insert = `INSERT INTO "${table}" (${names}) VALUES (${columns.map(() => '?').join(', ')})`;
    for (let index = 0; index < variant.extra(ROWS_OF_A_TABLE); index += 1) {
      connection.run(
        insert,
        columns.map((column) => valueOf(variant, `${path}/${table}/${column.name}`, index, column)),
      );
    }
  }
}

/** In the order of the schema, parents before children; without virtual tables and those in which they keep things. */
function emptyTables(connection: Database): string[] {
  const tables = select(
    connection,
    `SELECT name FROM sqlite_master AS t
     WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND rootpage > 0 AND NOT EXISTS (
       SELECT * FROM sqlite_master AS v WHERE v.sql LIKE 'CREATE VIRTUAL%' AND t.name GLOB v.name || '_*')
     ORDER BY rowid`,
  ).map(([name]) => String(name));
  return tables.filter((table) => select(connection, `SELECT 1 FROM "${table}" LIMIT 1`).length === 0);
}

function columnsOf(connection: Database, table: string): Column[] {
  const parents = new Map(
    select(connection, `SELECT "from", "table", "to" FROM pragma_foreign_key_list('${table}')`).map(
      ([from, parent, to]) => [String(from), `SELECT "${String(to)}" FROM "${String(parent)}" ORDER BY 1`],
    ),
  );
  return select(connection, `SELECT cid, name, type, pk, "notnull" FROM pragma_table_info('${table}')`).map(
    ([position, name, type, key, notNull]) => {
      const query = parents.get(String(name));
      return {
        position: Number(position),
        name: String(name),
        type: String(type),
        isKey: key !== 0,
        mayBeNull: key === 0 && notNull === 0,
        parents: query === undefined ? null : select(connection, query).flat(),
      };
    },
  );
}

function valueOf(variant: Variant, subject: string, index: number, column: Column): SqlValue {
  if (column.mayBeNull && variant.chance(`${subject}.null`, index, 0.15)) return null;
  if (column.parents !== null) return column.parents[(index + column.position) % column.parents.length] ?? null;
  switch (column.type) {
    case 'INTEGER':
    case 'BOOLEAN':
      return integerOf(variant, subject, index, column);
    case 'REAL':
      return variant.real(subject, index, 0, 100);
    case 'BLOB':
      return Uint8Array.from({ length: 32 }, (_, at) => variant.hash(subject, index * 32 + at) % 256);
    default:
      return textOf(variant, subject, index, column.name);
  }
}

function integerOf(variant: Variant, subject: string, index: number, { name, isKey }: Column): SqlValue {
  if (isKey) return variant.id(index);
  if (
    /^(is|has|was)_|^(active|applied|acknowledged|processed|enabled|liked|retweeted|commented|outcome_correct)$/.test(
      name,
    )
  )
    return variant.integer(subject, index, 0, 1);
  // Telegram ids do not fit into 32 bits, and base units not into a double: they survive as INTEGER only.
  if (/telegram_id|chat_id|user_id/.test(name)) return 5_000_000_000 + variant.id(index);
  if (/amount|balance/.test(name)) return `9007199254${variant.text(subject, index, 7, '13579')}`;
  return variant.integer(subject, index, 0, 500);
}

function textOf(variant: Variant, subject: string, index: number, name: string): string {
  if (/^date$|^week_|_date$/.test(name)) return day(-20 * DAY + index * DAY);
  if (/_(at|time|seen|activity|triggered|updated|success|failure|for)$|^(timestamp|deadline)$/.test(name))
    return naiveTime(-20 * DAY + index * 5 * HOUR, variant.integer(subject, index, 0, 999));
  if (/json$|^(metadata|attributes|tags|examples|applications|weights|components|related_\w+)$/.test(name))
    return JSON.stringify({ note: variant.pick(subject, index, WORDS), n: index });
  if (/symbol|cashtags/.test(name)) return variant.pick(subject, index, ['SOL', 'BONK', 'WIF', 'JUP', 'KR8TIV']);
  if (/mint$|^contract$|address$|counterparty/.test(name)) return variant.mint(subject, index);
  if (/signature|^tx_id$/.test(name)) return variant.signature(subject, index);
  if (name.endsWith('url')) return `https://example.com/${variant.hex(subject, index, 8)}?a=1&b=<2>`;
  if (name === 'side') return variant.pick(subject, index, ['buy', 'sell']);
  if (name === 'status') return variant.pick(subject, index, ['pending', 'active', 'done']);
  // Every other text says which row it is of, as some must be unique.
  return `${variant.pick(subject, index, WORDS)} ${variant.hex(subject, index, 8)}`;
}

const WORDS: readonly [string, ...string[]] = ['steady', 'für später', 'it’s | fine', 'gm ☀️', "o'clock", 'これ'];

function select(connection: Database, sql: string): SqlValue[][] {
  return connection.exec(sql)[0]?.values ?? [];
}
