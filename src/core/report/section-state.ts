/** Pre-Migration State and Post-Migration State: databases, tables, rows and sizes. */
import type { RootContent } from 'mdast';
import {
  checkWords,
  configFiles,
  countTableRows,
  groupBy,
  isPublished,
  targetFile,
  totalRows,
  writtenConfigFiles,
} from './facts';
import { formatCount, formatGrowth, formatNumber, formatSize, shortSize } from './format';
import type { DatabaseState, RunReport } from './model';
import { code, heading, join, list, paragraph, right, say, table, words, type Inline } from './nodes';

export function preMigrationState(report: RunReport): RootContent[] {
  const nodes: RootContent[] = [heading(2, words('Pre-Migration State'))];
  if (report.databases.length === 0) {
    return [...nodes, paragraph(words('No database was read.'))];
  }
  const rolesOf = (role: DatabaseState['role']): DatabaseState[] => report.databases.filter((d) => d.role === role);
  const legacy = rolesOf('legacy');
  const consolidated = rolesOf('consolidated');
  const rows = legacy.reduce((sum, database) => sum + countTableRows(database, 'before'), 0);
  const asked = totalRows(report.steps).rows;
  // A run of one domain reads databases that others have tables in as well.
  const share =
    report.steps.length === 0 || asked >= rows ? '' : `, ${formatNumber(asked)} of them in tables of this run`;
  nodes.push(
    paragraph(
      words(
        `Read: ${formatCount(legacy.length, 'legacy database')} with ${formatCount(rows, 'row')}${share}, ` +
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
        words(shortSize(database.size)),
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
  const listed = before.filter((t) => t.rows > 0 || named.has(key(t)));
  const isLong = listed.length > longAbove;
  const shown = isLong ? listed.filter((t) => t.rows > 0) : listed;
  const nodes: RootContent[] = [];
  if (shown.length > 0) {
    nodes.push(
      paragraph(words(isLong ? 'Tables that have rows:' : 'Tables that have rows or that a step names:')),
      table(
        ['Database', 'Table', right('Rows')],
        shown.map((t) => [code(t.database), code(t.name), words(formatNumber(t.rows))]),
      ),
    );
  }
  const left = [
    [listed.length - shown.length, 'that steps name; Migration Execution and Schema Mapping have them'],
    [before.length - listed.length, 'that no step names'],
  ] as const;
  const parts = left
    .filter(([count]) => count > 0)
    .map(([count, which]) => `${formatCount(count, 'empty table')} ${which}`);
  if (parts.length > 0) nodes.push(paragraph(words(`Not listed: ${parts.join(', and ')}.`)));
  return nodes;
}

/** Above this many tables, those without rows are listed as names, a line for each database. */
const longAbove = 20;

function namesByDatabase(tables: readonly { readonly database: string; readonly name: string }[]): RootContent {
  return list(
    groupBy(tables, ({ database }) => [database]).map((members): Inline => {
      const names = join(members.map(({ name }) => code(name)));
      return say`${members[0]?.database ?? ''}: ${names}`;
    }),
  );
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
    const still = report.databases.filter(isUnchanged);
    const isLong = still.length > stillShown;
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
        report.databases
          .filter((database) => !isLong || !isUnchanged(database))
          .map((database) => [
            code(database.database),
            words(formatNumber(countTableRows(database, 'before'))),
            words(formatNumber(countTableRows(database, 'after'))),
            words(formatSize(database.size)),
            words(formatSize(database.sizeAfter)),
            words(formatGrowth(database.sizeAfter - database.size)),
          ]),
      ),
      ...(isLong
        ? [
            paragraph(
              words(
                `${formatCount(still.length, 'other database that was read has the rows and the size it had before', 'other databases that were read have the rows and the sizes they had before')}.`,
              ),
            ),
          ]
        : []),
      ...tablesAfter(report),
    );
  }
  return [...nodes, ...configuration(report), ...hashes(report)];
}

/** Unchanged databases that are listed; more are counted. */
const stillShown = 8;

/** Configuration files: what went into each, and whether it was read back. */
function configuration(report: RunReport): RootContent[] {
  const files = configFiles(report);
  if (files.length === 0) return [];
  const written = new Map(writtenConfigFiles(report).map(({ file, isNew }) => [file, isNew ? 'new' : 'changed']));
  const rows = files.map((file): Inline[] => {
    const steps = report.steps.filter((step) => targetFile(step) === file);
    const totals = totalRows(steps);
    const would = report.dryRun && isPublished(report) && totals.inserted > 0;
    const [first, ...others] = new Set(steps.map(({ validation }) => validation.cells));
    return [
      code(file),
      words(written.get(file) ?? (would ? 'would be written' : 'as it was')),
      words(formatNumber(totals.rows)),
      words(formatNumber(totals.inserted)),
      words(formatNumber(totals.alreadyPresent)),
      words(formatNumber(totals.conflicts)),
      words(
        first === undefined
          ? '—'
          : others.length === 0
            ? checkWords[first]
            : steps.some(({ validation }) => validation.cells === 'failed')
              ? checkWords.failed
              : '○ partly run',
      ),
    ];
  });
  return [
    paragraph(words('Configuration files; each is parsed again and compared with the legacy rows, value by value:')),
    table(
      [
        'File',
        'State',
        right('Legacy rows'),
        right(report.dryRun ? 'Would write' : 'Written'),
        right('Already there'),
        right('Conflicts'),
        'Read back and compared',
      ],
      rows,
    ),
  ];
}

function isUnchanged(database: DatabaseState): boolean {
  return database.size === database.sizeAfter && database.tables.every((t) => !t.created && t.rows === t.rowsAfter);
}

function tablesAfter(report: RunReport): RootContent[] {
  const all = report.databases.flatMap(({ database, tables }) =>
    tables.filter((t) => t.created || t.rows !== t.rowsAfter).map((t) => ({ ...t, database })),
  );
  if (all.length === 0) return [];
  const isLong = all.length > longAbove;
  const shown = isLong ? all.filter((t) => t.rows !== t.rowsAfter) : all;
  const empty = all.filter((t) => !shown.includes(t));
  return [
    paragraph(words(report.dryRun ? 'Tables that would change:' : 'Tables that changed:')),
    table(
      ['Database', 'Table', right('Rows before'), right('Rows after')],
      shown.map((t): Inline[] => [
        code(t.database),
        code(t.name),
        t.created ? words('new') : words(formatNumber(t.rows)),
        words(formatNumber(t.rowsAfter)),
      ]),
    ),
    ...(empty.length === 0
      ? []
      : [
          paragraph(words(`New tables without rows${report.dryRun ? ', as they would be' : ''}:`)),
          namesByDatabase(empty),
        ]),
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
