/**
 * Strategy `config`: the rows of a legacy table become entries of a configuration file that people edit.
 *
 * There is no ledger in such a file, so it is compared with the legacy table each time: a row whose key is there and
 * equal is present, one whose key is there with other values is a conflict and left alone, one that is missing is added.
 * A table without a primary key is known by all its columns: a row that was edited counts as missing then.
 */
import { decodeConfig, type ConfigDocument, type ConfigRow } from '../config/decode';
import { formatOf, type NamedRow } from '../config/encode';
import { appendRows } from '../config/merge';
import {
  cellExpression,
  isNegativeZero,
  keyExpression,
  literalOf,
  parseCell,
  type ConfigValue,
  type TextEncoding,
} from '../config/value';
import { CoreError } from '../errors';
import type { ConfigStep } from '../plan/schema';
import {
  listedRows,
  type Check,
  type MismatchReport,
  type SampleRow,
  type StepReport,
  type StepValidation,
  type WarningReport,
} from '../report/model';
import { sameCells } from '../sqlite/cells';
import type { SqliteConnection, SqliteEngine } from '../sqlite/engine';
import { quoteIdentifier as q, quoteText } from '../sqlite/identifiers';
import { countRows, primaryKeyOf, readTable, storedColumns, type TableSchema } from '../sqlite/schema';

export interface ConfigRequest {
  readonly step: ConfigStep;
  /** The opened legacy database; it has the step's table. */
  readonly legacy: SqliteConnection;
  /** What the file holds now: with several steps on one file, what the step before made of it. Null where it is not there. */
  readonly existing: Uint8Array | null;
  /** False to look only: nothing is added, missing rows count as left behind. */
  readonly write: boolean;
}

export interface ConfigResult {
  readonly report: StepReport;
  /** The file with the rows added, as it was proved; null where nothing changes. */
  readonly bytes: Uint8Array | null;
  readonly warnings: readonly WarningReport[];
  /** Empty where every tier passed. */
  readonly findings: readonly string[];
  readonly mismatches: readonly MismatchReport[];
}

/** Rows that a file is written for: beyond, nobody edits it, and a database is the better place. */
const maximumRows = 100_000;

/** @throws CoreError `unreadable`, `too-large` or `target-conflict` for a file or table that the step cannot use */
export function rehearseConfig(engine: SqliteEngine, request: ConfigRequest): ConfigResult {
  const { step, legacy, existing, write } = request;
  const source = describeSource(legacy, step);
  const { file } = step.target;
  const decode = (bytes: Uint8Array): ConfigDocument => decodeConfig(bytes, formatOf(file), source.table.name, file);
  const before = existing === null ? null : decode(existing);
  const sorted = sortRows(source, readLegacy(legacy, source), readFile(engine, source, before?.rows ?? []));

  const isWritten = write && sorted.missing.length > 0;
  const bytes = isWritten
    ? appendRows(
        before,
        { format: formatOf(file), database: step.legacy.database, table: source.table.name },
        sorted.missing.map((cells) => nameRow(source, cells)),
      )
    : null;
  // Parsed again from the very bytes: nothing that the writing knows is taken over.
  const published = bytes ?? existing;
  const after = published === null ? null : decode(published);
  const inserted = isWritten ? sorted.missing.length : 0;
  const proof = prove(engine, request, source, { before: before?.rows ?? [], after, sorted, inserted });
  const { table } = source;
  const report: StepReport = {
    domain: step.domain,
    strategy: 'config',
    legacy: { database: step.legacy.database, table: table.name, rows: source.rows },
    target: { file },
    inserted,
    alreadyPresent: sorted.present,
    conflicts: sorted.conflicts.length,
    rejected: 0,
    leftBehind: isWritten ? 0 : sorted.missing.length,
    residual: { columns: [], kept: null, lostValues: 0, lost: [] },
    keyOffset: 0,
    parents: [],
    reason: null,
    validation: proof.validation,
    mapping: source.columns.map((column) => ({ legacy: column, target: column, transformation: 'unchanged' })),
    sample: proof.sample,
  };
  return {
    report,
    bytes,
    warnings: warnOf(step, sorted.conflicts.length),
    findings: proof.findings,
    mismatches: listMismatches(step, source, sorted.conflicts),
  };
}

/** The legacy table, and how its rows are told apart. */
interface Source {
  readonly table: TableSchema;
  readonly columns: readonly string[];
  readonly encoding: TextEncoding;
  readonly rows: number;
  /** Positions in `columns`. */
  readonly key: readonly number[];
  /** The key is the primary key: no two rows share it. */
  readonly isUnique: boolean;
}

function describeSource(legacy: SqliteConnection, step: ConfigStep): Source {
  const table = readTable(legacy, step.legacy.table);
  if (table === null) throw new TypeError('The caller has seen to it that the table is there.');
  const rows = countRows(legacy, table.name);
  if (rows > maximumRows) {
    throw new CoreError(
      'too-large',
      `${step.legacy.database} ${table.name} has ${rows.toLocaleString('en')} rows, more than the ${maximumRows.toLocaleString('en')} that a configuration file is written for.`,
      { path: step.legacy.database, hint: 'Use the strategy "adopt" for this table.' },
    );
  }
  const columns = storedColumns(table);
  const declared = primaryKeyOf(table).map((name) => columns.indexOf(name));
  // SQLite allows NULLs in most primary keys, any number of them: such a key tells no rows apart.
  const isUnique = declared.length > 0 && !declared.includes(-1) && !holdsNull(legacy, table.name, columns, declared);
  return {
    table,
    columns,
    encoding: String(legacy.all('PRAGMA encoding')[0]?.['encoding']) as TextEncoding,
    rows,
    key: isUnique ? declared : columns.map((_, index) => index),
    isUnique,
  };
}

function holdsNull(
  legacy: SqliteConnection,
  table: string,
  columns: readonly string[],
  key: readonly number[],
): boolean {
  const nulls = key.map((index) => `${q(columns[index] ?? '')} IS NULL`).join(' OR ');
  return legacy.count(`SELECT count(*) FROM main.${q(table)} WHERE ${nulls}`) > 0;
}

/** A row as `cellExpression` and `keyExpression` tell it. */
interface Cells {
  /** Null where the row cannot be told by its key: an entry is missing, or no value of SQLite. */
  readonly key: string | null;
  /** Null likewise. */
  readonly cells: readonly (string | null)[];
}

function readLegacy(legacy: SqliteConnection, source: Source): readonly Cells[] {
  const names = source.columns.map((column) => `x.${q(column)}`);
  const { rowidName, name } = source.table;
  const order =
    source.isUnique || rowidName === null
      ? source.key.map((index) => `${names[index]} COLLATE BINARY`).join(', ')
      : `x.${rowidName}`;
  return readCells(legacy, source, names, `main.${q(name)} AS x ORDER BY ${order}`);
}

/** The same of the file's rows: as SQLite reads the literals, so that 1.50 and 1.5 are one value. */
function readFile(engine: SqliteEngine, source: Source, rows: readonly ConfigRow[]): readonly FileCells[] {
  const scratch = openScratch(engine, source);
  try {
    loadRows(scratch, source, rows);
    const names = source.columns.map((_, index) => `f.c${index}`);
    const read = readCells(scratch, source, names, 'f ORDER BY rowid');
    return rows.map((row, index) => {
      const found = read[index];
      const isValue = source.columns.map((column) => {
        const value = row?.get(column);
        return value !== undefined && literalOf(value, source.encoding) !== null;
      });
      return {
        row,
        index,
        key: source.key.every((position) => isValue[position]) ? (found?.key ?? null) : null,
        cells: source.columns.map((_, position) =>
          isValue[position] === true ? (found?.cells[position] ?? null) : null,
        ),
      };
    });
  } finally {
    scratch.close();
  }
}

/** Keys by a query of their own: a result has no more columns than a table may have. */
function readCells(
  connection: SqliteConnection,
  source: Source,
  names: readonly string[],
  from: string,
): readonly Cells[] {
  const cells = names.map((name, index) => `${cellExpression(name)} AS v${index}`);
  const rows = connection.all(`SELECT ${cells.join(', ')} FROM ${from}`);
  const keys = connection.all(`SELECT ${keyOf(source, names)} AS k FROM ${from}`);
  return rows.map((row, at) => ({
    key: String(keys[at]?.['k']),
    cells: names.map((_, index) => String(row[`v${index}`])),
  }));
}

interface FileCells extends Cells {
  readonly row: ConfigRow;
  readonly index: number;
}

function keyOf(source: Source, names: readonly string[]): string {
  return joined(source.key.map((index) => (source.isUnique ? keyExpression : cellExpression)(names[index] ?? 'NULL')));
}

/** Texts with commas between; a balanced tree, since SQLite limits the depth of an expression. */
function joined(terms: readonly string[]): string {
  if (terms.length <= 1) return `(${terms[0] ?? "''"})`;
  const middle = terms.length >> 1;
  return `(${joined(terms.slice(0, middle))} || ',' || ${joined(terms.slice(middle))})`;
}

interface Conflict {
  readonly legacy: readonly string[];
  readonly file: FileCells;
}

interface Sorted {
  /** Cells of legacy rows that the file lacks, in key order. */
  readonly missing: readonly (readonly string[])[];
  readonly present: number;
  readonly conflicts: readonly Conflict[];
  /** Positions in the file of rows that stand for a legacy row. */
  readonly claimed: readonly number[];
}

function sortRows(source: Source, legacyRows: readonly Cells[], fileRows: readonly FileCells[]): Sorted {
  const byKey = new Map<string, FileCells[]>();
  for (const row of fileRows) {
    if (row.key === null) continue;
    const rows = byKey.get(row.key);
    if (rows === undefined) byKey.set(row.key, [row]);
    else rows.push(row);
  }
  const missing: (readonly string[])[] = [];
  const conflicts: Conflict[] = [];
  const claimed: number[] = [];
  let present = 0;
  for (const { key, cells } of legacyRows) {
    const legacy = cells.map(String);
    const found = byKey.get(key ?? '') ?? [];
    if (found.length === 0) {
      missing.push(legacy);
      continue;
    }
    // By primary key, the file may name a row twice: unless both say the same, nobody knows which one counts.
    const other = source.isUnique ? found.find((row) => !sameList(row.cells, legacy)) : undefined;
    if (other !== undefined) {
      conflicts.push({ legacy, file: other });
      continue;
    }
    present++;
    const [first] = source.isUnique ? found : found.splice(0, 1);
    if (first !== undefined) claimed.push(first.index);
  }
  return { missing, present, conflicts, claimed };
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function nameRow({ columns, encoding }: Source, cells: readonly string[]): NamedRow {
  return { columns, values: cells.map((cell) => parseCell(cell, encoding)) };
}

/** A database for rows of the file, in the encoding of the legacy one: others could not be attached to it. */
function openScratch(engine: SqliteEngine, { encoding }: Source): SqliteConnection {
  const scratch = engine.open(new Uint8Array(), 'configuration file');
  try {
    scratch.execute(`PRAGMA encoding = ${quoteText(encoding)}`);
    return scratch;
  } catch (error) {
    scratch.close();
    throw error;
  }
}

/**
 * Table `f`: the file's rows in its order, numbered from 1, in columns without affinity. What is missing or no value of
 * SQLite is NULL here and said by the caller.
 */
function loadRows(scratch: SqliteConnection, { columns, encoding }: Source, rows: readonly ConfigRow[]): void {
  const names = columns.map((_, index) => `c${index}`).join(', ');
  scratch.execute(`BEGIN; CREATE TABLE f (${names})`);
  for (const [index, row] of rows.entries()) {
    const literals = columns.map((column) => literalOf(row?.get(column) ?? { type: 'null' }, encoding) ?? 'NULL');
    scratch.execute(`INSERT INTO f (rowid, ${names}) VALUES (${[index + 1, ...literals].join(', ')})`);
  }
  scratch.execute('COMMIT');
}

interface Proof {
  readonly validation: StepValidation;
  readonly sample: StepReport['sample'];
  readonly findings: readonly string[];
}

interface Outcome {
  /** The file's rows before the step. */
  readonly before: readonly ConfigRow[];
  /** The file as it will be; null where there is none. */
  readonly after: ConfigDocument | null;
  readonly sorted: Sorted;
  readonly inserted: number;
}

const notRun: StepValidation = { schema: 'notRun', counts: 'notRun', cells: 'notRun', rebuilt: 'notRun' };

function prove(
  engine: SqliteEngine,
  { legacy, step, write }: ConfigRequest,
  source: Source,
  { before, after, sorted, inserted }: Outcome,
): Proof {
  const { missing, present, conflicts } = sorted;
  const isAccounted =
    missing.length + present + conflicts.length === countRows(legacy, source.table.name) &&
    (write ? inserted === missing.length : present === source.rows);
  const { name } = source.table;
  if (after === null) {
    // Nothing to compare with: an empty table is accounted for, rows that are in no file are not.
    const validation: StepValidation = { ...notRun, counts: check(isAccounted) };
    return { validation, sample: null, findings: isAccounted ? [] : [`${name}: counts`] };
  }
  const added = after.rows.slice(before.length);
  const claimed = [...sorted.claimed, ...added.map((_, index) => before.length + index)];
  const matching = write ? inserted + present : source.rows;
  const scratch = openScratch(engine, source);
  try {
    loadRows(scratch, source, after.rows);
    scratch.attach(legacy, legacySchema);
    indexRows(scratch, source, after.rows, new Set(claimed));
    const validation: StepValidation = {
      schema: check(
        added.every((row) => row !== null && sameList([...row.keys()], source.columns)) &&
          claimed.every((index) => source.columns.every((column) => after.rows[index]?.has(column) === true)),
      ),
      counts: check(isAccounted && after.rows.length === before.length + inserted),
      cells: check(countEqual(scratch, source) === matching),
      rebuilt: check(isRebuilt(scratch, source, matching, claimed.length)),
    };
    const failed = Object.entries(validation).filter(([, result]) => result === 'failed');
    const findings = failed.map(([tier]) => `${name}: ${tier}`);
    // The file's own rows, where they were and as they were.
    if (JSON.stringify(after.rows.slice(0, before.length).map(listed)) !== JSON.stringify(before.map(listed)))
      findings.push(`${name}: rows that were in ${step.target.file} before`);
    const sample = takeSample(scratch, source);
    scratch.detach(legacySchema);
    return { validation, sample, findings };
  } finally {
    scratch.close();
  }
}

const legacySchema = 'legacy';

function listed(row: ConfigRow): readonly (readonly [string, ConfigValue])[] | null {
  return row === null ? null : [...row];
}

function legacyTable(source: Source): string {
  return `${legacySchema}.${q(source.table.name)}`;
}

function legacyCells(source: Source): readonly string[] {
  return source.columns.map((column) => `x.${q(column)}`);
}

function fileCells(source: Source): readonly string[] {
  return source.columns.map((_, index) => `f.c${index}`);
}

/** Table `e`: for each row of `f` its key, whether every column is there with a value of SQLite, and whether it counts. */
function indexRows(
  scratch: SqliteConnection,
  source: Source,
  rows: readonly ConfigRow[],
  claimed: ReadonlySet<number>,
): void {
  scratch.execute('BEGIN; CREATE TABLE e (n INTEGER PRIMARY KEY, k, whole, claimed)');
  for (const [index, row] of rows.entries()) {
    const isValue = (position: number): boolean => {
      const value = row?.get(source.columns[position] ?? '');
      return value !== undefined && literalOf(value, source.encoding) !== null;
    };
    if (!source.key.every(isValue)) continue;
    const isWhole = source.columns.every((_, position) => isValue(position));
    scratch.execute('INSERT INTO e VALUES (?, NULL, ?, ?)', [index + 1, isWhole ? 1 : 0, claimed.has(index) ? 1 : 0]);
  }
  scratch.execute(
    `UPDATE e SET k = (SELECT ${keyOf(source, fileCells(source))} FROM f WHERE f.rowid = e.n); CREATE INDEX by_key ON e (k); COMMIT`,
  );
}

/** Legacy rows for which the file has an equal row, cell by cell, and none of that key that differs. */
function countEqual(scratch: SqliteConnection, source: Source): number {
  const pairs = legacyCells(source).map((cell, index) => [cell, `f.c${index}`] as const);
  const zeros = pairs.map(([a, b]) => [isNegativeZero(a), isNegativeZero(b)] as const);
  const same = `(e.whole AND ${sameCells(pairs)} AND ${sameCells(zeros)})`;
  const entries = `FROM e JOIN f ON f.rowid = e.n WHERE e.k = ${keyOf(source, legacyCells(source))}`;
  return scratch.count(
    `SELECT count(*) FROM ${legacyTable(source)} AS x WHERE EXISTS (SELECT 1 ${entries} AND ${same})` +
      ` AND NOT EXISTS (SELECT 1 ${entries} AND NOT ${same})`,
  );
}

/** The rows of the file that count, taken as rows of the table, are legacy rows and as many, and the other way round. */
function isRebuilt(scratch: SqliteConnection, source: Source, matching: number, claimed: number): boolean {
  const rowText = (cells: readonly string[]): string => joined(cells.map(cellExpression));
  const legacy = `SELECT ${rowText(legacyCells(source))} AS h, count(*) AS n FROM ${legacyTable(source)} AS x GROUP BY 1`;
  const file = `SELECT ${rowText(fileCells(source))} AS h, count(*) AS n FROM e JOIN f ON f.rowid = e.n WHERE e.claimed AND e.whole GROUP BY 1`;
  const [found] = scratch.all(
    `WITH a AS MATERIALIZED (${legacy}), b AS MATERIALIZED (${file})` +
      ' SELECT coalesce(sum(min(a.n, b.n)), 0) AS rebuilt, (SELECT coalesce(sum(n), 0) FROM b) AS claimed FROM a JOIN b ON a.h = b.h',
  );
  return found?.['rebuilt'] === matching && found['claimed'] === claimed && claimed === matching;
}

/** Longest literal that is carried out of SQLite for display. */
const sampleLength = 400;

function takeSample(scratch: SqliteConnection, source: Source): StepReport['sample'] {
  const joinedRows = `${legacyTable(source)} AS x JOIN e ON e.k = ${keyOf(source, legacyCells(source))} JOIN f ON f.rowid = e.n`;
  const read = (cells: readonly string[]): SampleRow | null => {
    const list = cells.map((cell, index) => `substr(quote(${cell}), 1, ${sampleLength}) AS v${index}`);
    const [row] = scratch.all(`SELECT ${list.join(', ')} FROM ${joinedRows} WHERE e.claimed ORDER BY e.n LIMIT 1`);
    if (row === undefined) return null;
    return { columns: source.columns, values: cells.map((_, index) => String(row[`v${index}`])) };
  };
  const legacy = read(legacyCells(source));
  const target = read(fileCells(source));
  return legacy === null || target === null ? null : { legacy, target };
}

function warnOf(step: ConfigStep, conflicts: number): readonly WarningReport[] {
  if (conflicts === 0) return [];
  const { database, table } = step.legacy;
  const rows = conflicts === 1 ? 'row differs' : 'rows differ';
  const message = `${database} ${table}: ${conflicts} ${rows} from ${step.target.file} now; changed on one side since, left alone.`;
  return [{ code: 'conflict', message }];
}

function listMismatches(
  step: ConfigStep,
  { columns, key, encoding }: Source,
  conflicts: readonly Conflict[],
): readonly MismatchReport[] {
  return conflicts.slice(0, listedRows).flatMap(({ legacy, file }) => {
    const show = (cell: string): string => display(parseCell(cell, encoding));
    const shownKey = key.map((index) => show(legacy[index] ?? 'n')).join(', ');
    return columns.flatMap((column, index): readonly MismatchReport[] => {
      const [was, is] = [legacy[index] ?? 'n', file.cells[index] ?? null];
      if (was === is) return [];
      const value = file.row?.get(column);
      return [
        {
          database: step.legacy.database,
          table: step.legacy.table,
          tier: 'conflict',
          key: shownKey,
          column,
          legacy: show(was),
          consolidated: value === undefined ? 'not there' : display(value),
        },
      ];
    });
  });
}

/** As a SQL literal, shortened. */
function display(value: ConfigValue): string {
  switch (value.type) {
    case 'null':
      return 'NULL';
    case 'integer':
    case 'real':
      return value.digits;
    case 'text':
      return quoteText(value.text).slice(0, sampleLength);
    case 'bytes':
    case 'blob':
      return `X'${value.hex.toUpperCase()}'`.slice(0, sampleLength);
    case 'foreign':
      return value.source.slice(0, sampleLength);
  }
}

function check(passed: boolean): Check {
  return passed ? 'passed' : 'failed';
}
