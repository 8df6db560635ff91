/**
 * Rollback Plan: the command that takes the run back, what it will do, and the copies that it will do it with.
 *
 * By hand is described, not scripted: the command checks every hash, asks who has a file open, and replaces all files or
 * none; a script that did as much would be longer than the report.
 */
import type { RootContent } from 'mdast';
import { dataFlag, isInterrupted, writtenConfigFiles } from './facts';
import { formatCount } from './format';
import { reportFiles, type RunReport, type TargetReport } from './model';
import { fence, heading, join, list, paragraph, say, words, type Inline } from './nodes';
import { quotePosix } from './shell-quote';

export function rollbackPlan(report: RunReport): RootContent[] {
  return [heading(2, words('Rollback Plan')), ...plan(report)];
}

function plan(report: RunReport): RootContent[] {
  if (isInterrupted(report)) {
    return [
      paragraph(
        say`The publication was interrupted: do not copy files by hand. ${report.backup === null ? reportFiles.manifest : `${report.backup}/${reportFiles.manifest}`} holds the state of every file, and the next run completes or explains it.`,
      ),
    ];
  }
  if (report.mode !== 'migrate' || report.outcome !== 'committed' || report.backup === null) {
    return [paragraph(words('Nothing to roll back: the run changed no database and no configuration file.'))];
  }
  const { restores, removals, without } = collect(report, report.backup);
  return [
    paragraph(
      say`Stop every program that uses these files. In VS Code, run ${words('“Jarvis: Roll Back Last Migration”')} from the command palette; or in a terminal, in the workspace folder ${report.workspace}:`,
    ),
    fence('sh', [rollbackCommand(report)]),
    paragraph(
      words(
        'Every copy is checked by its hash before a file is touched. A file that is byte for byte as this run left it gets its bytes of before; from a database that changed since, exactly the rows of this run are taken out, as far as they are unchanged, and what stays is listed. With --dry-run it says what would happen, and writes nothing.',
      ),
    ),
    ...rehearsed(report.targets),
    ...listed(restores, (count) => `${formatCount(count, 'file')} to be restored, with the copy of each:`),
    ...listed(removals, (count) => `${formatCount(count, 'file')} to be removed, not there before the run:`),
    ...listed(without, () => 'The backup holds no copy of these files, so they cannot be restored:'),
  ];
}

/** The command that takes the run back. */
export function rollbackCommand({ run, dataFolder }: Pick<RunReport, 'run' | 'dataFolder'>): string {
  return `jarvis-db rollback ${quotePosix(run)}${dataFlag({ dataFolder })}`;
}

/** What was tried of it already. */
function rehearsed(targets: readonly TargetReport[]): RootContent[] {
  const changed = targets.filter(({ sha256Before, sha256After }) => sha256Before !== sha256After);
  const of = (check: TargetReport['undone']): readonly Inline[] =>
    changed.filter(({ undone }) => undone === check).map(({ database }) => say`${database}`);
  const lines: Inline[] = [];
  const [passed, failed, notRun] = [of('passed'), of('failed'), of('notRun')];
  if (passed.length > 0)
    lines.push(
      say`Tried in memory, before this run was published, on ${join(passed)}: its rows taken out again left every table as it was.`,
    );
  if (failed.length > 0)
    lines.push(
      say`Tried in memory on ${join(failed)}: not every table was as before. Restoring the copies is not affected.`,
    );
  if (notRun.length > 0)
    lines.push(
      say`Not tried in memory on ${join(notRun)}, which a dry run does: the copies, verified by hash, are the way back.`,
    );
  return lines.length === 0 ? [] : [list(lines)];
}

function listed(items: readonly Inline[], title: (count: number) => string): RootContent[] {
  return items.length === 0 ? [] : [paragraph(words(title(items.length))), list(items)];
}

interface Changes {
  readonly restores: readonly Inline[];
  /** Configuration files that the run made: they go. */
  readonly removals: readonly Inline[];
  readonly without: readonly Inline[];
}

function collect(report: RunReport, backup: string): Changes {
  const copies = new Map(report.backedUp.map((file) => [file.path, file.sha256]));
  const restores: Inline[] = [];
  const without: Inline[] = [];
  const restore = (path: string): boolean => {
    const sha256 = copies.get(path);
    if (sha256 !== undefined) restores.push(say`${path} from ${`${backup}/${copyOf(path)}`}, SHA-256 ${sha256}`);
    return sha256 !== undefined;
  };
  for (const { database, sha256Before, sha256After } of report.targets) {
    if (sha256Before === sha256After) continue;
    if (!restore(database)) without.push(say`${database}`);
    // The state before the run may have been spread over a sidecar; `-shm` holds nothing and is never kept.
    for (const suffix of ['-wal', '-journal']) restore(database + suffix);
  }
  const written = writtenConfigFiles(report);
  for (const { file, isNew } of written) if (!isNew && !restore(file)) without.push(say`${file}`);
  const removals = written.filter(({ isNew }) => isNew).map(({ file }) => say`${file}`);
  return { restores, removals, without };
}

/** Where `storage/backup.ts` puts the copy of a file, below the run's folder. */
function copyOf(path: string): string {
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) {
    return `outside/${path.replace(/^\/+/, '').replaceAll(':', '')}`;
  }
  const own: readonly string[] = Object.values(reportFiles).map((name) => name.toLowerCase());
  return own.includes(path.toLowerCase()) ? `workspace/${path}` : path;
}
