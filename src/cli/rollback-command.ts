/** `jarvis-db rollback`, `jarvis-db restore-backup` and `jarvis-db backups`. */
import { describeError, type CoreErrorData } from '../core/errors';
import { visible } from '../core/report/display';
import { formatCount, formatSize } from '../core/report/format';
import { damagedCopies, type BackupList, type BackupReport } from '../core/undo/backup-list';
import type { UndoReport } from '../core/undo/report';
import type { Place } from '../engine/protocol';
import type { EngineHandlers, HandlerEvents } from '../engine/server';
import type { Command } from './arguments';
import { exitCodes } from './exit-codes';

export interface UndoCommandPorts {
  readonly handlers: EngineHandlers;
  readonly events: HandlerEvents;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly clearProgress: () => void;
}

type UndoCommand = Extract<Command, { readonly name: 'rollback' | 'restore-backup' | 'backups' }>;

export async function undoCommand(
  ports: UndoCommandPorts,
  command: UndoCommand,
  found: Place | { readonly workspace: string; readonly problem: CoreErrorData },
): Promise<number> {
  if ('problem' in found) return fail(ports, command, found.workspace, found.problem);
  const place: Place = { workspace: found.workspace, dataFolder: found.dataFolder };
  try {
    if (command.name === 'backups') return await listAll(ports, command, place);
    const { dryRun, applicationStopped, openAnyway, run } = command;
    const params = { ...place, dryRun, applicationStopped, openAnyway };
    const { handlers, events } = ports;
    const { report, summary } =
      command.name === 'rollback'
        ? await handlers['undo.rollBack']({ ...params, run }, events)
        : await handlers['backups.restore']({ ...params, run: command.run, file: command.file }, events);
    ports.clearProgress();
    if (command.json) ports.stdout(`${JSON.stringify(report, null, 2)}\n`);
    (command.json ? ports.stderr : ports.stdout)(visibleLines(summary));
    return exitCodeOf(report);
  } catch (error) {
    return fail(ports, command, place.workspace, describeError(error));
  }
}

/** With `--json` a failure is one document too. */
function fail(
  { stdout, stderr, clearProgress }: UndoCommandPorts,
  { json }: UndoCommand,
  workspace: string,
  error: CoreErrorData,
): number {
  clearProgress();
  if (json) stdout(`${JSON.stringify({ format: 1, workspace, error }, null, 2)}\n`);
  stderr(visibleLines([`jarvis-db: ${error.message}`, ...(error.hint === null ? [] : [error.hint])]));
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
  { handlers, events, stdout, clearProgress }: UndoCommandPorts,
  { json, verify }: Extract<UndoCommand, { readonly name: 'backups' }>,
  place: Place,
): Promise<number> {
  const list = await handlers['backups.list']({ ...place, verify }, events);
  clearProgress();
  stdout(json ? `${JSON.stringify(list, null, 2)}\n` : visibleLines(formatBackups(list)));
  return damagedCopies(list).length === 0 ? exitCodes.done : exitCodes.checkFailed;
}

function formatBackups(list: BackupList): readonly string[] {
  if (list.backups.length === 0) return ['There are no backups.'];
  return list.backups.flatMap((backup) => [
    `${backup.run}  ${stateWords(backup)}, ${formatCount(backup.files.length, 'file')}, ${formatSize(backup.size)}`,
    ...backup.files.map(
      ({ path, size, state }) => `  ${path}  ${formatSize(size)}${state === null ? '' : `  ${state}`}`,
    ),
  ]);
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
