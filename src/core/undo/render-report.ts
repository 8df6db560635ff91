/** A rollback, or a restored backup, as Markdown and in one line. Names and values are data, as in the report of a run. */
import type { RootContent } from 'mdast';
import { formatCount } from '../report/format';
import { toMarkdownText } from '../report/markdown';
import {
  code,
  heading,
  list,
  literal,
  message,
  paragraph,
  plainText,
  say,
  table,
  words,
  type Inline,
} from '../report/nodes';
import { countKept, type KeptReport, type UndoneFile, type UndoneTarget, type UndoReport } from './report';

export function renderUndoReport(report: UndoReport): string {
  return toMarkdownText([
    heading(1, say`${words(titleOf(report))} ${report.run}`),
    paragraph(headline(report)),
    ...databases(report),
    ...configuration(report),
    ...left(report),
    ...warnings(report),
    ...next(report),
  ]);
}

/** The result in one sentence, for terminals and notifications. */
export function undoHeadline(report: UndoReport): string {
  return plainText(headline(report));
}

function titleOf({ action, dryRun }: UndoReport): string {
  const what = action === 'rollBack' ? 'Rollback' : 'Restore';
  return dryRun ? `${what} (dry run)` : what;
}

function headline(report: UndoReport): Inline {
  const { action, rolledBack, outcome, error, dryRun, targets, files } = report;
  if (error !== null) return say`${message(error.message)}${error.hint === null ? [] : say` ${message(error.hint)}`}`;
  if (rolledBack === null) return words('There is no run to roll back.');
  if (outcome === 'nothingToDo') {
    return action === 'rollBack'
      ? say`Nothing to do: nothing of run ${rolledBack} is there.`
      : say`Nothing to do: every file is as it was before run ${rolledBack}.`;
  }
  const would = dryRun ? 'would be' : 'was';
  const changed = targets.filter(({ how }) => how !== 'untouched').length + files.filter(isChanged).length;
  const rows = targets.flatMap(({ removed }) => removed).reduce((sum, { rows: count }) => sum + count, 0);
  const kept = countKept(report);
  const what =
    action === 'rollBack'
      ? say`Run ${rolledBack} ${words(`${would} rolled back`)}`
      : say`The backup of run ${rolledBack} ${words(`${would} restored`)}`;
  const taken = rows === 0 ? '' : `, ${formatCount(rows, 'row')} taken out`;
  const stays =
    kept === 0
      ? '.'
      : `; ${formatCount(kept, 'thing')} of it could not be taken back and ${kept === 1 ? 'stays' : 'stay'}.`;
  return [...what, ...words(`: ${formatCount(changed, 'file')} changed${taken}${stays}`)];
}

function isChanged({ how }: UndoneFile): boolean {
  return how === 'restored' || how === 'removed';
}

const hows: Readonly<Record<UndoneTarget['how'], string>> = {
  restored: 'restored as it was',
  rowsRemoved: 'rows of the run taken out',
  untouched: 'untouched',
};

function withSidecar(sidecar: UndoneTarget['sidecar']): string {
  if (sidecar === null) return '';
  return sidecar === '-wal' ? ', with its write-ahead log' : ', with its hot journal';
}

function databases({ targets }: UndoReport): RootContent[] {
  if (targets.length === 0) return [];
  return [
    heading(2, words('Databases')),
    table(
      ['Database', 'What happened', 'SHA-256 before', 'SHA-256 after'],
      targets.map(({ database, how, sidecar, sha256Before, sha256After }) => [
        code(database),
        words(hows[how] + withSidecar(sidecar)),
        code(sha256Before),
        code(sha256After),
      ]),
    ),
    ...targets.flatMap(taken),
  ];
}

function taken({ database, removed, dropped }: UndoneTarget): RootContent[] {
  if (removed.length + dropped.length === 0) return [];
  return [
    paragraph(say`Taken out of ${database}:`),
    list([
      ...removed.map(({ table: name, rows }) => say`${words(formatCount(rows, 'row'))} of ${name}`),
      ...dropped.map((name) => say`${name} itself, which the run had made`),
    ]),
  ];
}

const fileWords: Readonly<Record<UndoneFile['how'], string>> = {
  restored: 'restored as it was',
  removed: 'removed: the run had made it',
  kept: 'left as it is',
  untouched: 'untouched',
};

function configuration({ files }: UndoReport): RootContent[] {
  if (files.length === 0) return [];
  return [
    heading(2, words('Other Files')),
    table(
      ['File', 'What happened'],
      files.map(({ file, how, reason }) => [
        code(file),
        reason === null ? words(fileWords[how]) : say`${words(fileWords[how])}: ${message(reason)}`,
      ]),
    ),
  ];
}

/** Lines that are printed; `report.json` has more. */
const printed = 50;

function left({ targets }: UndoReport): RootContent[] {
  const all = targets.filter(({ keptCount }) => keptCount > 0);
  if (all.length === 0) return [];
  return [heading(2, words('What Stays')), ...all.flatMap(leftIn)];
}

function leftIn({ database, kept, keptCount }: UndoneTarget): RootContent[] {
  const shown = kept.slice(0, printed);
  const more = keptCount - shown.length;
  return [
    paragraph(say`In ${database}, ${words(formatCount(keptCount, 'thing'))} of the run could not be taken back:`),
    table(
      ['Table', 'Key', 'Why'],
      shown.map(({ table: name, key, reason }: KeptReport) => [
        code(name),
        key === null ? words('—') : literal(key),
        message(reason),
      ]),
    ),
    ...(more > 0 ? [paragraph(words(`And ${formatCount(more, 'other')}.`))] : []),
  ];
}

function warnings(report: UndoReport): RootContent[] {
  if (report.warnings.length === 0) return [];
  return [heading(2, words('Warnings')), list(report.warnings.map((entry) => message(entry.message)))];
}

function next({ backup, outcome, action, dryRun }: UndoReport): RootContent[] {
  if (dryRun || outcome !== 'committed' || backup === null) return [];
  const again = action === 'rollBack' ? words(' A migration brings the rows in again, once.') : [];
  return [
    heading(2, words('Next Steps')),
    paragraph([
      ...say`The files as they were before this are in ${backup}, with their hashes in its manifest.`,
      ...again,
    ]),
  ];
}

/** A few lines for terminals. */
export function undoSummary(report: UndoReport): readonly string[] {
  const { targets, files, warnings: warned, backup, outcome } = report;
  return [
    undoHeadline(report),
    ...targets.map(
      (target) => `  ${target.database}: ${hows[target.how]}${withSidecar(target.sidecar)}${countsOf(target)}`,
    ),
    ...files.map(({ file, how, reason }) => `  ${file}: ${fileWords[how]}${reason === null ? '' : ` (${reason})`}`),
    ...targets.flatMap(({ database, kept }) =>
      kept
        .slice(0, 5)
        .map(
          ({ table: name, key, reason }) => `  stays in ${database}: ${[name, key ?? []].flat().join(' ')}: ${reason}`,
        ),
    ),
    ...warned.map((entry) => `  warning: ${entry.message}`),
    ...(outcome === 'committed' && backup !== null ? [`  The files as they were before this: ${backup}`] : []),
  ];
}

function countsOf({ removed, keptCount }: UndoneTarget): string {
  const rows = removed.reduce((sum, { rows: count }) => sum + count, 0);
  const gone = rows === 0 ? '' : `, ${formatCount(rows, 'row')} of ${formatCount(removed.length, 'table')}`;
  return keptCount === 0 ? gone : `${gone}, ${formatCount(keptCount, 'thing')} stay${keptCount === 1 ? 's' : ''}`;
}
