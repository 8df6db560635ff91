/**
 * The SQL of one step: the legacy rows as a relation, and how they meet the rows of the target.
 *
 * The legacy database is attached as `legacy`, the target is `main`. Names in the FROM clause: `x` the legacy rows,
 * `t` the target's, `s` the sidecar's.
 */
import type { ResolvedStep } from '../plan/resolve';
import { allOf, keyValue, sameCells } from '../sqlite/cells';
import { quoteIdentifier as q } from '../sqlite/identifiers';

export const legacySchema = 'legacy';

/** Where a step's rows live in the target; the names of tables that may not exist yet. */
export interface StepPlace {
  readonly table: string;
  readonly sidecar: {
    readonly table: string;
    readonly key: readonly string[];
    readonly columns: readonly string[];
  } | null;
}

export class StepSql {
  /** A FROM item that yields the legacy rows as `x`. */
  readonly source: string;
  /** The parts of the key, over `x`. */
  readonly keyParts: readonly string[];
  /** The key as one value, over `x`. */
  readonly key: string;

  constructor(readonly step: ResolvedStep) {
    const table = `${legacySchema}.${q(step.legacy.name)}`;
    if (step.strategy === 'adopt') {
      this.source = `${table} AS x`;
      this.keyParts = step.key.map(({ expression }) => `x.${expression}`);
    } else {
      // A subquery, so that an expression sees the legacy row's columns and no others.
      const parts = step.key.map(({ expression }, index) => `(${expression}) AS p${index}`);
      const cells = step.cells.map(({ expression }, index) => `(${expression}) AS c${index}`);
      const columns = step.legacy.columns.map((column, index) => `${q(column.name)} AS l${index}`);
      this.source = `(SELECT ${[...parts, ...cells, ...columns].join(', ')} FROM ${table}) AS x`;
      this.keyParts = step.key.map((_, index) => `x.p${index}`);
    }
    this.key = keyValue(this.keyParts);
  }

  /** What the plan puts into each target column, over `x`, in the order of `step.cells`. */
  get values(): readonly string[] {
    return this.step.cells.map(({ expression }, index) =>
      this.step.strategy === 'adopt' ? `x.${expression}` : `x.c${index}`,
    );
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
    return `(SELECT u.*, ${rebuilt.join(', ')} FROM main.${q(table)} AS u) AS t`;
  }

  /** A legacy column's value read back from the target row, over `t`; null where the target does not hold it. */
  recovered(column: string): string | null {
    const entry = this.step.recovered.find(({ legacy }) => legacy === column);
    if (entry === undefined) return null;
    return entry.declared ? `t.${q(rebuiltName(column))}` : `t.${entry.expression}`;
  }

  /** The target row has the legacy row's key. */
  get meets(): string {
    return allOf(this.step.key.map(({ target }, index) => `t.${q(target)} = ${this.keyParts[index]}`));
  }

  /** Every cell of the target row is what the plan computes. */
  get equalsPlan(): string {
    const values = this.values;
    return sameCells(this.step.cells.map(({ target }, index) => [values[index] ?? 'NULL', `t.${q(target)}`] as const));
  }

  /** The sidecar row belongs to the target row. */
  sidecarMeets(place: StepPlace): string {
    return allOf(
      this.step.key.map(({ target }, index) => `s.${q(place.sidecar?.key[index] ?? target)} = t.${q(target)}`),
    );
  }

  /** The sidecar row holds the legacy row's residual values. */
  equalsSidecar(columns: readonly string[]): string {
    return sameCells(columns.map((column) => [this.column(column), `s.${q(column)}`] as const));
  }
}

function rebuiltName(column: string): string {
  return `rebuilt ${column}`;
}
