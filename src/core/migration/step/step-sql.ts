/**
 * The SQL of one step: the legacy rows as a relation, and how they meet the rows of the target.
 *
 * The legacy database is attached as `legacy`, the target is `main`. Names in the FROM clause: `x` the legacy rows,
 * `t` the target's, `s` the sidecar's, `r` the states of the rows.
 */
import type { CellReference, ResolvedStep } from '../../plan/resolve';
import { allOf, keyValue, sameCell, sameCells } from '../../sqlite/cells';
import { quoteIdentifier as q, sameName } from '../../sqlite/identifiers';
import type { Affinity } from '../../sqlite/schema';
import type { KeyFollower, RegisteredKeys } from '../ledger/registered-keys';

export const legacySchema = 'legacy';

/** Where a step's rows live in the target. */
export interface StepPlace {
  readonly table: string;
  readonly sidecar: {
    readonly table: string;
    readonly key: readonly string[];
    readonly columns: readonly string[];
  } | null;
}

/** What earlier steps and runs did to keys: this table's own, and those of the tables that a column refers to. */
export interface KeyHistory {
  readonly own: RegisteredKeys;
  /** By target column, as the step spells it: of tables whose rows are found by keys that can be taken by others. */
  readonly parents: ReadonlyMap<string, KeyFollower>;
}

/** What the plan computes for a cell, and what the target holds: over `x` and `t`. */
export interface CellPair {
  readonly target: string;
  readonly planned: string;
  readonly actual: string;
  readonly shared: Affinity | null;
}

export class StepSql {
  /** A FROM item that yields the legacy rows as `x`. */
  readonly source: string;
  /** The legacy row's identity, over `x`. */
  readonly identity: string;
  /** The parts of the key as the plan computes it, over `x`. */
  readonly keyParts: readonly string[];
  /** The key as one value, over `x`. */
  readonly key: string;

  constructor(
    readonly step: ResolvedStep,
    readonly history: KeyHistory,
  ) {
    const table = `${legacySchema}.${q(step.legacy.name)}`;
    if (step.strategy === 'adopt') {
      this.source = `${table} AS x`;
      this.identity = step.identity.isRowid
        ? `x.${step.identity.expression}`
        : keyValue(step.key.map(({ expression }) => `x.${expression}`));
      this.keyParts = step.key.map(({ expression }) => `x.${expression}`);
    } else {
      // A subquery, so that an expression sees the legacy row's columns and no others.
      const parts = step.key.map(({ expression }, index) => `(${expression}) AS p${index}`);
      const cells = step.cells.map(({ expression }, index) => `(${expression}) AS c${index}`);
      const columns = step.legacy.columns.map((column, index) => `${q(column.name)} AS l${index}`);
      this.source = `(SELECT ${[`${step.identity.expression} AS i`, ...parts, ...cells, ...columns].join(', ')} FROM ${table}) AS x`;
      this.identity = 'x.i';
      this.keyParts = step.key.map((_, index) => `x.p${index}`);
    }
    this.key = keyValue(this.keyParts);
  }

  /** What the plan puts into each target column, over `x`, in the order of `step.cells`; references follow shifted keys. */
  get values(): readonly string[] {
    return this.step.cells.map((cell, index) => {
      const plain = this.plain(index);
      return this.parentOf(cell.target)?.followed(plain) ?? plain;
    });
  }

  /** A cell as the plan computes it from the legacy row alone, over `x`. */
  private plain(index: number): string {
    return this.step.strategy === 'adopt' ? `x.${this.step.cells[index]?.expression ?? 'NULL'}` : `x.c${index}`;
  }

  /**
   * A condition over `x`, where a column refers to anything: to a row that was not migrated. A row of the target that
   * happens to have that key is another one.
   */
  strays(column: string): string {
    const index = this.step.cells.findIndex(({ target }) => sameName(target, column));
    const parent = this.history.parents.get(this.step.cells[index]?.target ?? '');
    return parent === undefined ? '0' : `(NOT ${parent.knows(this.plain(index))})`;
  }

  private parentOf(column: string): KeyFollower | null {
    const keys = this.history.parents.get(column);
    return keys?.isShifted === true ? keys : null;
  }

  /** The cells that are values of their own: the key is found by joining on it where it is the rowid. */
  private isJoinedOn(target: string): boolean {
    return this.step.keyIsRowid && this.step.key.some((key) => key.target === target);
  }

  /** A legacy column as it is, over `x`. */
  column(name: string): string {
    if (this.step.strategy === 'adopt') return `x.${q(name)}`;
    return `x.l${this.step.legacy.columns.findIndex((column) => column.name === name)}`;
  }

  /** The target's rows as `t`, with what declared rebuild expressions give back as further columns. */
  targetRows(table: string): string {
    const declared = this.step.recovered.filter((entry) => entry.declared);
    if (declared.length === 0) return `main.${q(table)} AS t`;
    const rebuilt = declared.map(({ expression, legacy }) => `(${expression}) AS ${q(rebuiltName(legacy))}`);
    // The rowid goes along only where it is the key: `*` does not bring it.
    const hidden = this.step.key.filter(({ target }) => !this.step.cells.some((cell) => cell.target === target));
    const columns = [...hidden.map(({ target }) => `u.${q(target)} AS ${q(target)}`), 'u.*', ...rebuilt];
    return `(SELECT ${columns.join(', ')} FROM main.${q(table)} AS u) AS t`;
  }

  /** A legacy column's value read back from the target row, over `t`; null where the target does not hold it. */
  recovered(column: string): string | null {
    const entry = this.step.recovered.find(({ legacy }) => legacy === column);
    if (entry === undefined) return null;
    if (entry.declared) return `t.${q(rebuiltName(column))}`;
    const value = `t.${entry.expression}`;
    const cell = this.step.cells.find(({ copyOf }) => copyOf !== null && sameName(copyOf, column));
    if (cell === undefined) return value;
    const parent = this.parentOf(cell.target);
    const unfollowed = parent === null ? value : parent.unshifted(value);
    return this.isJoinedOn(cell.target) ? this.history.own.unshifted(unfollowed) : unfollowed;
  }

  /** The key of the legacy row's row in the target, over `x`: shifted where a run shifted it. */
  get targetKeyParts(): readonly string[] {
    return this.keyParts.map((part) => (this.step.keyIsRowid ? this.history.own.shifted(part) : part));
  }

  /** The target row has the given key: the very same, and not one that the target's collation takes for it. */
  meetsKey(parts: readonly string[]): string {
    const pairs = this.step.key.map(({ target }, index) => [`t.${q(target)}`, parts[index] ?? 'NULL'] as const);
    // The plus sign takes the part's affinity away: between two affinities SQLite does not use the column's index.
    const found = allOf(pairs.map(([column, part]) => `${column} = +(${part})`));
    return this.step.keyIsRowid ? found : `${found} AND ${sameCells(pairs)}`;
  }

  /** The target row is the legacy row's. */
  get meets(): string {
    return this.meetsKey(this.targetKeyParts);
  }

  /**
   * The legacy rows and the target's rows that meet them, as `x` and `t`. A CROSS JOIN, for SQLite keeps its order: any
   * condition on an indexed column of the target (a NULL that the plan puts there) could else make the target the outer
   * loop, and the legacy table be read once for each of its rows.
   */
  rowsAt(table: string, meets: string, states = ''): string {
    return `${this.source}${states} CROSS JOIN ${this.targetRows(table)} ON ${meets}`;
  }

  /** For each cell but a rowid key: what the plan computes, and what the target holds. */
  get cellPairs(): readonly CellPair[] {
    const values = this.values;
    return this.step.cells.flatMap(({ target, shared, expression }, index) =>
      this.isJoinedOn(target)
        ? []
        : [
            {
              target,
              planned: /^NULL$/i.test(expression) ? 'NULL' : (values[index] ?? 'NULL'),
              actual: `t.${q(target)}`,
              shared: this.parentOf(target) === null ? shared : null,
            },
          ],
    );
  }

  sameAsPlanned({ target, planned, actual, shared }: CellPair): string {
    const reference = this.step.references.find((entry) => sameName(entry.target, target));
    if (planned === 'NULL') return `(${actual} IS NULL)`;
    const same = sameCell(planned, actual, shared);
    if (reference?.orphans !== 'null') return same;
    return `(${same} OR (${actual} IS NULL AND (${this.strays(target)} OR NOT ${answered(reference, planned)})))`;
  }

  /** Every cell of the target row is what the plan computes. */
  get equalsPlan(): string {
    return allOf(this.cellPairs.map((pair) => this.sameAsPlanned(pair)));
  }

  /** The planned cells show by themselves that a legacy column is given back: it is copied, and read back as it is. */
  isShownByCells(column: string): boolean {
    const cell = this.step.cells.find(({ copyOf }) => copyOf === column);
    if (cell === undefined || this.parentOf(cell.target) !== null) return false;
    if (this.isJoinedOn(cell.target)) return !this.history.own.isShifted;
    return this.step.recovered.some(({ legacy, declared }) => legacy === column && !declared);
  }

  /** The sidecar row belongs to the target row. */
  sidecarMeets(place: StepPlace): string {
    return allOf(
      this.step.key.map(({ target }, index) => `s.${q(place.sidecar?.key[index] ?? target)} = +t.${q(target)}`),
    );
  }

  /** The sidecar row holds the legacy row's residual values. */
  equalsSidecar(columns: readonly string[]): string {
    return sameCells(columns.map((column) => [this.column(column), `s.${q(column)}`] as const));
  }
}

/** A sidecar row, under an alias, has the given key. The plus sign keeps the sidecar's index in use: see `meetsKey`. */
export function hasSidecarKey(
  { key }: NonNullable<StepPlace['sidecar']>,
  parts: readonly string[],
  alias = 's',
): string {
  return allOf(key.map((column, index) => `${alias}.${q(column)} = +(${parts[index] ?? 'NULL'})`));
}

/** Some row of the table that a reference speaks of has the value. */
export function answered({ table, column }: CellReference, value: string): string {
  return `EXISTS (SELECT 1 FROM main.${q(table)} AS a WHERE a.${q(column)} = ${value})`;
}

function rebuiltName(column: string): string {
  return `rebuilt ${column}`;
}
