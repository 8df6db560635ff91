/** Pre-Migration State and Post-Migration State: databases, tables, rows and sizes. */
import type { RootContent } from 'mdast';
import { countTableRows } from './facts';
import { formatCount, formatGrowth, formatNumber, formatSize } from './format';
import type { DatabaseState, RunReport } from './model';
import { code, heading, list, paragraph, right, say, table, words, type Inline } from './nodes';

export function preMigrationState(report: RunReport): RootContent[] {
  const nodes: RootContent[] = [heading(2, words('Pre-Migration State'))];
  if (report.databases.length === 0) {
    return [...nodes, paragraph(words('No database was read.'))];
  }
  const rolesOf = (role: DatabaseState['role']): DatabaseState[] => report.databases.filter((d) => d.role === role);
  const legacy = rolesOf('legacy');
  const consolidated = rolesOf('consolidated');
  const rows = legacy.reduce((sum, database) => sum + countTableRows(database, 'before'), 0);
  nodes.push(
    paragraph(
      words(
        `Read: ${formatCount(legacy.length, 'legacy database')} with ${formatCount(rows, 'row')}, ` +
          `${formatCount(consolidated.length, 'consolidated database')}.`,
      ),
    ),
    table(
      ['Database', 'Role', right('Tables'), right('Rows'), right('Size')],
      report.databases.map((database) => [
        code(database.database),
        words(database.role),
        words(formatNumber(database.tables.filter((t) => !t.created).length)),
        words(formatNumber(countTableRows(database, 'before'))),
        words(formatSize(database.size)),
      ]),
    ),
    ...tablesBefore(report),
  );
  return nodes;
}

/** Every table that has rows or that a step names; the others are counted. */
function tablesBefore(report: RunReport): RootContent[] {
  const named = new Set(
    report.steps.flatMap((step) => [
      key(step.legacy),
      ...(step.target && 'table' in step.target ? [key(step.target)] : []),
    ]),
  );
  const all = report.databases.flatMap((d) => d.tables.map((t) => ({ ...t, database: d.database, table: t.name })));
  const before = all.filter((t) => !t.created);
  const shown = before.filter((t) => t.rows > 0 || named.has(key(t)));
  const nodes: RootContent[] = [];
  if (shown.length > 0) {
    nodes.push(
      paragraph(words('Tables that have rows or that a step names:')),
      table(
        ['Database', 'Table', right('Rows')],
        shown.map((t) => [code(t.database), code(t.name), words(formatNumber(t.rows))]),
      ),
    );
  }
  const rest = before.length - shown.length;
  if (rest > 0) nodes.push(paragraph(words(`Not listed: ${formatCount(rest, 'empty table')} that no step names.`)));
  return nodes;
}

function key(place: { readonly database: string; readonly table: string }): string {
  return `${place.database}\n${place.table}`;
}

export function postMigrationState(report: RunReport): RootContent[] {
  const nodes: RootContent[] = [heading(2, words('Post-Migration State'))];
  if (report.databases.length === 0) return [...nodes, paragraph(words('No database was read.'))];
  if (report.databases.every(isUnchanged)) {
    nodes.push(paragraph(words('Unchanged: every database that was read has the rows and the size it had before.')));
  } else {
    if (report.dryRun) nodes.push(paragraph(words('As it would be; no file was changed.')));
    nodes.push(
      table(
        [
          'Database',
          right('Rows before'),
          right('Rows after'),
          right('Size before'),
          right('Size after'),
          right('Change'),
        ],
        report.databases.map((database) => [
          code(database.database),
          words(formatNumber(countTableRows(database, 'before'))),
          words(formatNumber(countTableRows(database, 'after'))),
          words(formatSize(database.size)),
          words(formatSize(database.sizeAfter)),
          words(formatGrowth(database.sizeAfter - database.size)),
        ]),
      ),
      ...tablesAfter(report),
    );
  }
  return [...nodes, ...hashes(report)];
}

function isUnchanged(database: DatabaseState): boolean {
  return database.size === database.sizeAfter && database.tables.every((t) => !t.created && t.rows === t.rowsAfter);
}

function tablesAfter(report: RunReport): RootContent[] {
  const changed = report.databases.flatMap((database) =>
    database.tables
      .filter((t) => t.created || t.rows !== t.rowsAfter)
      .map((t): Inline[] => [
        code(database.database),
        code(t.name),
        t.created ? words('new') : words(formatNumber(t.rows)),
        words(formatNumber(t.rowsAfter)),
      ]),
  );
  if (changed.length === 0) return [];
  return [
    paragraph(words(report.dryRun ? 'Tables that would change:' : 'Tables that changed:')),
    table(['Database', 'Table', right('Rows before'), right('Rows after')], changed),
  ];
}

function hashes(report: RunReport): RootContent[] {
  if (report.targets.length === 0) return [];
  return [
    paragraph(words('SHA-256 of the targets:')),
    list(
      report.targets.map((target) =>
        target.sha256Before === target.sha256After
          ? say`${target.database}: ${target.sha256Before}, unchanged`
          : say`${target.database}: before ${target.sha256Before}, ${words(report.dryRun ? 'would be' : 'after')} ${target.sha256After}`,
      ),
    ),
  ];
}
