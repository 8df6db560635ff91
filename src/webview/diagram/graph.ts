/** Which cards a diagram has, what stands on them, and what joins them: no pixels yet. */
import type { DatabaseDiagram, DiagramReference, DiagramTable } from '../../core/browse/diagram';

/** Columns that a card shows at most until it is unfolded. */
export const mostRows = 14;
/** Tables without references from which on their cards show their names only. */
export const manyLoose = 12;
/** Tables without references from which on they are folded into one line. */
export const tooManyLoose = 60;

export interface CardRow {
  readonly column: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly primary: boolean;
  readonly foreign: boolean;
}

export interface Card {
  readonly id: string;
  readonly table: string;
  /** A parent that is in no schema. */
  readonly missing: boolean;
  readonly virtual: boolean;
  readonly rows: readonly CardRow[];
  /** Columns that are not shown. */
  readonly hidden: number;
}

export interface Edge {
  readonly id: string;
  /** Ids of cards: the referring table, and the one that it refers to. */
  readonly child: string;
  readonly parent: string;
  readonly childColumns: readonly string[];
  readonly parentColumns: readonly string[];
}

export interface Graph {
  readonly cards: readonly Card[];
  /** Cards that no edge touches; none where they are folded. */
  readonly loose: readonly Card[];
  /** How many there are, shown or not. */
  readonly looseCount: number;
  readonly edges: readonly Edge[];
}

export interface GraphOptions {
  readonly keysOnly: boolean;
  /** Tables of which every column is shown. */
  readonly unfolded: ReadonlySet<string>;
  /** Whether tables without references are shown; null where nobody has said so: not where they are too many. */
  readonly showLoose: boolean | null;
}

export function buildGraph({ tables }: DatabaseDiagram, { keysOnly, unfolded, showLoose }: GraphOptions): Graph {
  const edges = tables.flatMap((table) =>
    table.references.map((reference, index): Edge => ({
      id: `${idOf(table.name)} ${index}`,
      child: idOf(table.name),
      parent: reference.missing ? missingId(reference) : idOf(reference.table),
      childColumns: reference.columns.map(({ child }) => child),
      parentColumns: reference.columns.map(({ parent }) => parent),
    })),
  );
  const missing = new Map(
    tables.flatMap(({ references }) =>
      references
        .filter((reference) => reference.missing)
        .map((reference) => [missingId(reference), missingCard(reference)]),
    ),
  );
  const joined = new Set(edges.flatMap(({ child, parent }) => [child, parent]));
  const isLoose = ({ name }: DiagramTable): boolean => !joined.has(idOf(name));
  const looseTables = tables.filter(isLoose);
  const short = looseTables.length > manyLoose;
  const shown = (showLoose ?? looseTables.length <= tooManyLoose) ? looseTables : [];
  return {
    cards: [
      ...tables.filter((table) => !isLoose(table)).map((table) => cardOf(table, keysOnly, unfolded)),
      ...missing.values(),
    ],
    looseCount: looseTables.length,
    loose: shown.map((table) => {
      const whole = unfolded.has(table.name);
      return short && !whole
        ? { ...cardOf(table, true, unfolded), rows: [], hidden: table.columns.length }
        : cardOf(table, keysOnly, unfolded);
    }),
    edges,
  };
}

/** SQLite's names differ by more than ASCII case: only what the schema calls a table is an id. */
function idOf(table: string): string {
  return `t ${table}`;
}

function missingId({ table }: DiagramReference): string {
  return `m ${table.toLowerCase()}`;
}

function missingCard(reference: DiagramReference): Card {
  return { id: missingId(reference), table: reference.table, missing: true, virtual: false, rows: [], hidden: 0 };
}

function cardOf(table: DiagramTable, keysOnly: boolean, unfolded: ReadonlySet<string>): Card {
  const foreign = new Set(table.references.flatMap(({ columns }) => columns.map(({ child }) => child.toLowerCase())));
  const rows = table.columns.map(({ name, type, notNull, primary }): CardRow => {
    return { column: name, type, notNull, primary, foreign: foreign.has(name.toLowerCase()) };
  });
  const shown = unfolded.has(table.name) ? rows : keysOnly ? rows.filter(isKey) : firstRows(rows);
  return {
    id: idOf(table.name),
    table: table.name,
    missing: false,
    virtual: table.virtual,
    rows: shown,
    hidden: rows.length - shown.length,
  };
}

function isKey({ primary, foreign }: CardRow): boolean {
  return primary || foreign;
}

/** Keys always, and of the others as many as there is room for, in the order of the table. */
function firstRows(rows: readonly CardRow[]): readonly CardRow[] {
  if (rows.length <= mostRows) return rows;
  let room = Math.max(0, mostRows - rows.filter(isKey).length);
  return rows.filter((row) => isKey(row) || room-- > 0);
}
