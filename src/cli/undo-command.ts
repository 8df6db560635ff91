/** `jarvis-db rollback`, `jarvis-db restore-backup` and `jarvis-db backups`. */
import { describeError } from '../core/errors';
import { visible } from '../core/report/display';
import { formatCount, formatSize } from '../core/report/format';
import { damagedCopies, type BackupList, type BackupReport } from '../core/undo/backup-list';
import type { UndoReport } from '../core/undo/report';
import type { Place } from '../engine/protocol';
import type { Backups, RestoreBackup, Rollback } from './command';
import { errorWords } from './error-words';
import { exitCodes } from './exit-codes';
import { findPlace, type NoPlace, type Whereabouts } from './place';
import type { CliPorts } from './ports';

type UndoCommand = Rollback | RestoreBackup | Backups;

export async function undo(ports: CliPorts, command: UndoCommand, where: Whereabouts): Promise<number> {
  const place = await findPlace(ports, where);
  if ('problem' in place) return fail(ports, command, place);
  try {
    if (command.name === 'backups') return await listAll(ports, command, place);
    const { dryRun, applicationStopped, openAnyway } = command;
    const params = { ...place, dryRun, applicationStopped, openAnyway };
    const { handlers, events } = ports;
    const { report, summary } =
      command.name === 'rollback'
        ? await handlers['undo.rollBack']({ ...params, run: command.run }, events)
        : await handlers['backups.restore']({ ...params, run: command.run, file: command.file }, events);
    if (command.json) ports.stdout(`${JSON.stringify(report, null, 2)}\n`);
    (command.json ? ports.stderr : ports.stdout)(visibleLines(summary));
    return exitCodeOf(report);
  } catch (error) {
    return fail(ports, command, { workspace: place.workspace, problem: describeError(error) });
  }
}

/** With `--json` a failure is one document too. */
function fail({ stdout, stderr }: CliPorts, { json }: UndoCommand, { workspace, problem: error }: NoPlace): number {
  if (json) stdout(`${JSON.stringify({ format: 1, workspace, error }, null, 2)}\n`);
  stderr(errorWords(error));
  return exitCodes.refused;
}

function exitCodeOf({ error, outcome }: UndoReport): number {
  if (error === null) return exitCodes.done;
  if (error.code === 'run-unknown') return exitCodes.badUsage;
  if (error.code === 'validation-failed' || error.code === 'cancelled' || outcome === 'committed')
    return exitCodes.checkFailed;
  return exitCodes.refused;
}

async function listAll(
  { handlers, events, stdout }: CliPorts,
  { json, verify }: Backups,
  place: Place,
): Promise<number> {
  const list = await handlers['backups.list']({ ...place, verify }, events);
  stdout(json ? `${JSON.stringify(list, null, 2)}\n` : visibleLines(formatBackups(list)));
  return damagedCopies(list).length === 0 ? exitCodes.done : exitCodes.checkFailed;
}

function formatBackups(list: BackupList): readonly string[] {
  const { backups, withoutManifest } = list;
  return [
    ...(backups.length === 0 ? ['There are no backups.'] : []),
    ...backups.flatMap((backup) => [
      `${backup.run}  ${stateWords(backup)}, ${formatCount(backup.files.length, 'file')}, ${formatSize(backup.size)}`,
      ...backup.files.map(
        ({ path, size, state }) => `  ${path}  ${formatSize(size)}${state === null ? '' : `  ${state}`}`,
      ),
    ]),
    // Most are of runs that were refused; a backup that lost its manifest is among them all the same.
    ...withoutManifest.map((run) => `${run}  no manifest.json: no copies that could be restored`),
  ];
}

function stateWords({ state, other }: BackupReport): string {
  const run = other ?? '';
  switch (state) {
    case 'copies':
      return 'copies only';
    case 'published':
      return 'migrated';
    case 'rolledBack':
      return `rolled back by ${run}`;
    case 'pending':
      return 'cut off while publishing: the next run completes it';
    case 'withdrawn':
      return 'withdrawn, nothing was published';
    case 'rollback':
      return `rollback of ${run}`;
    case 'restore':
      return `restored the backup of ${run}`;
  }
}

function visibleLines(lines: readonly string[]): string {
  return `${lines.map((line) => visible(line)).join('\n')}\n`;
}
