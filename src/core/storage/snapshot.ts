/**
 * READ: one consistent image of a database file and its sidecars.
 *
 * A file that somebody writes while we read it can come out torn, so two consecutive collections must be equal to the
 * byte before one is believed. Main file first, sidecars after it, twice: where all are equal, there was a moment between
 * at which they stood like that together, and what a crash at that moment would have left can be recovered.
 */
import { CoreError, messageOf } from '../errors';
import type { WarningReport } from '../report/model';
import type { DatabaseHeader } from '../sqlite/header';
import { hasContent, readContent, type Applied, type Sidecar } from './database-content';
import { systemCode, type FileStat, type FileStore } from './file-store';
import { sha256 } from './hash';
import { probeDatabase, type ReadOptions } from './probe';

/** A database as it was at one moment. */
export interface DatabaseImage {
  /** The name in plans, reports and messages: relative to the workspace folder. */
  readonly database: string;
  /** The real file, symbolic links resolved: what is replaced and backed up. */
  readonly path: string;
  readonly stat: FileStat;
  /** Of {@link bytes}. */
  readonly header: DatabaseHeader;
  /** The database: the main file, with what a sidecar adds or takes back. */
  readonly bytes: Uint8Array;
  /** The main file as it lies on disk: the very same array as `bytes` where no sidecar changes it. */
  readonly main: Uint8Array;
  /** What lies beside it, whether SQLite would apply it or not: backed up as well. */
  readonly sidecars: readonly Sidecar[];
  /** The sidecar that makes `bytes` another array than `main`. */
  readonly applied: Applied | null;
  /** What a person should know about the sidecars. */
  readonly warnings: readonly WarningReport[];
}

/** The same, with what tells it from a later one: for whoever backs it up, replaces it or compares it. */
export interface Snapshot extends DatabaseImage {
  /** SHA-256 of the main file as it lies on disk. */
  readonly sha256: string;
  /** {@link fingerprintOf} the files as they were read: whoever compares later sees also a sidecar that changed. */
  readonly fingerprint: string;
}

const sidecarSuffixes = ['-wal', '-journal'] as const;
const maximumTries = 20;

/** @throws CoreError where the file cannot be read safely; see {@link probeDatabase} and {@link readContent} */
export async function readSnapshot(
  files: FileStore,
  path: string,
  database: string,
  options: ReadOptions = {},
): Promise<Snapshot> {
  const image = await readImage(files, path, database, options);
  const hash = await sha256(image.main);
  return { ...image, sha256: hash, fingerprint: await fingerprintOf(hash, image.sidecars) };
}

/**
 * For whoever only looks: hashing a file takes as long as reading it.
 *
 * @throws CoreError where the file cannot be read safely; see {@link probeDatabase} and {@link readContent}
 */
export async function readImage(
  files: FileStore,
  path: string,
  database: string,
  options: ReadOptions = {},
): Promise<DatabaseImage> {
  const { path: real } = await probeDatabase(files, path, database, options);
  let current = await collect(files, real, database, null);
  for (let tries = 1; tries < maximumTries; tries++) {
    current = await collect(files, real, database, current);
    if (!current.same) continue;
    const { main, sidecars } = current;
    const stat = await statOf(files, real, database);
    // What lies there now is another file, or has grown since.
    if (stat?.kind !== 'file' || stat.size !== main.length) continue;
    return { database, path: real, stat, main, sidecars, ...readContent(database, main, sidecars) };
  }
  throw new CoreError('busy', `${database} kept changing while it was read.`, {
    path: database,
    hint: 'Stop the application that writes it, then try again.',
  });
}

/**
 * One hash for a database with its sidecars: that of the main file where no sidecar has content.
 *
 * @param mainSha256 of the main file as it lies on disk
 */
async function fingerprintOf(mainSha256: string, sidecars: readonly Sidecar[]): Promise<string> {
  const parts = [mainSha256];
  for (const sidecar of sidecars.filter(hasContent)) parts.push(sidecar.suffix, await sha256(sidecar.bytes));
  return parts.length === 1 ? mainSha256 : sha256(new TextEncoder().encode(parts.join('\n')));
}

/**
 * The fingerprint of a database as it is now, to be compared with {@link Snapshot.fingerprint}.
 *
 * @param path the real file
 * @throws the system's error where a file cannot be read
 */
export async function readFingerprint(files: FileStore, path: string): Promise<string> {
  const sidecars = [];
  for (const suffix of sidecarSuffixes) {
    const { bytes } = await readPart(files, path + suffix, null);
    if (bytes !== null) sidecars.push({ suffix, bytes });
  }
  return fingerprintOf(await files.hash(path), sidecars);
}

function statOf(files: FileStore, path: string, database: string): Promise<FileStat | null> {
  return files.stat(path).catch((error: unknown) => {
    throw unreadable(database, error);
  });
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
  readonly sidecars: readonly Sidecar[];
  /** All was, to the byte, what the collection before found. */
  readonly same: boolean;
}

/** @param earlier the collection before: its memory is used again, there is never a second image */
async function collect(
  files: FileStore,
  path: string,
  database: string,
  earlier: Collection | null,
): Promise<Collection> {
  try {
    const main = await readAgain(files, path, earlier?.main ?? null);
    let { same } = main;
    const sidecars: Sidecar[] = [];
    for (const suffix of sidecarSuffixes) {
      const before = earlier?.sidecars.find((sidecar) => sidecar.suffix === suffix)?.bytes ?? null;
      const part = await readPart(files, path + suffix, before);
      same &&= part.same;
      if (part.bytes !== null) sidecars.push({ suffix, bytes: part.bytes });
    }
    return { main: main.bytes, sidecars, same };
  } catch (error) {
    throw unreadable(database, error);
  }
}

async function readAgain(
  files: FileStore,
  path: string,
  earlier: Uint8Array | null,
): Promise<{ readonly bytes: Uint8Array; readonly same: boolean }> {
  const reread = earlier === null ? 'resized' : await files.rereadImage(path, earlier);
  return earlier === null || reread === 'resized'
    ? { bytes: await files.readImage(path), same: false }
    : { bytes: earlier, same: reread === 'same' };
}

/** Null where there is none, or where it goes while we look: each commit in rollback mode removes the journal. */
async function readPart(
  files: FileStore,
  path: string,
  earlier: Uint8Array | null,
): Promise<{ readonly bytes: Uint8Array | null; readonly same: boolean }> {
  const none = { bytes: null, same: earlier === null };
  try {
    return (await files.stat(path)) === null ? none : await readAgain(files, path, earlier);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return none;
    throw error;
  }
}
