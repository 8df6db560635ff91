/**
 * The tiers of one step, measured on the very image that is to be published, with the legacy database attached as
 * `legacy` and the target as it was before as `before`.
 *
 * They share no bookkeeping with the code that moved the rows: each asks the tables themselves.
 */
import type { Check, MismatchReport, SampleRow, StepReport, StepValidation } from '../report/model';
import { allOf, sameCell } from '../sqlite/cells';
import type { SqliteConnection } from '../sqlite/engine';
import { quoteIdentifier as q, quoteText, sameName } from '../sqlite/identifiers';
import { countRows, readColumns, readObjects, readTable, storedColumns } from '../sqlite/schema';
import { cellPairs, listMismatches, type ComparedPair } from './mismatches';
import { legacySchema, type StepPlace, type StepSql } from './step-sql';

export const beforeSchema = 'before';

export interface StepExpectation {
  readonly database: string;
  readonly sql: StepSql;
  readonly place: StepPlace;
  /** Rows of the legacy table that must be in the target, equal in every cell. */
  readonly matching: number;
  /** Rows beyond those that equal the plan too, but whose residual values were changed on one side since. */
  readonly aside: number;
  /** Rows that the target table must hold. */
  readonly targetRows: number;
  /** Every legacy row is in exactly one of the step's counts. */
  readonly accounted: boolean;
}

export interface StepProof {
  readonly validation: StepValidation;
  /** Values that could not be read back, beside those that the plan drops. */
  readonly lostValues: number;
  readonly mismatches: readonly MismatchReport[];
  readonly sample: StepReport['sample'];
}

export const notRun: StepValidation = { schema: 'notRun', counts: 'notRun', cells: 'notRun', rebuilt: 'notRun' };

/** Cells that a failed tier lists. */
const listedCells = 100;

export function validateStep(connection: SqliteConnection, expectation: StepExpectation): StepProof {
  const { sql, place, matching, aside } = expectation;
  const sidecar =
    place.sidecar === null ? '' : ` LEFT JOIN main.${q(place.sidecar.table)} AS s ON ${sql.sidecarMeets(place)}`;
  const joined = `${sql.source} JOIN ${sql.targetRows(place.table)} ON ${sql.meets}${sidecar}`;
  const rebuild = rebuiltPairs(sql, place);
  // What the cells show by themselves need not be compared a second time.
  const equalRebuilt = allOf(rebuild.filter(({ column }) => !sql.isShownByCells(column)).map(({ equal }) => equal));
  // One pass for both tiers. Rows that share a key count once: the others were rejected for it.
  const tally = (condition: string): string =>
    sql.step.keyIsSound ? `total(${condition})` : `count(DISTINCT CASE WHEN ${condition} THEN k END)`;
  const [sums] = connection.all(
    `SELECT ${tally('e')} AS cells, ${tally('e AND b')} AS rebuilt FROM` +
      ` (SELECT ${sql.key} AS k, ${sql.equalsPlan} AS e, ${equalRebuilt} AS b FROM ${joined})`,
  );
  const cells = Number(sums?.['cells'] ?? 0);
  const rebuilt = Number(sums?.['rebuilt'] ?? 0);
  const lostValues = rebuilt >= matching ? 0 : countUnrebuilt(connection, joined, sql, rebuild) + Math.max(0, matching - cells) * rebuild.length;
  const subject = { database: expectation.database, table: sql.step.legacy.name };
  const list = (tier: 'cells' | 'rebuilt', pairs: readonly ComparedPair[], where: string): readonly MismatchReport[] =>
    listMismatches(connection, { ...subject, tier }, joined, where, sql.key, pairs, listedCells);
  return {
    validation: {
      schema: check(hasRightSchema(connection, sql, place)),
      counts: check(expectation.accounted && countRows(connection, place.table) === expectation.targetRows),
      cells: check(cells === matching + aside),
      rebuilt: check(rebuilt === matching),
    },
    lostValues,
    mismatches: [
      ...(cells === matching + aside ? [] : list('cells', cellPairs(sql), '1')),
      ...(rebuilt === matching ? [] : list('rebuilt', rebuild, sql.equalsPlan)),
    ],
    sample: takeSample(connection, sql, place, joined),
  };
}

function countUnrebuilt(
  connection: SqliteConnection,
  joined: string,
  sql: StepSql,
  rebuild: readonly ComparedPair[],
): number {
  const equal = balancedSum(rebuild.map((pair) => pair.equal));
  return connection.count(
    `SELECT coalesce(sum(${rebuild.length} - ${equal}), 0) FROM ${joined} WHERE ${sql.equalsPlan}`,
  );
}

/** For each legacy column that is to be kept, its value and the value read back from the target or the sidecar. */
function rebuiltPairs(sql: StepSql, place: StepPlace): readonly ComparedPair[] {
  const { step } = sql;
  return storedColumns(step.legacy)
    .filter((name) => step.residualMode !== 'drop' || !step.residual.includes(name))
    .map((name) => {
      const kept = place.sidecar?.columns.includes(name) === true ? `s.${q(name)}` : sql.recovered(name);
      const legacy = sql.column(name);
      // A column that is nowhere reads back as a value that no column holds: it can never pass.
      const consolidated = kept ?? `x'6c6f7374'`;
      return { column: name, legacy, consolidated, equal: sameCell(legacy, consolidated) };
    });
}

function balancedSum(terms: readonly string[]): string {
  if (terms.length <= 1) return terms[0] ?? '0';
  const middle = terms.length >> 1;
  return `(${balancedSum(terms.slice(0, middle))} + ${balancedSum(terms.slice(middle))})`;
}

function hasRightSchema(connection: SqliteConnection, sql: StepSql, place: StepPlace): boolean {
  const table = readTable(connection, place.table);
  if (table === null) return false;
  if (place.sidecar !== null) {
    const columns = readColumns(connection, place.sidecar.table).map(({ name }) => name);
    if (![...place.sidecar.key, ...place.sidecar.columns].every((column) => columns.includes(column))) return false;
  }
  if (sql.step.strategy === 'map') {
    const cellsExist = sql.step.cells.every(({ target }) => table.columns.some(({ name }) => name === target));
    return (
      cellsExist &&
      sameList(objectsOf(connection, 'main', place.table), objectsOf(connection, beforeSchema, place.table))
    );
  }
  const { legacy } = sql.step;
  if (readTable(connection, place.table, beforeSchema) !== null) {
    // Adopted by an earlier run, it belongs to the application, which may have added to it; this run leaves it as it is.
    return (
      storedColumns(legacy).every((column) => table.columns.some(({ name }) => name === column)) &&
      sameList(objectsOf(connection, 'main', place.table), objectsOf(connection, beforeSchema, place.table))
    );
  }
  return (
    JSON.stringify(table.columns) === JSON.stringify(legacy.columns) &&
    table.withoutRowid === legacy.withoutRowid &&
    table.strict === legacy.strict &&
    sameList(indexesOf(connection, 'main', place.table), indexesOf(connection, legacySchema, legacy.name)) &&
    triggerCount(connection, 'main', place.table) >= triggerCount(connection, legacySchema, legacy.name)
  );
}

function objectsOf(connection: SqliteConnection, schema: string, table: string): readonly string[] {
  return readObjects(connection, schema)
    .filter((object) => sameName(object.table, table))
    .map((object) => JSON.stringify([object.type, object.name, object.sql]))
    .sort();
}

/** What each index enforces and covers, without its name. */
function indexesOf(connection: SqliteConnection, schema: string, table: string): readonly string[] {
  const indexes = connection.all(
    `SELECT name, "unique", origin, partial FROM pragma_index_list(${quoteText(table)}, ${quoteText(schema)})`,
  );
  return indexes
    .map((index) => {
      const columns = connection.all(
        `SELECT seqno, cid, name, "desc", coll, key FROM pragma_index_xinfo(${quoteText(String(index['name']))}, ${quoteText(schema)})`,
      );
      return JSON.stringify([index['unique'], index['origin'], index['partial'], columns]);
    })
    .sort();
}

function triggerCount(connection: SqliteConnection, schema: string, table: string): number {
  return readObjects(connection, schema).filter((object) => object.type === 'trigger' && sameName(object.table, table))
    .length;
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** Longest literal that is carried out of SQLite for display. */
const sampleLength = 400;

function takeSample(
  connection: SqliteConnection,
  sql: StepSql,
  place: StepPlace,
  joined: string,
): StepReport['sample'] {
  const columnsOf = (names: readonly string[], reference: (name: string) => string): SampleRow | null => {
    const list = names
      .map((name, index) => `substr(quote(${reference(name)}), 1, ${sampleLength}) AS v${index}`)
      .join(', ');
    const [row] = connection.all(
      `SELECT ${list} FROM ${joined} WHERE ${sql.equalsPlan} ORDER BY ${sql.keyParts.join(', ')} LIMIT 1`,
    );
    return row === undefined ? null : { columns: names, values: names.map((_, index) => String(row[`v${index}`])) };
  };
  const legacy = columnsOf(
    sql.step.legacy.columns.map(({ name }) => name),
    (name) => sql.column(name),
  );
  const target = columnsOf(
    readColumns(connection, place.table).map(({ name }) => name),
    (name) => `t.${q(name)}`,
  );
  return legacy === null || target === null ? null : { legacy, target };
}

function check(passed: boolean): Check {
  return passed ? 'passed' : 'failed';
}
