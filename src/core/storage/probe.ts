/**
 * A look at a database file without loading it: its first bytes, its size, and the sidecars beside it.
 *
 * The same judgement serves the tree (which shows it) and the reading of a snapshot (which refuses).
 */
import { CoreError, messageOf } from '../errors';
import { headerSize, type DatabaseHeader } from '../sqlite/header';
import { isHot } from '../sqlite/rollback-journal';
import { frameCapacity, walHeaderSize } from '../sqlite/wal';
import { judgeWalHeader } from './database-content';
import { systemCode, type FileStat, type FileStore } from './file-store';
import { assertComplete, assertWholePages, emptyFile, judgeHeader, refuse } from './judge';

/** Bytes of one database above which it is not loaded: about 3.1 times as much memory would be needed. */
export const sizeCap = 1024 ** 3;

/** Bytes of one database that are loaded at most, whatever the user says. */
export const largestSize = 2 * 1024 ** 3;

export interface ReadOptions {
  /** The user wants to load a database above {@link sizeCap} anyway; up to {@link largestSize}. */
  readonly openAnyway?: boolean;
}

export interface DatabaseProbe {
  /** The real file, symbolic links resolved: its sidecars lie beside it. */
  readonly path: string;
  readonly stat: FileStat;
  /** Of the main file as it lies on disk. */
  readonly header: DatabaseHeader;
  /** The sidecar that reading the database has to apply; null where the main file alone is the database. */
  readonly applies: 'wal' | 'journal' | null;
  /** Frames of a log that applies, at most: see {@link frameCapacity}. */
  readonly frames: number;
}

/**
 * @param label the name to use in messages
 * @throws CoreError saying why the file cannot be opened safely
 */
export async function probeDatabase(
  files: FileStore,
  path: string,
  label: string,
  options: ReadOptions = {},
): Promise<DatabaseProbe> {
  try {
    return await look(files, path, label, options);
  } catch (error) {
    if (error instanceof CoreError) throw error;
    throw new CoreError('unreadable', `${label} cannot be read: ${messageOf(error)}`, {
      path: label,
      hint: 'Check the permissions of the file and its folder.',
      cause: error,
    });
  }
}

/**
 * The same, for a database that is to be replaced: what a sidecar holds would be lost with the main file it goes with.
 *
 * @throws CoreError `wal-live` or `journal-hot` where a sidecar has content
 */
export async function probeWithoutSidecars(files: FileStore, path: string, label: string): Promise<DatabaseProbe> {
  // It was loaded, or need not be.
  const probe = await probeDatabase(files, path, label, { openAnyway: true });
  const wal = await files.stat(`${probe.path}-wal`);
  if (wal !== null && wal.size > 0) throw walLive(label, wal.size);
  if (probe.applies === 'journal') throw journalHot(label);
  return probe;
}

export function walLive(label: string, size: number): CoreError {
  return refuse(
    'wal-live',
    label,
    `has a live write-ahead log of ${size.toLocaleString('en')} bytes: it is read, and cannot be replaced`,
    `Stop the application that writes it; if the log stays, run: sqlite3 ${label} "PRAGMA wal_checkpoint(TRUNCATE)". Then try again.`,
  );
}

export function journalHot(label: string): CoreError {
  return refuse(
    'journal-hot',
    label,
    'has a hot rollback journal: a transaction is under way, or was cut off and must be rolled back first',
    `Open ${label} once with the application or the sqlite3 shell, which rolls it back, then try again.`,
  );
}

async function look(
  files: FileStore,
  path: string,
  label: string,
  { openAnyway = false }: ReadOptions,
): Promise<DatabaseProbe> {
  const stat = await readStat(files, path, label);
  const real = await files.realPath(path);
  const wal = await readStart(files, `${real}-wal`, walHeaderSize);
  const journal = await readStart(files, `${real}-journal`, 1);
  if (stat.size === 0)
    throw emptyFile(label, wal.size > 0 ? ` beside a log of ${wal.size.toLocaleString('en')} bytes` : '');
  assertLoadable(label, stat.size + wal.size, openAnyway);
  const header = judgeHeader(label, await files.readHead(real, headerSize));
  // The main file of a transaction that is under way may end anywhere: rolled back, it is judged.
  if (isHot(journal.head)) return { path: real, stat, header, applies: 'journal', frames: 0 };
  assertWholePages(label, header, stat.size);
  if (wal.size > walHeaderSize && judgeWalHeader(label, wal.head, header))
    return { path: real, stat, header, applies: 'wal', frames: frameCapacity(wal.size, header.pageSize) };
  assertComplete(label, header, stat.size);
  return { path: real, stat, header, applies: null, frames: 0 };
}

async function readStat(files: FileStore, path: string, label: string): Promise<FileStat> {
  const stat = await files.stat(path);
  if (stat === null) throw refuse('file-missing', label, 'is not there', 'Check the data folder, or restore the file.');
  if (stat.kind !== 'file') throw refuse('not-a-file', label, 'is no regular file', 'Check what lies at that path.');
  return stat;
}

/** Empty where there is no such sidecar, or where it goes while we look: a commit does that to a journal. */
async function readStart(
  files: FileStore,
  path: string,
  length: number,
): Promise<{ readonly size: number; readonly head: Uint8Array }> {
  try {
    const stat = await files.stat(path);
    return stat === null
      ? { size: 0, head: new Uint8Array() }
      : { size: stat.size, head: await files.readHead(path, length) };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { size: 0, head: new Uint8Array() };
    throw error;
  }
}

/** @param size bytes of the main file and its log @throws CoreError `needs-memory`, or `too-large` for good */
function assertLoadable(label: string, size: number, openAnyway: boolean): void {
  const cap = openAnyway ? largestSize : sizeCap;
  if (size <= cap) return;
  throw refuse(
    size <= largestSize ? 'needs-memory' : 'too-large',
    label,
    `has ${size.toLocaleString('en')} bytes, more than the ${cap.toLocaleString('en')} that are loaded at most`,
    size <= largestSize
      ? `Open it anyway if ${Math.ceil((3.1 * size) / 1024 ** 3)} GB of memory are free (on the command line: --open-anyway), or split it.`
      : 'Split it: no more can be loaded.',
  );
}
