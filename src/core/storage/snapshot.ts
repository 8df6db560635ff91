/**
 * READ: one consistent image of a database file and its sidecars.
 *
 * A file that somebody writes while we read it can come out torn, so two consecutive collections must be equal to the
 * byte before one is believed.
 */
import { CoreError, messageOf } from '../errors';
import { parseHeader, type DatabaseHeader } from '../sqlite/header';
import { systemCode, type FileStat, type FileStore } from './file-store';
import { sameBytes, sha256 } from './hash';
import { isHot, probeDatabase } from './probe';

export interface Snapshot {
  /** The name in plans, reports and messages: relative to the workspace folder. */
  readonly database: string;
  /** The real file, symbolic links resolved: what is replaced and backed up. */
  readonly path: string;
  readonly stat: FileStat;
  readonly header: DatabaseHeader;
  /** The database: the main file, with what a sidecar adds or takes back. */
  readonly bytes: Uint8Array;
  /** The main file as it lies on disk: the very same array as `bytes` where no sidecar changes it. */
  readonly main: Uint8Array;
  /** SHA-256 of the main file as it lies on disk. */
  readonly sha256: string;
  /** What lies beside it, whether SQLite would apply it or not: backed up as well. */
  readonly sidecars: readonly Sidecar[];
}

export interface Sidecar {
  readonly suffix: '-wal' | '-journal';
  readonly bytes: Uint8Array;
}

const sidecarSuffixes = ['-wal', '-journal'] as const;
const maximumTries = 20;

/** @throws CoreError where the file cannot be read safely; see {@link probeDatabase} */
export async function readSnapshot(files: FileStore, path: string, database: string): Promise<Snapshot> {
  await probeDatabase(files, path, database);
  const real = await resolveLinks(files, path, database);
  let current = await collect(files, real, database, null);
  for (let tries = 1; tries < maximumTries; tries++) {
    const previous = current;
    current = await collect(files, real, database, previous.main);
    if (current.sameMain && sameSidecars(previous, current)) {
      // Judged again: a log may have appeared since the first look.
      const { stat } = await probeDatabase(files, real, database);
      const header = parseHeader(current.main);
      // The kept sidecars are judged too: a journal that was hot in both collections and is gone now belongs to a
      // transaction half of which we have read.
      if (stat.size === current.main.length && !('fault' in header) && !isApplied(current)) {
        return {
          database,
          path: real,
          stat,
          header,
          bytes: current.main,
          main: current.main,
          sha256: await sha256(current.main),
          sidecars: current.sidecars,
        };
      }
    }
  }
  throw new CoreError('busy', `${database} kept changing while it was read.`, {
    path: database,
    hint: 'Stop the application that writes it, then try again.',
  });
}

async function resolveLinks(files: FileStore, path: string, database: string): Promise<string> {
  try {
    return await files.realPath(path);
  } catch (error) {
    throw unreadable(database, error);
  }
}

function unreadable(database: string, error: unknown): CoreError {
  return new CoreError('unreadable', `${database} cannot be read: ${messageOf(error)}`, {
    path: database,
    hint: 'Check the permissions of the file and its folder.',
    cause: error,
  });
}

interface Collection {
  readonly main: Uint8Array;
  /** The main file was, to the byte, what the collection before found. */
  readonly sameMain: boolean;
  readonly sidecars: readonly Sidecar[];
}

/** @param earlier the main file as it was read before: its memory is used again, there is never a second image */
async function collect(
  files: FileStore,
  path: string,
  database: string,
  earlier: Uint8Array | null,
): Promise<Collection> {
  try {
    const reread = earlier === null ? 'resized' : await files.rereadImage(path, earlier);
    const main = earlier === null || reread === 'resized' ? await files.readImage(path) : earlier;
    const sidecars: Sidecar[] = [];
    for (const suffix of sidecarSuffixes) {
      const bytes = await readSidecar(files, path + suffix);
      if (bytes !== null) sidecars.push({ suffix, bytes });
    }
    return { main, sameMain: reread === 'same', sidecars };
  } catch (error) {
    throw unreadable(database, error);
  }
}

/** Null where there is none, or where it goes while we look: each commit in rollback mode removes the journal. */
async function readSidecar(files: FileStore, path: string): Promise<Uint8Array | null> {
  try {
    return (await files.stat(path)) === null ? null : await files.read(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Whether SQLite would take content from a sidecar, so that the main file alone is not the database. */
function isApplied({ sidecars }: Collection): boolean {
  return sidecars.some(({ suffix, bytes }) => (suffix === '-wal' ? bytes.length > 0 : isHot(bytes)));
}

function sameSidecars(a: Collection, b: Collection): boolean {
  return (
    a.sidecars.length === b.sidecars.length &&
    a.sidecars.every(({ suffix, bytes }, index) => {
      const other = b.sidecars[index];
      return other?.suffix === suffix && sameBytes(bytes, other.bytes);
    })
  );
}
