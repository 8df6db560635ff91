/**
 * The tiers of one step, measured on the very image that is to be published, with the legacy database attached as
 * `legacy` and the target as it was before as `before`.
 *
 * They share no bookkeeping with the code that moved the rows: each asks the tables themselves.
 */
import type { Check, MismatchReport, SampleRow, StepReport, StepValidation } from '../../report/model';
import { allOf, sameCell } from '../../sqlite/cells';
import type { SqliteConnection } from '../../sqlite/engine';
import { quoteIdentifier as q, quoteText } from '../../sqlite/identifiers';
import {
  affinityOf,
  countRows,
  hasTable,
  readColumns,
  readObjectsOf,
  readTable,
  storedColumns,
} from '../../sqlite/schema';
import { RowsNotOrdinary } from './examine-rows';
import { cellPairs, listMismatches, type ComparedPair } from './mismatches';
import { hasSidecarKey, legacySchema, type StepPlace, type StepSql } from './step-sql';

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
  /** The rows were moved as if all were ordinary: a condition over `x` that none of them may meet; null otherwise. */
  readonly unusual: string | null;
}

interface RebuiltPair extends ComparedPair {
  /** The value is read back from the sidecar. */
  readonly isAside: boolean;
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

/** @throws RowsNotOrdinary where they were moved as if they were, and anything is not as planned */
export function validateStep(connection: SqliteConnection, expectation: StepExpectation): StepProof {
  const { sql, place, matching, aside } = expectation;
  const sidecar =
    place.sidecar === null ? '' : ` LEFT JOIN main.${q(place.sidecar.table)} AS s ON ${sql.sidecarMeets(place)}`;
  const joined = `${sql.rowsAt(place.table, sql.meets)}${sidecar}`;
  const rebuild = rebuiltPairs(sql, place);
  const { cells, rebuilt } = countEqual(connection, expectation, rebuild, joined);
  const lostValues =
    rebuilt >= matching
      ? 0
      : countUnrebuilt(connection, joined, sql, rebuild) + Math.max(0, matching - cells) * rebuild.length;
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
    sample: cells === 0 ? null : takeSample(connection, sql, place, joined),
  };
}

/** Rows that are in the target as planned, and those of them that can be rebuilt from target and sidecar. */
function countEqual(
  connection: SqliteConnection,
  { sql, place, matching, unusual }: StepExpectation,
  rebuild: readonly RebuiltPair[],
  joined: string,
): { readonly cells: number; readonly rebuilt: number } {
  // What the cells show by themselves need not be compared a second time.
  const further = rebuild.filter(({ column }) => !sql.isShownByCells(column));
  // Rows that share a key count once: the others were rejected for it.
  const tally = sql.step.keyIsSound ? 'count(*)' : `count(DISTINCT (${sql.key}) COLLATE BINARY)`;
  const rows = countRows(connection, sql.step.legacy.name, legacySchema);
  if (rows === 0) return { cells: 0, rebuilt: 0 };
  if (matching === rows && sql.step.keyIsSound) {
    // All or nothing: each condition once for each row, and target and sidecar apart, which takes half the time.
    const all = (from: string, conditions: readonly string[]): boolean =>
      connection.count(`SELECT count(*) FROM ${from} WHERE ${allOf(conditions)}`) === rows;
    const aside = further.filter(({ isAside }) => isAside).map(({ equal }) => equal);
    const here = further.filter(({ isAside }) => !isAside).map(({ equal }) => equal);
    const target = sql.rowsAt(place.table, sql.meets);
    const isKept = ({ sidecar }: StepPlace): boolean =>
      sidecar === null ||
      all(
        `${sql.source} CROSS JOIN main.${q(sidecar.table)} AS s ON ${hasSidecarKey(sidecar, sql.targetKeyParts)}`,
        aside,
      );
    const usual = unusual === null ? [] : [`(${unusual}) IS NOT 1`];
    if (all(target, [sql.equalsPlan, ...here, ...usual]) && isKept(place)) {
      return { cells: rows, rebuilt: rows };
    }
  }
  if (unusual !== null) throw new RowsNotOrdinary();
  const count = (conditions: readonly string[]): number =>
    connection.count(`SELECT ${tally} FROM ${joined} WHERE ${allOf(conditions)}`);
  return {
    cells: count([sql.equalsPlan]),
    rebuilt: count([sql.equalsPlan, ...further.map(({ equal }) => equal)]),
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
function rebuiltPairs(sql: StepSql, place: StepPlace): readonly RebuiltPair[] {
  const { step } = sql;
  return storedColumns(step.legacy)
    .filter((name) => step.residualMode !== 'drop' || !step.residual.includes(name))
    .map((name) => {
      const isAside = place.sidecar?.columns.includes(name) === true;
      const kept = isAside ? `s.${q(name)}` : sql.recovered(name);
      const legacy = sql.column(name);
      // A column that is nowhere reads back as a value that no column holds: it can never pass.
      const consolidated = kept ?? `x'6c6f7374'`;
      // A sidecar column has no affinity: beside a TEXT column, nothing is converted, and only a text equals a text.
      const isText = step.legacy.columns.some((column) => column.name === name && affinityOf(column.type) === 'text');
      const equal = sameCell(legacy, consolidated, isAside && isText ? 'text' : null);
      return { column: name, legacy, consolidated, equal, isAside };
    });
}

function balancedSum(terms: readonly string[]): string {
  if (terms.length <= 1) return terms[0] ?? '0';
  const middle = terms.length >> 1;
  return `(${balancedSum(terms.slice(0, middle))} + ${balancedSum(terms.slice(middle))})`;
}

function hasRightSchema(connection: SqliteConnection, sql: StepSql, place: StepPlace): boolean {
  if (place.sidecar !== null) {
    const columns = readColumns(connection, place.sidecar.table).map(({ name }) => name);
    if (![...place.sidecar.key, ...place.sidecar.columns].every((column) => columns.includes(column))) return false;
  }
  // A table that stood before, mapped to or adopted by an earlier run, belongs to the application: it stays as it is.
  if (hasTable(connection, place.table, beforeSchema)) return hasObjectsOf(connection, beforeSchema, place.table, true);
  const { legacy } = sql.step;
  // The same statements make the same table; where names had to change, what they made is compared.
  if (place.table === legacy.name && hasObjectsOf(connection, legacySchema, legacy.name, false)) return true;
  const table = readTable(connection, place.table);
  return (
    table !== null &&
    JSON.stringify(table.columns) === JSON.stringify(legacy.columns) &&
    table.withoutRowid === legacy.withoutRowid &&
    table.strict === legacy.strict &&
    sameList(indexesOf(connection, 'main', place.table), indexesOf(connection, legacySchema, legacy.name)) &&
    triggerCount(connection, 'main', place.table) >= triggerCount(connection, legacySchema, legacy.name)
  );
}

/** The table, its indexes and triggers stand in `main` as they stand in another schema. @param exactly and nothing else */
function hasObjectsOf(connection: SqliteConnection, schema: string, table: string, exactly: boolean): boolean {
  const objects = (from: string): string =>
    `SELECT type, name, sql FROM ${q(from)}.sqlite_schema WHERE tbl_name = ${quoteText(table)} COLLATE NOCASE`;
  const without = (a: string, b: string): number =>
    connection.count(`SELECT count(*) FROM (${objects(a)} EXCEPT ${objects(b)})`);
  return without(schema, 'main') === 0 && (!exactly || without('main', schema) === 0);
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
  return readObjectsOf(connection, table, schema).filter(({ type }) => type === 'trigger').length;
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
  // The first row that comes, by its identity: in the order of keys, every row would have to be looked at.
  const [first] = connection.all(`SELECT quote(${sql.identity}) AS i FROM ${joined} WHERE ${sql.equalsPlan} LIMIT 1`);
  if (first === undefined) return null;
  const columnsOf = (names: readonly string[], reference: (name: string) => string): SampleRow | null => {
    const list = names
      .map((name, index) => `substr(quote(${reference(name)}), 1, ${sampleLength}) AS v${index}`)
      .join(', ');
    const [row] = connection.all(`SELECT ${list} FROM ${joined} WHERE ${sql.identity} = ${String(first['i'])} LIMIT 1`);
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
