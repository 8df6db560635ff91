/** Success criteria: the plan's, and the two that hold for every run. */
import type { Criterion } from '../plan/schema';
import type { Check, CriterionReport, Domain, StepReport } from '../report/model';
import type { SqliteConnection } from '../sqlite/engine';

/**
 * @param connections the images as they would be after the run, by database
 */
export function measureCriteria(
  criteria: readonly Criterion[],
  domains: readonly Domain[],
  steps: readonly StepReport[],
  connections: ReadonlyMap<string, SqliteConnection>,
): readonly CriterionReport[] {
  const measured = criteria.map((criterion): CriterionReport => {
    const actual = domains.includes(criterion.domain) ? measure(criterion, steps, connections) : null;
    return {
      label: criterion.label,
      expected: criterion.expect,
      actual,
      status: actual === null ? 'notRun' : judge(criterion.expect, actual),
      required: criterion.required,
    };
  });
  return [...measured, countsMatch(steps), nothingLost(steps)];
}

function measure(
  criterion: Criterion,
  steps: readonly StepReport[],
  connections: ReadonlyMap<string, SqliteConnection>,
): number | null {
  if ('accountedFor' in criterion) {
    const { database, table } = criterion.accountedFor;
    const step = steps.find(({ legacy }) => legacy.database === database && legacy.table === table);
    return step === undefined ? null : step.inserted + step.alreadyPresent;
  }
  const connection = connections.get(criterion.database);
  return connection === undefined ? null : connection.count(criterion.sql);
}

function judge(expect: string, actual: number): Check {
  const [operator, bound] = expect.split(' ');
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
function countsMatch(steps: readonly StepReport[]): CriterionReport {
  const legacy = steps.reduce((sum, step) => sum + step.legacy.rows, 0);
  const there = steps.reduce((sum, step) => sum + step.inserted + step.alreadyPresent, 0);
  const ran = steps.length > 0 && steps.every(({ validation }) => validation.counts !== 'notRun');
  return {
    label: 'Row counts match between legacy and consolidated',
    expected: `${legacy} rows`,
    actual: ran ? `${there} rows` : null,
    status: ran
      ? there === legacy && steps.every(({ validation }) => validation.counts === 'passed')
        ? 'passed'
        : 'failed'
      : 'notRun',
    required: false,
  };
}

function nothingLost(steps: readonly StepReport[]): CriterionReport {
  const { rows, values } = sumLost(steps);
  const ran =
    steps.length > 0 &&
    steps.every(({ validation }) => validation.cells !== 'notRun' && validation.rebuilt !== 'notRun');
  return {
    label: '0 rows and 0 values lost',
    expected: '0 rows, 0 values',
    actual: ran ? `${rows} rows, ${values} values` : null,
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
