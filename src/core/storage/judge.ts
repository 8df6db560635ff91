/** Why a file is refused as a database: one judgement for the tree, which shows it, and for the reading of a snapshot. */
import { CoreError, type CoreErrorCode } from '../errors';
import { headerSize, parseHeader, type DatabaseHeader } from '../sqlite/header';

/** 1 rollback journal, 2 write-ahead log: the file format versions that there are. */
const newestFormat = 2;

const restoreHint = 'Restore the file from a backup, or try the .recover command of the sqlite3 shell on a copy.';

/**
 * @param head the first bytes of the database
 * @throws CoreError `not-sqlite` or `damaged`
 */
export function judgeHeader(label: string, head: Uint8Array): DatabaseHeader {
  const header = parseHeader(head);
  if ('fault' in header) {
    if (!header.fault.includes('magic') && head.length >= headerSize) throw damaged(label, header.fault);
    throw refuse(
      'not-sqlite',
      label,
      `${header.fault}: it is not a SQLite database, or it is encrypted`,
      'Check whether the name is right; an encrypted database must be decrypted first.',
    );
  }
  const version = Math.max(header.readVersion, header.writeVersion);
  // The engine gets these two bytes rewritten, so it could not refuse them itself.
  if (version > newestFormat) throw damaged(label, `declares the unknown file format version ${version}`);
  return header;
}

/** @param size bytes @throws CoreError `damaged` for a file that ends within a page */
export function assertWholePages(label: string, { pageSize }: DatabaseHeader, size: number): void {
  if (size % pageSize === 0) return;
  const bytes = size.toLocaleString('en');
  throw damaged(label, `is cut off: its ${bytes} bytes are no whole number of ${pageSize}-byte pages`);
}

/** @param size bytes of the database, sidecars applied @throws CoreError `damaged` where it lacks pages */
export function assertComplete(label: string, header: DatabaseHeader, size: number): void {
  const { pageSize, pageCount, pageCountIsValid } = header;
  if (!pageCountIsValid || pageCount * pageSize <= size) return;
  throw damaged(label, `is cut off: its header promises ${pageCount} pages, the file holds ${size / pageSize}`);
}

export function emptyFile(label: string, beside = ''): CoreError {
  return refuse('empty-file', label, `is empty (0 bytes)${beside}: it is not a database`, restoreHint);
}

export function damaged(label: string, cause: string): CoreError {
  return refuse('damaged', label, cause, restoreHint);
}

/** A sidecar that does not go with the main file, so that nobody can tell what the database is. */
export function sidecarMismatch(label: string, cause: string): CoreError {
  return refuse(
    'damaged',
    label,
    cause,
    'Put back the sidecar that belongs to it, or restore all of its files from one backup.',
  );
}

/** @param cause completes the sentence "the database …" */
export function refuse(code: CoreErrorCode, label: string, cause: string, hint: string): CoreError {
  return new CoreError(code, `${label} ${cause}.`, { path: label, hint });
}
