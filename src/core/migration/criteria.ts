/** Success criteria: the plan's, and the two that hold for every run. */
import { readTokens } from '../sql-tokens';
import { targetDatabaseOf, type Criterion, type Plan, type PlanStep } from '../plan/schema';
import { formatCount } from '../report/format';
import type { Check, CriterionReport, Domain, StepReport } from '../report/model';
import { CoreError } from '../errors';
import { sqliteWords, type SqliteConnection, type SqlValue } from '../sqlite/engine';
import { sameName } from '../sqlite/identifiers';

/** The domain that a criterion speaks of: its own, or that of the steps behind its database or table. */
export function domainOf({ domain, database, accountedFor }: Criterion, steps: readonly PlanStep[]): Domain | null {
  if (domain !== undefined) return domain;
  const step = steps.find((candidate) =>
    accountedFor === undefined
      ? targetDatabaseOf(candidate) === database
      : candidate.legacy.database === accountedFor.database && sameName(candidate.legacy.table, accountedFor.table),
  );
  return step?.domain ?? null;
}

/**
 * @param connections the images as they would be after the run, by database
 */
export function measureCriteria(
  { criteria, steps: planned }: Plan,
  domains: readonly Domain[],
  steps: readonly StepReport[],
  connections: ReadonlyMap<string, SqliteConnection>,
): readonly CriterionReport[] {
  const measured = criteria.map((criterion): CriterionReport => {
    const domain = domainOf(criterion, planned);
    const takesPart = domain === null || domains.includes(domain);
    const actual = takesPart ? measure(criterion, steps, connections) : null;
    return {
      label: criterion.label,
      expected: criterion.expect,
      actual,
      status: actual === null ? 'notRun' : typeof actual === 'number' ? judge(criterion.expect, actual) : 'failed',
      required: criterion.required,
    };
  });
  return [...measured, countsMatch(steps), nothingLost(steps)];
}

/** @returns a number, what there is in its place, or null where nothing is to be measured */
function measure(
  criterion: Criterion,
  steps: readonly StepReport[],
  connections: ReadonlyMap<string, SqliteConnection>,
): number | string | null {
  const { accountedFor, database, sql } = criterion;
  if (accountedFor !== undefined) {
    const step = steps.find(
      ({ legacy }) => legacy.database === accountedFor.database && sameName(legacy.table, accountedFor.table),
    );
    return step === undefined ? null : step.inserted + step.alreadyPresent;
  }
  const connection = database === undefined ? undefined : connections.get(database);
  if (connection === undefined || sql === undefined) return null;
  const fail = (reason: string, cause?: unknown): CoreError =>
    new CoreError('plan-invalid', `The criterion "${criterion.label}" cannot be measured: ${reason}.`, {
      path: database ?? null,
      hint: 'Correct its SQL in the plan; nothing was published.',
      cause,
    });
  const tokens = readTokens(sql);
  if ('strange' in tokens || tokens.slice(0, -1).some(({ text }) => text === ';'))
    throw fail('it is no single statement');
  // A criterion measures: whatever its SQL says, it changes nothing.
  const [before] = connection.all('PRAGMA query_only');
  connection.execute('PRAGMA query_only = ON');
  try {
    const [row] = connection.all(sql);
    return row === undefined ? 'no row' : measured(Object.values(row)[0] ?? null);
  } catch (error) {
    throw fail(sqliteWords(error), error);
  } finally {
    connection.execute(`PRAGMA query_only = ${Number(before?.['query_only'])}`);
  }
}

/** NULL is no number and neither is an empty text: nothing that was not counted passes for 0. */
function measured(value: SqlValue): number | string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return 'a BLOB';
  if (value.trim() === '') return 'an empty text';
  return Number.isNaN(Number(value)) ? shorten(value) : Number(value);
}

/** Longer texts say nothing more to who expected a number. */
function shorten(text: string): string {
  const shown = 60;
  return text.length > shown ? `${text.slice(0, shown)}…` : text;
}

function judge(expect: string, actual: number): Check {
  const [, operator, bound] = /^(\D*?) ?(-?[\d.]+)$/.exec(expect) ?? [];
  const limit = Number(bound);
  switch (operator) {
    case undefined:
      return 'failed';
    case '>=':
      return actual >= limit ? 'passed' : 'failed';
    case '<=':
      return actual <= limit ? 'passed' : 'failed';
    case '>':
      return actual > limit ? 'passed' : 'failed';
    case '<':
      return actual < limit ? 'passed' : 'failed';
    case '=':
      return actual === limit ? 'passed' : 'failed';
    default:
      return 'failed';
  }
}

/** Legacy rows on one side, rows found equal in the targets on the other. */
function countsMatch(all: readonly StepReport[]): CriterionReport {
  const steps = all.filter(({ strategy }) => strategy !== 'skip');
  const legacy = steps.reduce((sum, step) => sum + step.legacy.rows, 0);
  const there = steps.reduce((sum, step) => sum + step.inserted + step.alreadyPresent, 0);
  const ran = steps.length > 0 && steps.every(({ validation }) => validation.counts !== 'notRun');
  return {
    label: 'Row counts match between legacy and consolidated',
    expected: formatCount(legacy, 'row'),
    actual: ran ? formatCount(there, 'row') : null,
    status: ran
      ? there === legacy && steps.every(({ validation }) => validation.counts === 'passed')
        ? 'passed'
        : 'failed'
      : 'notRun',
    required: false,
  };
}

function nothingLost(all: readonly StepReport[]): CriterionReport {
  const steps = all.filter(({ strategy }) => strategy !== 'skip');
  const { rows, values } = sumLost(steps);
  const ran =
    steps.length > 0 &&
    steps.every(({ validation }) => validation.cells !== 'notRun' && validation.rebuilt !== 'notRun');
  return {
    label: '0 rows and 0 values lost',
    expected: '0 rows, 0 values',
    actual: ran ? `${formatCount(rows, 'row')}, ${formatCount(values, 'value')}` : null,
    status: ran ? (rows === 0 && values === 0 ? 'passed' : 'failed') : 'notRun',
    required: false,
  };
}

/** Rows that no count of their step accounts for, and values that could not be read back. */
export function sumLost(steps: readonly StepReport[]): { readonly rows: number; readonly values: number } {
  let rows = 0;
  let values = 0;
  for (const step of steps) {
    rows += step.legacy.rows - step.inserted - step.alreadyPresent - step.conflicts - step.rejected - step.leftBehind;
    values += step.residual.lostValues;
  }
  return { rows, values };
}
