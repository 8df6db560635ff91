/**
 * A look at a database file without loading it: its first bytes, its size, and the sidecars beside it.
 *
 * The same judgement serves the tree (which shows it) and the reading of a snapshot (which refuses).
 */
import { CoreError, messageOf, type CoreErrorCode } from '../errors';
import { headerSize, parseHeader, type DatabaseHeader } from '../sqlite/header';
import { systemCode, type FileStat, type FileStore } from './file-store';

/** Bytes of one database above which it is not loaded: about 3.1 times as much memory would be needed. */
export const sizeCap = 1024 ** 3;

/** 1 rollback journal, 2 write-ahead log: the file format versions that there are. */
const newestFormat = 2;

export interface DatabaseProbe {
  readonly stat: FileStat;
  readonly header: DatabaseHeader;
}

/**
 * @param label the name to use in messages
 * @throws CoreError saying why the file cannot be opened safely
 */
export async function probeDatabase(files: FileStore, path: string, label: string): Promise<DatabaseProbe> {
  try {
    return await look(files, path, label);
  } catch (error) {
    if (error instanceof CoreError) throw error;
    throw new CoreError('unreadable', `${label} cannot be read: ${messageOf(error)}`, {
      path: label,
      hint: 'Check the permissions of the file and its folder.',
      cause: error,
    });
  }
}

async function look(files: FileStore, path: string, label: string): Promise<DatabaseProbe> {
  const stat = await readStat(files, path, label);
  const wal = await files.stat(`${path}-wal`);
  if (wal !== null && wal.size > 0) {
    const inside = stat.size === 0 ? ' while the main file is empty' : '';
    throw refuse(
      'wal-live',
      label,
      `has a live write-ahead log of ${wal.size.toLocaleString('en')} bytes${inside}: what it holds would be missing`,
      closeHint(label),
    );
  }
  if (isHot(await readFirst(files, `${path}-journal`))) {
    throw refuse(
      'journal-hot',
      label,
      'has a hot rollback journal: a transaction is under way, or was cut off and must be rolled back first',
      `Open ${label} once with the application or the sqlite3 shell, which rolls it back, then try again.`,
    );
  }
  if (stat.size === 0) throw refuse('empty-file', label, 'is empty (0 bytes): it is not a database', restoreHint);
  if (stat.size > sizeCap) {
    throw refuse(
      'too-large',
      label,
      `has ${stat.size.toLocaleString('en')} bytes, more than the ${sizeCap.toLocaleString('en')} that are loaded at most`,
      'Migrate it on the command line of a later version, or split it.',
    );
  }
  const header = parseHeader(await files.readHead(path, headerSize));
  if ('fault' in header) {
    const known = header.fault.includes('magic') || stat.size < headerSize;
    throw known
      ? refuse(
          'not-sqlite',
          label,
          `${header.fault}: it is not a SQLite database, or it is encrypted`,
          'Check whether the name is right; an encrypted database must be decrypted first.',
        )
      : refuse('damaged', label, header.fault, restoreHint);
  }
  const version = Math.max(header.readVersion, header.writeVersion);
  if (version > newestFormat) {
    // The engine gets these two bytes rewritten, so it could not refuse them itself.
    throw refuse('damaged', label, `declares the unknown file format version ${version}`, restoreHint);
  }
  if (stat.size % header.pageSize !== 0) {
    throw refuse(
      'damaged',
      label,
      `is cut off: its ${stat.size.toLocaleString('en')} bytes are no whole number of ${header.pageSize}-byte pages`,
      restoreHint,
    );
  }
  if (header.pageCountIsValid && header.pageCount * header.pageSize > stat.size) {
    throw refuse(
      'damaged',
      label,
      `is cut off: its header promises ${header.pageCount} pages, the file holds ${stat.size / header.pageSize}`,
      restoreHint,
    );
  }
  return { stat, header };
}

async function readStat(files: FileStore, path: string, label: string): Promise<FileStat> {
  const stat = await files.stat(path);
  if (stat === null) throw refuse('file-missing', label, 'is not there', 'Check the data folder, or restore the file.');
  if (stat.kind !== 'file') throw refuse('not-a-file', label, 'is no regular file', 'Check what lies at that path.');
  return stat;
}

/** The journal's first byte; none where there is no journal, or where it goes while we look (a commit does that). */
async function readFirst(files: FileStore, path: string): Promise<Uint8Array> {
  try {
    return (await files.stat(path)) === null ? new Uint8Array() : await files.readHead(path, 1);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return new Uint8Array();
    throw error;
  }
}

/** Whether SQLite would roll a journal back; a PERSIST journal at rest begins with zeros. */
export function isHot(journal: Uint8Array): boolean {
  return journal[0] !== undefined && journal[0] !== 0;
}

const restoreHint = 'Restore the file from a backup, or try the .recover command of the sqlite3 shell on a copy.';

function closeHint(label: string): string {
  return `Stop the application that writes it; if the log stays, run: sqlite3 ${label} "PRAGMA wal_checkpoint(TRUNCATE)". Then try again.`;
}

function refuse(code: CoreErrorCode, label: string, cause: string, hint: string): CoreError {
  return new CoreError(code, `${label} ${cause}.`, { path: label, hint });
}
