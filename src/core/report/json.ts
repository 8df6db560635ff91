/** `report.json`: the run's report for programs, the same bytes for the same facts. */
import type { RunReport } from './model';

/** The order in which keys are written, whatever order the report was put together in. */
const keyOrder = [
  ...['format', 'run', 'mode', 'dryRun', 'outcome', 'workspace', 'dataFolder', 'backup'],
  ...['domain', 'strategy', 'legacy', 'target', 'inserted', 'alreadyPresent', 'conflicts', 'rejected', 'leftBehind'],
  ...['residual', 'keyOffset', 'parents', 'reason', 'validation', 'mapping', 'sample', 'transformation'],
  ...['steps', 'targets', 'criteria', 'lost', 'warnings', 'rejects', 'rejectsFile', 'mismatches', 'plan'],
  ...['error', 'startedAt', 'finishedAt'],
  ...['databases', 'backedUp', 'phases', 'versions'],
  ...[
    'database',
    'role',
    'table',
    'file',
    'tier',
    'rowid',
    'key',
    'column',
    'consolidated',
    'code',
    'message',
    'path',
    'hint',
  ],
  ...['label', 'expected', 'actual', 'status', 'required', 'schema', 'counts', 'cells', 'rebuilt'],
  ...['name', 'milliseconds', 'extension', 'sqlite', 'rows', 'rowsAfter', 'columns', 'values', 'created'],
  ...['kept', 'lostValues', 'size', 'sizeBefore', 'sizeAfter', 'sha256', 'sha256Before', 'sha256After'],
  ...['untouchedRows', 'integrity', 'foreignKeys', 'undone', 'tables'],
];

const rank = new Map(keyOrder.map((key, index) => [key, index]));

/** Two spaces of indent, LF, a line break at the end. Text is as it is in the databases: JSON has its own escapes. */
export function renderJson(report: RunReport): string {
  return `${JSON.stringify(report, sortKeys, 2)}\n`;
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compareKeys(a, b)));
}

/** Known keys first, in their order; a key that a later version adds follows by its name. */
function compareKeys(a: string, b: string): number {
  const difference = (rank.get(a) ?? keyOrder.length) - (rank.get(b) ?? keyOrder.length);
  return difference === 0 ? (a < b ? -1 : a > b ? 1 : 0) : difference;
}
