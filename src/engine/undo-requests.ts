/** The requests that take something back, and those about backups. */
import { listBackups } from '../core/undo/backups';
import { readReportStanding } from '../core/undo/report-standing';
import { restoreBackup } from '../core/undo/restore-backup';
import { rollBack } from '../core/undo/roll-back';
import type { UndoRequest } from '../core/undo/undo';
import type { HandlerPorts } from './handler-ports';
import { runPorts } from './run-ports';
import type { UndoParams } from './protocol';
import type { EngineHandlers } from './server';

type UndoHandlers = Pick<EngineHandlers, 'undo.rollBack' | 'backups.list' | 'backups.restore' | 'report.standing'>;

export function createUndoHandlers(ports: HandlerPorts): UndoHandlers {
  return {
    'undo.rollBack': async (params, events) => rollBack(requestOf(params), await runPorts(ports, events)),

    'backups.list': (params) => listBackups(ports.files, params, params.verify),

    'report.standing': (params) => readReportStanding(ports.files, params, params.run),

    'backups.restore': async (params, events) => restoreBackup(requestOf(params), await runPorts(ports, events)),
  };
}

function requestOf<P extends UndoParams>(params: P): P & Pick<UndoRequest, 'expected' | 'openAnyway'> {
  return { ...params, expected: params.expected ?? null, openAnyway: params.openAnyway ?? false };
}
