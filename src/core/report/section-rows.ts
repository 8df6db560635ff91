/** Single rows and cells, for people: rejected rows, cells that differ, conflicts. A part of Errors & Issues. */
import type { RootContent } from 'mdast';
import { collectsRejects, excerpts, isPublished, totalRows } from './facts';
import { sameName } from '../sqlite/identifiers';
import { formatCount } from './format';
import { reportFiles, type MismatchReport, type RejectReport, type RunReport } from './model';
import { code, heading, list, literal, message, paragraph, say, table, words, type Inline } from './nodes';

/** Rows, or cells, of one legacy table that are printed. */
const printed = 20;

const legacyTable = ({ database, table: name }: { readonly database: string; readonly table: string }): string[] => [
  database,
  name,
];

export function rejectedRows(report: RunReport): RootContent[] {
  const { rejected } = totalRows(report.steps);
  if (rejected === 0 && report.rejects.length === 0) return [];
  const listed = excerpts(report.rejects, legacyTable, printed);
  return [
    heading(3, words('Rejected Rows')),
    paragraph(
      say`${words(formatCount(rejected, 'legacy row is', 'legacy rows are'))} refused by the constraints of the target. ${whereRejects(report)}`,
    ),
    ...(listed.length === 0
      ? []
      : [
          table(
            ['Database', 'Table', 'Rowid', 'Key', 'Reason'],
            listed.flatMap(({ shown }) => shown.map(rejectCells)),
          ),
        ]),
    ...moreRejects(report),
  ];
}

function rejectCells({ database, table: name, rowid, key, reason }: RejectReport): Inline[] {
  return [code(database), code(name), rowid === null ? words('—') : code(rowid), literal(key), message(reason)];
}

function whereRejects(report: RunReport): Inline {
  if (report.rejectsFile !== null) {
    return say`${report.rejectsFile} keeps every one of them whole, with its reason, in a table for each legacy table.`;
  }
  if (collectsRejects(report)) {
    return say`The run would keep every one of them whole in ${reportFiles.rejects} beside its backup.`;
  }
  return isPublished(report)
    ? words('They are in the legacy database only.')
    : words('They are in the legacy database as they were.');
}

/** The steps count all of their rows; the list has the first. */
function moreRejects(report: RunReport): RootContent[] {
  const more = report.steps.flatMap((step): Inline[] => {
    const listed = report.rejects.filter((r) => r.database === step.legacy.database && r.table === step.legacy.table);
    const rest = step.rejected - Math.min(listed.length, printed);
    if (rest <= 0) return [];
    const place =
      report.rejectsFile !== null
        ? say`: all are in ${report.rejectsFile}`
        : listed.length === step.rejected
          ? say`: all are in ${reportFiles.json}`
          : [];
    return [say`… and ${rest} more of ${step.legacy.database} ${step.legacy.table}${place}.`];
  });
  return more.length === 0 ? [] : [list(more)];
}

const tierWords: Readonly<Record<'cells' | 'rebuilt', string>> = {
  cells: 'cells: not what the plan computes',
  rebuilt: 'rebuilt: not what the legacy row holds',
};

/** Cells of failed tiers, then those of rows in conflict. */
export function differences(report: RunReport): RootContent[] {
  const conflicts = report.mismatches.filter(({ tier }) => tier === 'conflict');
  const failed = report.mismatches.filter(({ tier }) => tier !== 'conflict');
  return [
    ...section(
      report,
      failed,
      'Cells That Differ',
      say`Found by a tier that failed. Values are SQL literals, cut where they are long.`,
      ({ tier }) => (tier === 'conflict' ? [] : [words(tierWords[tier])]),
      ['Found by'],
    ),
    ...section(
      report,
      conflicts,
      'Conflicts',
      say`Rows that changed on one side since they were migrated, or whose key another row of the target has. Both sides were left alone.`,
      () => [],
      [],
    ),
    ...moreConflicts(report, conflicts),
  ];
}

/** The steps count rows; of some no cell is listed: those beyond the first, and those deleted from the target. */
function moreConflicts(report: RunReport, cells: readonly MismatchReport[]): RootContent[] {
  const items = report.steps.flatMap(({ legacy, conflicts }): Inline[] => {
    const own = cells.filter((cell) => cell.database === legacy.database && sameName(cell.table, legacy.table));
    const rest = conflicts - new Set(own.slice(0, printed).map(({ key }) => key)).size;
    if (rest <= 0) return [];
    const rows = words(`${formatCount(rest, 'more row', 'more rows')} in conflict`);
    return [
      say`… and ${rows}: ${legacy.database} ${legacy.table}; a row that was deleted from the target has no cell to show.`,
    ];
  });
  return items.length === 0 ? [] : [list(items)];
}

function section(
  report: RunReport,
  cells: readonly MismatchReport[],
  title: string,
  intro: Inline,
  extra: (cell: MismatchReport) => Inline[],
  extraHeads: readonly string[],
): RootContent[] {
  if (cells.length === 0) return [];
  const listed = excerpts(cells, legacyTable, printed);
  // Of conflicts, rows are counted rather than cells: see below.
  const rest = listed.filter(({ group, shown }) => group.length > shown.length && group[0].tier !== 'conflict');
  return [
    heading(3, words(title)),
    paragraph(intro),
    table(
      ['Database', 'Table', 'Key', 'Column', 'Legacy value', 'Consolidated value', ...extraHeads],
      listed.flatMap(({ shown }) =>
        shown.map((cell) => [
          code(cell.database),
          code(cell.table),
          literal(cell.key),
          code(cell.column),
          literal(cell.legacy),
          literal(cell.consolidated),
          ...extra(cell),
        ]),
      ),
    ),
    ...(rest.length === 0
      ? []
      : [
          list(
            rest.map(({ group, shown }) => {
              const [first] = group;
              return say`… and ${group.length - shown.length} more of ${first.database} ${first.table} in ${reportFiles.json}.`;
            }),
          ),
        ]),
  ];
}
