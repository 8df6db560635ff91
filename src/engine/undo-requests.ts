/** The requests that take something back, and those about backups. */
import { listBackups } from '../core/undo/backups';
import { restoreBackup } from '../core/undo/restore-backup';
import { rollBack } from '../core/undo/roll-back';
import type { HandlerPorts } from './handlers';
import { runPorts } from './run-ports';
import type { EngineHandlers } from './server';

type UndoHandlers = Pick<EngineHandlers, 'undo.rollBack' | 'backups.list' | 'backups.restore'>;

export function createUndoHandlers(ports: HandlerPorts): UndoHandlers {
  return {
    'undo.rollBack': async (params, events) =>
      rollBack({ ...params, expected: params.expected ?? null }, await runPorts(ports, events)),

    'backups.list': (params) => listBackups(ports.files, params, params.verify),

    'backups.restore': async (params, events) =>
      restoreBackup({ ...params, expected: params.expected ?? null }, await runPorts(ports, events)),
  };
}
