/** The tiers of a `config` step, measured on the file as it is read back from the bytes that are to be published. */
import type { ConfigDocument, ConfigRow } from '../../config/decode';
import { cellExpression, isNegativeZero, literalOf, type ConfigValue } from '../../config/value';
import type { Check, SampleRow, StepReport, StepValidation } from '../../report/model';
import { sameCells } from '../../sqlite/cells';
import type { SqliteConnection, SqliteEngine } from '../../sqlite/engine';
import { quoteIdentifier as q } from '../../sqlite/identifiers';
import { countRows } from '../../sqlite/schema';
import { loadRows, openScratch, sameList, type Sorted } from './config-rows';
import { joined, keyOf, type Source } from './config-source';
import type { ConfigRequest } from './config-request';

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

export function prove(
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
export const sampleLength = 400;

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

function check(passed: boolean): Check {
  return passed ? 'passed' : 'failed';
}
