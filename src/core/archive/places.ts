/** Where the files of an archive belong, and what lies there now. */
import { join } from 'node:path';
import { CoreError } from '../errors';
import type { FileStat, FileStore } from '../storage/file-store';
import { sha256 } from '../storage/hash';
import type { FileOnDisk } from '../storage/holders';
import { fromWorkspace, isInside } from '../storage/paths';
import { resolveRealPath } from '../storage/plain-file';
import { backupsFolderName } from '../storage/run-folder';
import { archiveFolderName } from './archive-folder';
import { sidecarSuffixes, type ArchivedDatabase, type KnownArchive } from './archive-manifest';

export interface Place {
  /** Absolute. */
  readonly workspace: string;
  /** Absolute. */
  readonly dataFolder: string;
}

export type ArchivedFileEntry = ArchivedDatabase['files'][number];

/**
 * The real path of the main file, also where it is not there; its sidecars are that with their suffix.
 *
 * @throws CoreError `outside-workspace`: a manifest lies where anyone may have edited it
 */
export async function findPlace(
  files: FileStore,
  { workspace, dataFolder }: Place,
  { database }: ArchivedDatabase,
): Promise<string> {
  const path = await resolveRealPath(files, fromWorkspace(workspace, database));
  const data = await files.realPath(dataFolder);
  const roots = [await files.realPath(workspace), data];
  const own = [archiveFolderName, backupsFolderName].map((name) => join(data, name));
  if (roots.some((root) => isInside(root, path)) && !own.some((folder) => isInside(folder, path))) return path;
  throw new CoreError('outside-workspace', `The archive names ${database}, which leads to ${path}.`, {
    path: database,
    hint: 'An archive holds databases of its own workspace only: somebody has edited its manifest.',
  });
}

export type FileState = 'absent' | 'same' | 'other';

/** What stands in the place of a database: it and its sidecars as one. */
export interface Standing {
  readonly state: FileState;
  /** The file that differs; null where none does. */
  readonly other: string | null;
  /** Of what is there, for the question who has it open. */
  readonly found: readonly FileOnDisk[];
}

/**
 * `same` where main file and sidecars are what the archive holds, all of them and no others; `absent` where there is no
 * main file; `other` otherwise.
 *
 * @param path the real path of the main file
 */
export async function lookAt(
  files: FileStore,
  path: string,
  { database, files: parts }: ArchivedDatabase,
): Promise<Standing> {
  const found: FileOnDisk[] = [];
  const differing: string[] = [];
  let main: FileState = 'absent';
  for (const suffix of ['', ...sidecarSuffixes]) {
    const stat = await files.stat(path + suffix);
    if (stat !== null) found.push({ path: path + suffix, stat });
    const part = parts.find((entry) => entry.path === database + suffix);
    const state = await compare(files, path + suffix, stat, part);
    if (suffix === '') main = state;
    // Beside a main file that is gone, what is left of its own sidecars says nothing.
    const isExpected = state === 'same' || (state === 'absent' && (part === undefined || main === 'absent'));
    if (!isExpected) differing.push(database + suffix);
  }
  const [other] = differing;
  return { state: other === undefined ? main : 'other', other: other ?? null, found };
}

async function compare(
  files: FileStore,
  path: string,
  stat: FileStat | null,
  part: ArchivedFileEntry | undefined,
): Promise<FileState> {
  if (stat === null) return 'absent';
  if (part === undefined || stat.kind !== 'file' || stat.size !== part.size) return 'other';
  return (await files.hash(path)) === part.sha256 ? 'same' : 'other';
}

/** @throws CoreError `archive-damaged` for the first copy that is not what was archived */
export async function assertCopies(files: FileStore, { folder, manifest }: KnownArchive): Promise<void> {
  for (const { path, copy, size, sha256: expected } of manifest.databases.flatMap((entry) => entry.files)) {
    const damaged = (cause: string, error?: unknown): CoreError =>
      new CoreError('archive-damaged', `The archived copy of ${path} ${cause}.`, {
        path: join(folder, ...copy.split('/')),
        hint: 'Nothing was touched. The backups of the runs may hold another copy: data/backups.',
        cause: error,
      });
    const bytes = await readCopy(files, folder, copy).catch((error: unknown) => {
      throw damaged('cannot be read', error);
    });
    const actual = await sha256(bytes);
    if (bytes.length !== size || actual !== expected)
      throw damaged(`has the SHA-256 ${actual}, the manifest says ${expected}`);
  }
}

export function readCopy(files: FileStore, folder: string, copy: string): Promise<Uint8Array> {
  return files.read(join(folder, ...copy.split('/')));
}
