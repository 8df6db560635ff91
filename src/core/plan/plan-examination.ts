/** One examination of a plan: what its parts share (schemas, compiled expressions, the problems found so far). */
import type { SqliteConnection } from '../sqlite/engine';
import { checkExpression, namesOfRow } from './expression';
import type { ParsedPlan, PlanPath, PlanProblem } from './parse-plan';
import type { PlanCatalogue, PlanTable } from './plan-catalogue';
import { findUnsafePaths } from './plan-paths';
import type { Plan } from './schema';

/** More than anybody reads. */
const mostProblems = 500;

export class Examination {
  private readonly found: PlanProblem[] = [];
  private readonly told = new Set<string>();
  private readonly unsafe: ReadonlySet<string>;
  private readonly compiled = new WeakMap<PlanTable, Map<string, string | null>>();

  constructor(
    private readonly parsed: ParsedPlan,
    readonly plan: Plan,
    readonly catalogue: PlanCatalogue,
    readonly scratch: SqliteConnection,
  ) {
    this.unsafe = new Set(findUnsafePaths(plan, catalogue.dataFolder).map(({ path }) => path));
  }

  error(code: string, path: PlanPath, message: string, what?: 'key'): void {
    this.add('error', code, path, message, what);
  }

  warning(code: string, path: PlanPath, message: string, what?: 'key'): void {
    this.add('warning', code, path, message, what);
  }

  note(code: string, path: PlanPath, message: string): void {
    this.add('note', code, path, message, undefined);
  }

  problems(): readonly PlanProblem[] {
    return this.found.sort((a, b) => a.offset - b.offset);
  }

  /** The tables of a database; null where they are not known. Why not is told at the first place that asks. */
  tables(database: string, at: PlanPath, role: 'legacy' | 'target'): readonly PlanTable[] | null {
    const tables = this.known(database);
    if (tables !== null || this.unsafe.has(database) || this.told.has(database)) return tables;
    this.told.add(database);
    const entry = this.catalogue.databases.get(database);
    if (entry?.state === 'unreadable')
      this.warning('unreadable-database', at, `Nothing in ${database} could be checked: ${entry.reason}`);
    else if (role === 'legacy')
      this.warning('missing-database', at, `The legacy database ${database} is not there: its steps are left out.`);
    else this.error('missing-database', at, `The consolidated database ${database} is not there.`);
    return null;
  }

  /** The same, without a word. */
  known(database: string): readonly PlanTable[] | null {
    if (this.unsafe.has(database)) return null;
    const entry = this.catalogue.databases.get(database);
    return entry?.state === 'read' ? entry.tables : null;
  }

  /** One text for all names of one file, as far as that is known. */
  identityOf(database: string): string {
    return this.identitiesOf(database).at(-1) ?? database;
  }

  /** By its name, whatever the case; and by the file that it leads to, where that was read. */
  identitiesOf(database: string): readonly string[] {
    const name = database.normalize('NFC').toLowerCase();
    const entry = this.unsafe.has(database) ? undefined : this.catalogue.databases.get(database);
    const identity = entry?.state === 'read' ? entry.identity : null;
    return identity === null ? [name] : [name, `file ${identity}`];
  }

  /** Reports an expression that is not one over a row of the table; a table of unknown columns is left alone. */
  expression(table: PlanTable | null, expression: string, at: PlanPath): void {
    if (table === null || table.columns.length === 0) return;
    const known = this.compiled.get(table) ?? new Map<string, string | null>();
    this.compiled.set(table, known);
    let fault = known.get(expression);
    if (fault === undefined) {
      fault = checkExpression(this.scratch, namesOfRow(table), expression);
      known.set(expression, fault);
    }
    if (fault !== null)
      this.error('bad-expression', at, `This is not an expression over one row of ${table.name}: ${fault}.`);
  }

  private add(
    severity: PlanProblem['severity'],
    code: string,
    path: PlanPath,
    message: string,
    what: 'key' | undefined,
  ): void {
    if (this.found.length >= mostProblems) return;
    this.found.push({ severity, code, message, path, ...this.parsed.locate(path, what) });
  }
}
