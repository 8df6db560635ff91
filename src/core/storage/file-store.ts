/**
 * The port to the file system. Core code sees this and never `node:fs`; tests put a store between that fails, cuts
 * writes short or stops at a chosen call.
 *
 * Paths are absolute. Methods throw the system's error (with its `code`, such as `ENOSPC`) unless they say otherwise.
 */
export interface FileStat {
  readonly kind: 'file' | 'folder' | 'other';
  /** Device and inode as text: together they tell whether two paths are one file. */
  readonly identity: string;
  readonly inode: string;
  readonly device: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

export type FileOwner = Pick<FileStat, 'mode'> & Partial<Pick<FileStat, 'uid' | 'gid'>>;

export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

export interface FileStore {
  /** The path with every symbolic link resolved. */
  realPath(path: string): Promise<string>;
  /** Follows symbolic links; null where nothing is there. */
  stat(path: string): Promise<FileStat | null>;
  read(path: string): Promise<Uint8Array>;
  /**
   * A whole database file, as long as it was when it was opened; a large one in memory that another thread can see,
   * which few APIs but SQLite and hashes take.
   */
  readImage(path: string): Promise<Uint8Array>;
  /**
   * Reads a file once more, into the bytes of an earlier reading, which hold afterwards what was read now. Where the
   * length is another, the bytes are worth nothing any more.
   */
  rereadImage(path: string, image: Uint8Array): Promise<'same' | 'changed' | 'resized'>;
  /** SHA-256 of a file's bytes, in lower-case hexadecimal; the file is never in memory as a whole. */
  hash(path: string): Promise<string>;
  /** Up to `length` bytes from the beginning. */
  readHead(path: string, length: number): Promise<Uint8Array>;
  /** Names in the order of their code units; an empty list where the folder is not there. */
  list(folder: string): Promise<readonly FolderEntry[]>;
  makeFolder(path: string): Promise<void>;
  /** False where it is there already. The parent must exist. */
  makeNewFolder(path: string): Promise<boolean>;
  /**
   * Writes a file that must not exist yet and forces it to disk before it returns. `owner` sets the mode, and uid and
   * gid where they are given. A short write is continued, and reported if it cannot be; where writing fails, nothing
   * is left behind.
   */
  writeNew(path: string, bytes: Uint8Array, owner?: FileOwner): Promise<void>;
  /**
   * Where there is a thread for it: {@link FileStore.writeNew} beside what this one does, and the SHA-256 of what is read
   * back. For {@link ./verified-write}.
   */
  writeBeside?(path: string, bytes: Uint8Array, owner?: FileOwner): Promise<string>;
  /** Renames over whatever is there. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file; fails with `EEXIST` where something has that name. Not every file system can do it. */
  link(from: string, to: string): Promise<void>;
  /** Removes a file; nothing happens where there is none. */
  remove(path: string): Promise<void>;
  /** Forces a folder's entries to disk (Linux and macOS; elsewhere nothing is to be done). */
  syncFolder(path: string): Promise<void>;
  /** Whether {@link FileStore.syncFolder} does anything: two changes of a folder are in a sure order only then. */
  readonly forcesFolders: boolean;
  /** Bytes that the user may still write on the file system of a folder; null where the system does not tell. */
  freeSpace(folder: string): Promise<number | null>;
  isWritable(path: string): Promise<boolean>;
  /** The name of a network drive's kind, such as `NFS`; null for a local one, and where the system does not tell. */
  networkDriveOf(path: string): Promise<string | null>;
}

/** The system's error code of anything thrown, such as `ENOENT`; null where it has none. */
export function systemCode(error: unknown): string | null {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return null;
}
