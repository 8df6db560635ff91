/** What the ledger knows of the keys of one legacy table, as SQL: which rows came, and by how much their keys were shifted. */
import { anyOf } from '../../sqlite/cells';
import type { SqliteConnection } from '../../sqlite/engine';
import { hasLedger, historyTable, isSubject, rowsTable, subjectName, type LedgerSubject } from './ledger';

/** How a value that refers to a row of a table follows that row's key. */
export interface KeyFollower {
  /** Some rows were given other keys than their own. */
  readonly isShifted: boolean;
  /** A value that refers to a row of this table, as it reads in the target. */
  followed(reference: string): string;
  /** A condition: the reference is to a row of this table that was migrated. */
  knows(reference: string): string;
  /** The legacy key behind a key (or a reference) in the target. */
  unshifted(targetKey: string): string;
}

/** Rows of several legacy tables, none of them shifted. */
export function knownToAny(all: readonly KeyFollower[]): KeyFollower {
  return {
    isShifted: false,
    followed: (reference) => reference,
    knows: (reference) => anyOf(all.map((keys) => keys.knows(reference))),
    unshifted: (targetKey) => targetKey,
  };
}

/** Keys that mean the same on both sides: a row of the target's own answers as well. */
export function knownByKey(keys: KeyFollower): KeyFollower {
  return {
    isShifted: keys.isShifted,
    followed: (reference) => keys.followed(reference),
    knows: () => '1',
    unshifted: (targetKey) => keys.unshifted(targetKey),
  };
}

/** Ranges up to this many are written into the SQL itself, which saves a lookup for each row. */
const inlineRanges = 8;

/** Keys with one offset. The bounds are SQL literals. */
interface KeyRange {
  readonly first: string;
  readonly last: string;
  readonly offset: string;
}

/** Where keys are looked up that are too many to be written down, and what they are told by. */
interface Lookup {
  /** A FROM item `r` with `first_key` and `last_key`, and a condition on it. */
  readonly from: string;
  readonly where: string;
  /** The offset of what is found there: an expression over `r`. */
  readonly offset: string;
}

/**
 * What a target's ledger knows of the keys of one legacy table, as SQL expressions. Read once for each statement that
 * uses it: entries made later are not in it.
 */
export class RegisteredKeys implements KeyFollower {
  private constructor(
    /** Null where they are looked up. */
    private readonly ranges: readonly KeyRange[] | null,
    private readonly lookups: readonly Lookup[],
    /** Each offset that a row was given: SQL literals. */
    private readonly offsets: readonly string[],
    /** No row is registered. */
    readonly isEmpty: boolean,
    /** The offset that the step's newest rows were given, as a SQL literal: rows that come later get the same. */
    readonly current: string,
    /** The newest line of the ledger that this was read from. */
    readonly line: number,
  ) {}

  /** @param most ranges that may be written into the SQL */
  static read(target: SqliteConnection, subject: LedgerSubject, most = inlineRanges): RegisteredKeys {
    const lines = readLines(target, subject);
    if (lines.length === 0) return new RegisteredKeys([], [], [], true, '0', 0);
    const ids = lines.map(({ id }) => id).join(', ');
    const ranges = target
      .all(
        `SELECT quote(r.first_key) AS first, quote(r.last_key) AS last, quote(h.key_offset) AS o,` +
          ` typeof(r.first_key) = 'integer' AS plain FROM main.${historyTable} AS h CROSS JOIN main.${rowsTable} AS r` +
          ` ON r.history = h.id WHERE h.id IN (${ids}) LIMIT ${most + 1}`,
      )
      .map((row) => ({
        first: String(row['first']),
        last: String(row['last']),
        offset: String(row['o']),
        // A literal for a text with a NUL would end at the NUL.
        isPlain: row['plain'] === 1,
      }));
    const areInline = ranges.length <= most && ranges.every(({ isPlain }) => isPlain);
    const latest = lines.findLast(({ inserted }) => inserted > 0);
    return new RegisteredKeys(
      areInline ? ranges : null,
      areInline ? [] : lookupsOf(target, subject, lines),
      [...new Set(lines.map(({ offset }) => offset))],
      ranges.length === 0,
      latest?.offset ?? '0',
      lines.at(-1)?.id ?? 0,
    );
  }

  /** Some rows were given other keys than their own. */
  get isShifted(): boolean {
    return this.offsets.some((offset) => offset !== '0');
  }

  /** Every key stands in the expressions: they mean the same in any database. */
  get isPortable(): boolean {
    return this.ranges !== null;
  }

  /** Both are portable, and know the same keys and offsets. */
  equals(other: RegisteredKeys): boolean {
    const sorted = ({ ranges }: RegisteredKeys): string =>
      JSON.stringify(ranges?.map(({ first, last, offset }) => [first, last, offset]).sort());
    return this.isPortable && other.isPortable && sorted(this) === sorted(other);
  }

  /** The offset of the row with this legacy key; NULL where no run registered it. */
  offset(key: string): string {
    if (this.ranges === null) {
      return firstOf(this.lookups.map((lookup) => seek(lookup, `+(${key})`, lookup.offset)));
    }
    const cases = this.ranges.map((range) => `WHEN ${isWithin(range, `+(${key})`)} THEN ${range.offset}`);
    return cases.length === 0 ? 'NULL' : `CASE ${cases.join(' ')} END`;
  }

  /** The key in the target of the row with this legacy key: shifted where the row was, or would be. */
  shifted(key: string): string {
    return this.isShifted ? `(${key}) + coalesce(${this.offset(key)}, ${this.current})` : key;
  }

  /** A value that refers to a row of this table, as it reads in the target. */
  followed(reference: string): string {
    return this.isShifted
      ? `CASE WHEN typeof(${reference}) = 'integer' THEN (${reference}) + coalesce(${this.offset(reference)}, 0) ELSE ${reference} END`
      : reference;
  }

  knows(reference: string): string {
    // What is shifted follows as an integer or not at all; otherwise SQLite takes '7' for 7, as a foreign key does.
    return this.isShifted
      ? `(typeof(${reference}) = 'integer' AND (${this.offset(reference)}) IS NOT NULL)`
      : `((${this.offset(`CAST(${reference} AS INTEGER)`)}) IS NOT NULL)`;
  }

  /** The legacy key behind a key (or a reference) in the target. */
  unshifted(targetKey: string): string {
    if (!this.isShifted) return targetKey;
    const before = (offset: string): string => `(${targetKey}) - ${offset}`;
    const legacyKeys =
      this.ranges === null
        ? this.offsets.flatMap((offset) =>
            this.lookups
              .filter((lookup) => lookup.offset === 'r.key_offset' || lookup.offset === offset)
              .map((lookup) =>
                seek(lookup, before(offset), `CASE ${lookup.offset} WHEN ${offset} THEN ${before(offset)} END`),
              ),
          )
        : this.ranges.map(
            (range) => `CASE WHEN ${isWithin(range, before(range.offset))} THEN ${before(range.offset)} END`,
          );
    return `CASE WHEN typeof(${targetKey}) = 'integer' THEN ${firstOf([...legacyKeys, targetKey])} ELSE ${targetKey} END`;
  }
}

function isWithin({ first, last }: KeyRange, key: string): string {
  return `${key} ${first === last ? `= ${first}` : `BETWEEN ${first} AND ${last}`}`;
}

/** What a lookup says of the range that a key is in; NULL where it is in none. */
function seek({ from, where }: Lookup, key: string, result: string): string {
  return (
    `(SELECT CASE WHEN r.last_key >= ${key} THEN ${result} END FROM ${from} AS r` +
    ` WHERE ${where}r.first_key <= ${key} ORDER BY r.first_key DESC LIMIT 1)`
  );
}

function firstOf(expressions: readonly string[]): string {
  const [only] = expressions;
  return expressions.length <= 1 ? (only ?? 'NULL') : `coalesce(${expressions.join(', ')})`;
}

/** A line of the ledger about one subject. */
interface SubjectLine {
  readonly id: number;
  readonly offset: string;
  readonly inserted: number;
}

function readLines(target: SqliteConnection, subject: LedgerSubject): readonly SubjectLine[] {
  if (!hasLedger(target)) return [];
  return target
    .all(
      `SELECT h.id, quote(h.key_offset) AS o, h.inserted FROM main.${historyTable} AS h WHERE ${isSubject(subject)} ORDER BY h.id`,
    )
    .map((row) => ({ id: Number(row['id']), offset: String(row['o']), inserted: Number(row['inserted']) }));
}

/** Up to this many lines of the ledger are looked through one after the other. */
const fewLines = 4;

/** Where runs are many, looking through the lines of each for every key would take longer with each of them. */
function lookupsOf(target: SqliteConnection, subject: LedgerSubject, lines: readonly SubjectLine[]): readonly Lookup[] {
  const table = lines.length > fewLines ? mergeLines(target, subject, lines) : null;
  if (table !== null) return [{ from: `temp.${table}`, where: '', offset: 'r.key_offset' }];
  return lines.map(({ id, offset }) => ({ from: `main.${rowsTable}`, where: `r.history = ${id} AND `, offset }));
}

/** Keys of many lines, put together once: by connection, and by what they were read from. */
const merged = new WeakMap<SqliteConnection, Map<string, string | null>>();

/** @returns a temporary table; null where ranges overlap, and only the lines by themselves can tell */
function mergeLines(target: SqliteConnection, subject: LedgerSubject, lines: readonly SubjectLine[]): string | null {
  const tables = merged.get(target) ?? new Map<string, string | null>();
  merged.set(target, tables);
  const content = `${subjectName(subject)} ${lines.at(-1)?.id ?? 0}`;
  const known = tables.get(content);
  if (known !== undefined) return known;
  const table = `jarvis_keys_${tables.size}`;
  const ids = lines.map(({ id }) => id).join(', ');
  // An image that is only read has room for temporary tables all the same, once it is told so.
  const isReadOnly = target.count('PRAGMA query_only') === 1;
  if (isReadOnly) target.execute('PRAGMA query_only = OFF');
  target.execute(
    `CREATE TEMP TABLE ${table} (first_key PRIMARY KEY, last_key, key_offset) WITHOUT ROWID;` +
      ` INSERT OR IGNORE INTO temp.${table} SELECT r.first_key, r.last_key, h.key_offset FROM main.${historyTable} AS h` +
      ` CROSS JOIN main.${rowsTable} AS r ON r.history = h.id WHERE h.id IN (${ids}) ORDER BY r.first_key`,
  );
  if (isReadOnly) target.execute('PRAGMA query_only = ON');
  const overlaps = target.count(
    `SELECT EXISTS (SELECT 1 FROM (SELECT first_key, lag(last_key) OVER (ORDER BY first_key) AS earlier FROM temp.${table}) WHERE earlier >= first_key)`,
  );
  tables.set(content, overlaps === 0 ? table : null);
  return overlaps === 0 ? table : null;
}
