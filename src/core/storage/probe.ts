/**
 * A look at a database file without loading it: its first bytes, its size, and the sidecars beside it.
 *
 * The same judgement serves the tree (which shows it) and the reading of a snapshot (which refuses).
 */
import { CoreError, messageOf, type CoreErrorCode } from '../errors';
import { headerSize, parseHeader, type DatabaseHeader } from '../sqlite/header';
import type { FileStat, FileStore } from './file-store';

/** Bytes of one database above which it is not loaded: about 3.1 times as much memory would be needed. */
export const sizeCap = 1024 ** 3;

export interface DatabaseProbe {
  readonly stat: FileStat;
  readonly header: DatabaseHeader;
}

/**
 * @param label the name to use in messages
 * @throws CoreError saying why the file cannot be opened safely
 */
export async function probeDatabase(files: FileStore, path: string, label: string): Promise<DatabaseProbe> {
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
  const journal = await files.stat(`${path}-journal`);
  if (journal !== null && journal.size > 0 && (await files.readHead(`${path}-journal`, 1))[0] !== 0) {
    throw refuse(
      'journal-hot',
      label,
      'has a hot rollback journal: a transaction was cut off and must be rolled back first',
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
  let stat: FileStat | null;
  try {
    stat = await files.stat(path);
  } catch (error) {
    throw new CoreError('unreadable', `${label} cannot be read: ${messageOf(error)}`, {
      path: label,
      hint: 'Check the permissions of the file and its folder.',
      cause: error,
    });
  }
  if (stat === null) throw refuse('file-missing', label, 'is not there', 'Check the data folder, or restore the file.');
  if (stat.kind !== 'file') throw refuse('not-a-file', label, 'is no regular file', 'Check what lies at that path.');
  return stat;
}

const restoreHint = 'Restore the file from a backup, or try the .recover command of the sqlite3 shell on a copy.';

function closeHint(label: string): string {
  return `Stop the application that writes it; if the log stays, run: sqlite3 ${label} "PRAGMA wal_checkpoint(TRUNCATE)". Then try again.`;
}

function refuse(code: CoreErrorCode, label: string, cause: string, hint: string): CoreError {
  return new CoreError(code, `${label} ${cause}.`, { path: label, hint });
}
