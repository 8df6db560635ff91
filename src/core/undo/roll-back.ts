/**
 * Rolling a run back: targets that are byte for byte what it left get their bytes of before; from any other exactly the
 * rows of the run are taken, as far as they are unchanged. It never guesses: what cannot be told is refused.
 */
import { findArchived } from '../archive/archive-manifest';
import { CoreError } from '../errors';
import type { RunPorts } from '../migration/ports';
import type { SqliteConnection } from '../sqlite/engine';
import { succeedHeader } from '../sqlite/header';
import { sha256 } from '../storage/hash';
import type { ManifestFile } from '../storage/manifest';
import { fromWorkspace } from '../storage/paths';
import { readPlainFile, type PlainFile } from '../storage/plain-file';
import type { FileSuccessor, Successor } from '../storage/staging';
import type { Snapshot } from '../storage/snapshot';
import { assertCopiesIntact, readCopiedDatabase, readCopiedFile } from './copies';
import { assertLast, assertNotMissing } from './last-run';
import { rolledBackBeneath, takeLeftovers } from './leftovers';
import { assertFitsForUndo, assertFitsRecomputing } from './memory-forecast';
import { chooseRun, laterWriters } from './choose-run';
import { proveRemoval } from './prove-removal';
import type { PastRun } from './past-runs';
import { plannedReferences } from './planned-references';
import { recompute, type Recomputed } from './recompute';
import { removeRun, type Removal } from './remove-run';
import type { UndoneFile, UndoneTarget } from './report';
import { isAsBefore, restore } from './restored-image';
import { undo, type FinishedUndo, type UndoContext, type UndoPlan, type UndoRequest } from './undo';

export interface RollBackRequest extends UndoRequest {
  /** The run; null for the last one that is in force. */
  readonly run: string | null;
}

export function rollBack(request: RollBackRequest, ports: RunPorts): Promise<FinishedUndo> {
  return undo('rollBack', request, ports, (context) => new RollBack(context).decide(request.run));
}

function nothingLeft(run: string | null): UndoPlan {
  return { run, successors: [], removals: [], targets: [], files: [] };
}

class RollBack {
  private readonly targets: UndoneTarget[] = [];
  private readonly files: UndoneFile[] = [];
  private readonly successors: Successor[] = [];
  private readonly fileSuccessors: FileSuccessor[] = [];
  private readonly removals: PlainFile[] = [];

  constructor(private readonly context: UndoContext) {}

  async decide(named: string | null): Promise<UndoPlan> {
    const { runs, ports, completed } = this.context;
    // Asked again after it was cut off, it is done: the run before was not meant.
    const done = completed.find((run) => named === null || named === run);
    if (done !== undefined) return nothingLeft(done);
    if (named !== null) await assertNotMissing(this.context, named);
    const run = chooseRun(runs, named);
    if (named === null) await assertLast(this.context, run);
    if (run === null) return nothingLeft(null);
    const written = run.manifest.files.filter(({ sha256After }) => sha256After !== null);
    await assertFitsForUndo(ports, run, written, this.context.request);
    await assertCopiesIntact(ports.files, run);
    const changed: { readonly file: ManifestFile; readonly now: Snapshot }[] = [];
    for (const file of run.manifest.files) {
      if (file.sha256After === null) continue;
      if (file.kind === 'file') {
        await this.undoFile(run, file);
        continue;
      }
      const now = await this.context.readNow(file.path);
      if (now === null) throw targetMissing(file.path);
      if (isAlone(now) && now.sha256 === file.sha256After) await this.restore(run, file, now);
      else if (await this.isAsBefore(run, file, now)) this.leave(now);
      else changed.push({ file, now });
    }
    if (changed.length > 0) {
      await ports.onProgress('apply', `Computing once more what run ${run.run} did`);
      await assertFitsRecomputing(ports, run, this.context.request);
      const recomputed = await recompute(ports, run, new Set(changed.map(({ file }) => file.path)));
      for (const { file, now } of changed) await this.removeRows(run, file, now, recomputed);
    }
    this.assertSomething(run);
    await this.tellArchived(run);
    const { targets, files, removals } = this;
    return { run: run.run, successors: [...this.successors, ...this.fileSuccessors], removals, targets, files };
  }

  /** Without this, nobody would look for the rows in the archive: a migration leaves out what is not there. */
  private async tellArchived({ run, manifest }: PastRun): Promise<void> {
    const { ports, request, dataFolder, warn } = this.context;
    const archived = await findArchived(ports.files, dataFolder);
    const missing = new Map<string, string[]>();
    for (const { path, kind, sha256After } of manifest.files) {
      const archive = archived.get(path);
      if (archive === undefined || kind === 'file' || sha256After !== null) continue;
      if ((await ports.files.stat(fromWorkspace(request.workspace, path))) !== null) continue;
      missing.set(archive, [...(missing.get(archive) ?? []), path]);
    }
    for (const [archive, paths] of missing) {
      const words = `In the archive ${archive}: ${paths.join(', ')}. Rolled back, what run ${run} brought from there is in no database any more; to migrate it again: jarvis-db restore ${archive}`;
      warn('legacy-archived', words);
    }
  }

  /** Nothing of the run is there: it was put back, byte for byte. */
  private async isAsBefore(run: PastRun, file: ManifestFile, now: Snapshot): Promise<boolean> {
    if (now.sha256 !== file.sha256Before) return false;
    if (isAlone(now)) return true;
    const { files } = this.context.ports;
    return isAsBefore(now, await restore(files, await readCopiedDatabase(files, run, file), now));
  }

  private leave(now: Snapshot, kept: Pick<Removal, 'kept' | 'keptCount'> = { kept: [], keptCount: 0 }): void {
    this.targets.push({
      database: now.database,
      how: 'untouched',
      sidecar: null,
      sha256Before: now.sha256,
      sha256After: now.sha256,
      removed: [],
      dropped: [],
      ...kept,
    });
  }

  private async restore(run: PastRun, file: ManifestFile, now: Snapshot): Promise<void> {
    const { files } = this.context.ports;
    const { companion, note, ...main } = await restore(files, await readCopiedDatabase(files, run, file), now);
    if (note !== null) this.context.warn('log-applied', note);
    this.successors.push({ snapshot: now, ...main, ...(companion === null ? {} : { companion }) });
    this.targets.push({
      database: now.database,
      how: 'restored',
      sidecar: companion?.suffix ?? null,
      sha256Before: now.sha256,
      sha256After: main.sha256,
      removed: [],
      dropped: [],
      kept: [],
      keptCount: 0,
    });
  }

  private async undoFile(run: PastRun, file: ManifestFile): Promise<void> {
    const { request, dataFolder, ports } = this.context;
    const plain = await readPlainFile(ports.files, request.workspace, dataFolder, file.path);
    const now = plain.before?.sha256 ?? null;
    const tell = (how: UndoneFile['how'], reason: string | null = null): void => {
      this.files.push({ file: file.path, how, reason });
    };
    if (now === file.sha256Before) tell('untouched');
    else if (now !== file.sha256After) tell('kept', 'changed since the run');
    else {
      const last = this.lastBefore(run, file);
      if (last.file.sha256Before === null) {
        this.removals.push(plain);
        tell('removed');
        return;
      }
      const bytes = await readCopiedFile(ports.files, last.run, last.file);
      this.fileSuccessors.push({ kind: 'file', ...plain, bytes, sha256: last.file.sha256Before });
      tell('restored');
    }
  }

  /** What stood there before the run may be what an earlier one had made, which was rolled back since. */
  private lastBefore(run: PastRun, file: ManifestFile): { readonly run: PastRun; readonly file: ManifestFile } {
    let last = { run, file };
    for (const earlier of rolledBackBeneath(this.context.runs, run, file.path)) {
      const before = earlier.manifest.files.find(({ path }) => path === file.path);
      if (before?.sha256After === last.file.sha256Before) last = { run: earlier, file: before };
    }
    return last;
  }

  /** The database is not as the run left it: only the run's own rows go. */
  private async removeRows(
    run: PastRun,
    file: ManifestFile,
    now: Snapshot,
    { images, plan }: Recomputed,
  ): Promise<void> {
    const { engine, files, onProgress } = this.context.ports;
    await onProgress('apply', `Taking the rows of run ${run.run} out of ${now.database}`);
    const copy = await readCopiedDatabase(files, run, file);
    const left = images.get(file.path) ?? new Uint8Array();
    const opened: SqliteConnection[] = [];
    const open = (image: Uint8Array): SqliteConnection => {
      const connection = engine.open(image, now.database, { access: 'shared' });
      opened.push(connection);
      return connection;
    };
    try {
      const working = engine.open(now.bytes, now.database);
      opened.push(working);
      const references = plannedReferences(plan.steps, file.path);
      const before = open(copy.bytes);
      let removal = removeRun(working, before, open(left), run.run, references);
      this.refuseWhereBuiltUpon(run, file.path, removal);
      for (const table of removal.gone) {
        const words = `${table} of ${now.database} is not there any more: what became of the rows that run ${run.run} brought into it cannot be told.`;
        this.context.warn('table-gone', words);
      }
      const isUnchanged = removal.isUnknown || (isNothing(removal) && removal.keptCount > 0);
      if (isUnchanged) {
        if (removal.isUnknown)
          this.context.warn('nothing-of-the-run', `The ledger of ${now.database} has nothing of run ${run.run}.`);
        this.leave(now, removal);
        return;
      }
      removal = await takeLeftovers(this.context, run, file.path, working, removal);
      const image = working.export();
      succeedHeader(image, now.header);
      await onProgress('validate', `Proving ${now.database}`);
      const findings = proveRemoval(open(image), open(now.bytes), before, run.run, removal);
      if (findings.length > 0) {
        throw new CoreError('validation-failed', `A check failed: ${findings.slice(0, 5).join('; ')}.`, {
          path: now.database,
          hint: 'Nothing was changed. Please report it, with the report of the run.',
        });
      }
      const hash = await sha256(image);
      this.successors.push({ snapshot: now, image, sha256: hash });
      const { removed, dropped, kept, keptCount } = removal;
      this.targets.push({
        database: now.database,
        how: 'rowsRemoved',
        sidecar: null,
        sha256Before: now.sha256,
        sha256After: hash,
        removed,
        dropped,
        kept,
        keptCount,
      });
    } finally {
      for (const connection of opened) connection.close();
    }
  }

  private refuseWhereBuiltUpon(run: PastRun, database: string, { isBuiltUpon, kept }: Removal): void {
    const later = laterWriters(this.context.runs, run, database).at(-1);
    if (!isBuiltUpon || later === undefined) return;
    const [first] = kept;
    const example = first === undefined ? '' : ` (${first.table}: ${first.reason})`;
    throw new CoreError(
      'not-reversible',
      `Run ${later} built upon what run ${run.run} brought to ${database}${example}.`,
      {
        path: database,
        hint: `Roll back run ${later} first: jarvis-db rollback ${later}`,
      },
    );
  }

  /** All that is left of a run may be what must stay: then nothing was rolled back, and that is no success. */
  private assertSomething({ run }: PastRun): void {
    const isAnything = this.successors.length + this.fileSuccessors.length + this.removals.length > 0;
    const kept = this.targets.find(({ keptCount }) => keptCount > 0);
    const file = this.files.find(({ how }) => how === 'kept');
    if (isAnything || (kept === undefined && file === undefined)) return;
    const [first] = kept?.kept ?? [];
    const where = first === undefined ? (file?.file ?? '') : `${first.table} of ${kept?.database ?? ''}`;
    const why = first?.reason ?? file?.reason ?? '';
    throw new CoreError('validation-failed', `Nothing of run ${run} could be taken back: ${where}: ${why}.`, {
      path: kept?.database ?? file?.file ?? null,
      hint: 'Everything that is left of it was changed since, or is needed by other rows. Nothing was changed.',
    });
  }
}

/** No sidecar adds to the main file, or takes from it. */
function isAlone({ bytes, main }: Snapshot): boolean {
  return bytes === main;
}

function isNothing({ removed, dropped }: Removal): boolean {
  return removed.length + dropped.length === 0;
}

function targetMissing(database: string): CoreError {
  return new CoreError('target-missing', `${database} is not there.`, {
    path: database,
    hint: 'Put it back first: jarvis-db restore-backup brings back what a backup holds.',
  });
}
