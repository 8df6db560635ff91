/** Putting the files of a backup back: all of them or one, in one publication, with a backup of what is there now. */
import { CoreError, type CoreErrorCode } from '../errors';
import type { RunPorts } from '../migration/ports';
import type { ManifestFile } from '../storage/manifest';
import { readPlainFile } from '../storage/plain-file';
import type { Publishable } from '../storage/staging';
import { assertCopiesIntact, databasesOf, readCopiedDatabase, readCopiedFile } from './copies';
import { assertFitsForUndo } from './memory-forecast';
import { findRun, type PastRun } from './past-runs';
import type { UndoneFile, UndoneTarget } from './report';
import { isAsBefore, restore } from './restored-image';
import { undo, type FinishedUndo, type UndoContext, type UndoPlan, type UndoRequest } from './undo';

export interface RestoreRequest extends UndoRequest {
  readonly run: string;
  /** One file of the backup, as its manifest names it; null for all of them. */
  readonly file: string | null;
}

export function restoreBackup(request: RestoreRequest, ports: RunPorts): Promise<FinishedUndo> {
  return undo('restore', request, ports, (context) => new Restore(context).decide(request.run, request.file));
}

class Restore {
  private readonly targets: UndoneTarget[] = [];
  private readonly files: UndoneFile[] = [];
  private readonly successors: Publishable[] = [];

  constructor(private readonly context: UndoContext) {}

  async decide(named: string, only: string | null): Promise<UndoPlan> {
    const run = findRun(this.context.runs, named);
    const databases = databasesOf(run);
    const copied = [...databases, ...run.manifest.files.filter(({ kind }) => kind === 'file')].filter(
      ({ copy }) => copy !== null,
    );
    const chosen = only === null ? copied : copied.filter(({ path }) => path === only);
    if (chosen.length === 0) throw nothingOfIt(named, only, copied);
    await assertFitsForUndo(this.context.ports, run, chosen, this.context.request);
    await assertCopiesIntact(this.context.ports.files, run);
    for (const file of chosen)
      await (file.kind === 'file' ? this.restoreFile(run, file) : this.restoreDatabase(run, file));
    const { successors, targets, files } = this;
    return { run: named, successors, removals: [], targets, files };
  }

  private async restoreDatabase(run: PastRun, file: ManifestFile): Promise<void> {
    const { files } = this.context.ports;
    const now = await this.context.readNow(file.path).catch((error: unknown) => {
      throw inTheWay(error);
    });
    const restored = await restore(files, await readCopiedDatabase(files, run, file), now);
    const { image, sha256, companion, note } = restored;
    if (note !== null) this.context.warn('log-applied', note);
    if (now === null) {
      await this.bringBack(file, image, sha256);
      return;
    }
    const isSame = isAsBefore(now, restored);
    if (!isSame) this.successors.push({ snapshot: now, image, sha256, ...(companion === null ? {} : { companion }) });
    this.targets.push({
      database: file.path,
      how: isSame ? 'untouched' : 'restored',
      sidecar: isSame ? null : (companion?.suffix ?? null),
      sha256Before: now.sha256,
      sha256After: sha256,
      removed: [],
      dropped: [],
      kept: [],
      keptCount: 0,
    });
  }

  /** A database that is gone: nothing is replaced, so it comes back as a file that is new. */
  private async bringBack(file: ManifestFile, bytes: Uint8Array, sha256: string): Promise<void> {
    const { request, dataFolder, ports } = this.context;
    if (!/\.(db|sqlite3?)$/i.test(file.path)) {
      throw new CoreError(
        'target-missing',
        `${file.path} is not there, and only files that end in .db or .sqlite are made anew.`,
        {
          path: file.path,
          hint: `Copy it back by hand: its copy in the backup is ${file.copy ?? ''}.`,
        },
      );
    }
    const plain = await readPlainFile(ports.files, request.workspace, dataFolder, file.path);
    for (const suffix of ['-wal', '-journal']) {
      if (((await ports.files.stat(plain.path + suffix))?.size ?? 0) === 0) continue;
      throw new CoreError('wal-live', `${file.path} is gone, and ${file.path}${suffix} is still there.`, {
        path: file.path + suffix,
        hint: 'SQLite would take it for a part of the restored database. Move it away, then try again.',
      });
    }
    this.successors.push({ kind: 'file', ...plain, bytes, sha256 });
    this.files.push({ file: file.path, how: 'restored', reason: 'it was gone' });
  }

  private async restoreFile(run: PastRun, file: ManifestFile): Promise<void> {
    const { request, dataFolder, ports } = this.context;
    const plain = await readPlainFile(ports.files, request.workspace, dataFolder, file.path);
    const bytes = await readCopiedFile(ports.files, run, file);
    const sha256 = file.sha256Before ?? '';
    const isSame = plain.before?.sha256 === sha256;
    if (!isSame) this.successors.push({ kind: 'file', ...plain, bytes, sha256 });
    this.files.push({ file: file.path, how: isSame ? 'untouched' : 'restored', reason: null });
  }
}

const unusable: readonly CoreErrorCode[] = ['empty-file', 'not-sqlite', 'damaged', 'wal-live', 'journal-hot'];

/** What stands there is no database any more, and so cannot be backed up: the way that is left goes around it. */
function inTheWay(error: unknown): unknown {
  if (!(error instanceof CoreError) || !unusable.includes(error.code)) return error;
  const { code, message, path } = error;
  const hint = `Move ${path ?? 'the file'} away, with -wal and -journal beside it, then restore again: the copy takes its place.`;
  return new CoreError(code, message, { path, hint, cause: error });
}

function nothingOfIt(run: string, only: string | null, copied: readonly ManifestFile[]): CoreError {
  const names = copied.map(({ path }) => path).join(', ');
  return only === null
    ? new CoreError('run-unknown', `The backup of run ${run} holds no copies.`, { path: run })
    : new CoreError('run-unknown', `The backup of run ${run} holds no copy of ${only}.`, {
        path: only,
        hint: `It holds: ${names}.`,
      });
}
