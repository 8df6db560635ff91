/** `jarvis-db archive` and `jarvis-db restore`: what they print, and what they end with. */
import { describeError, type CoreErrorCode, type CoreErrorData } from '../core/errors';
import type { ArchivePlan, ArchiveResult, RestoreResult } from '../core/archive/model';
import { showPlain, visible } from '../core/report/display';
import { formatCount, formatSize } from '../core/report/format';
import type { Archive, Restore } from './command';
import { exitCodes } from './exit-codes';
import { findPlace, findPlanFile, type Whereabouts } from './place';
import type { CliPorts } from './ports';

/** What `archive --json` prints. */
export interface ArchiveDocument extends ArchiveResult {
  readonly format: 1;
  readonly dryRun: boolean;
  readonly error: CoreErrorData | null;
}

/** What `restore --json` prints. */
export interface RestoreDocument extends Omit<RestoreResult, 'archive'> {
  readonly format: 1;
  readonly archive: string | null;
  readonly error: CoreErrorData | null;
}

export async function archive(
  ports: CliPorts,
  { dryRun, json, plan, applicationStopped, openAnyway }: Archive,
  where: Whereabouts,
): Promise<number> {
  const { handlers, events, stdout, stderr } = ports;
  const planFile = await findPlanFile(ports, where, plan);
  const found = await findPlace(ports, where);
  const nothing = { archive: null, complete: [], refused: [], warnings: [] };
  let document: ArchiveDocument;
  if ('problem' in found) document = { format: 1, dryRun, ...nothing, error: found.problem };
  else {
    const params = { ...found, planFile, rateLimits: where.settings.rateLimits ?? 'file', openAnyway } as const;
    try {
      const result = dryRun
        ? { archive: null, ...(await handlers['archive.plan'](params, events)) }
        : await handlers['archive.run']({ ...params, applicationStopped }, events);
      document = { format: 1, dryRun, ...result, error: null };
    } catch (error) {
      document = { format: 1, dryRun, ...nothing, error: describeError(error) };
    }
  }
  if (json) stdout(`${JSON.stringify(document, null, 2)}\n`);
  (json ? stderr : stdout)(formatArchive(document));
  return exitCodeOf(document);
}

export async function restore(ports: CliPorts, { json, archive }: Restore, where: Whereabouts): Promise<number> {
  const { handlers, events, stdout, stderr } = ports;
  const found = await findPlace(ports, where);
  const nothing = { archive, restored: [], present: [], warnings: [] };
  let document: RestoreDocument;
  if ('problem' in found) document = { format: 1, ...nothing, error: found.problem };
  else {
    try {
      document = { format: 1, ...(await handlers['archive.restore']({ ...found, archive }, events)), error: null };
    } catch (error) {
      document = { format: 1, ...nothing, error: describeError(error) };
    }
  }
  if (json) stdout(`${JSON.stringify(document, null, 2)}\n`);
  (json ? stderr : stdout)(formatRestore(document));
  return document.error === null ? exitCodes.done : exitCodeOfFailure(document.error.code);
}

/** Databases that stay because rows would be left behind fail the command only where nothing else was to be done. */
function exitCodeOf({ complete, refused, error }: ArchiveDocument): number {
  if (error !== null) return exitCodeOfFailure(error.code);
  return complete.length === 0 && refused.length > 0 ? exitCodes.checkFailed : exitCodes.done;
}

/** Where something was touched, or nobody knows what happened, it was no refusal. */
function exitCodeOfFailure(code: CoreErrorCode): number {
  const failures: readonly CoreErrorCode[] = ['archive-failed', 'cancelled', 'internal', 'sql-failed', 'engine-died'];
  return failures.includes(code) ? exitCodes.checkFailed : exitCodes.refused;
}

function formatArchive({ dryRun, archive, complete, refused, warnings, error }: ArchiveDocument): string {
  const lines: string[] = [];
  const databases = formatCount(complete.length, 'database');
  if (error !== null) lines.push(...formatError(error));
  else if (complete.length > 0)
    lines.push(dryRun ? `Would archive ${databases}:` : `Archived ${databases} to ${showPlain(archive ?? '')}:`);
  else lines.push('Nothing to archive.');
  for (const { database, rows, files } of complete) {
    const size = files.reduce((sum, file) => sum + file.size, 0);
    lines.push(`  ${showPlain(database)}  ${formatCount(rows, 'row')}, ${formatSize(size)}`);
  }
  if (refused.length > 0) lines.push(...formatRefused(refused));
  lines.push(...warnings.map(({ message }) => `! ${visible(message)}`));
  if (archive !== null) lines.push(`To undo: jarvis-db restore ${archive.slice(archive.lastIndexOf('/') + 1)}`);
  return `${lines.join('\n')}\n`;
}

function formatRefused(refused: ArchivePlan['refused']): readonly string[] {
  return [
    `Not archived, rows would be left behind: ${formatCount(refused.length, 'database')}`,
    ...refused.flatMap(({ database, reasons }) => [
      `  ✗ ${showPlain(database)}`,
      ...reasons.map((reason) => `      ${visible(reason)}`),
    ]),
  ];
}

function formatRestore({ archive, restored, present, warnings, error }: RestoreDocument): string {
  const lines: string[] = [];
  if (error !== null) lines.push(...formatError(error));
  else if (restored.length === 0) lines.push(`Nothing to restore: all of ${archive ?? ''} is there already.`);
  else {
    lines.push(`Restored ${formatCount(restored.length, 'database')} from ${archive ?? ''}; the archive stays:`);
    lines.push(...restored.map((database) => `  ${showPlain(database)}`));
    if (present.length > 0) lines.push(`There already: ${present.map(showPlain).join(', ')}`);
    lines.push('What was migrated stays migrated: the next run finds these rows and adds none twice.');
  }
  lines.push(...warnings.map(({ message }) => `! ${visible(message)}`));
  return `${lines.join('\n')}\n`;
}

function formatError({ message, hint }: CoreErrorData): readonly string[] {
  return [`✗ ${visible(message)}`, ...(hint === null ? [] : [visible(hint)])];
}
