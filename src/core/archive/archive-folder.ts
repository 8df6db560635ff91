/** `data/archive/<date>/`: the folder of one archive, and its name. */
import { join } from 'node:path';
import { cannotWrite } from '../storage/cannot-write';
import type { FileStore } from '../storage/file-store';

export const archiveFolderName = 'archive';

const namePattern = /^\d{4}-\d{2}-\d{2}(?:-(?:[2-9]|[1-9]\d+))?$/;

export function isArchiveName(name: string): boolean {
  return namePattern.test(name);
}

/** `YYYY-MM-DD` in local time, as people look for it. */
function formatDate(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** A folder that was not there before: a second archive of one day gets `-2`. */
export async function makeArchiveFolder(
  files: FileStore,
  dataFolder: string,
  at: Date,
): Promise<{ readonly name: string; readonly folder: string }> {
  const archives = join(dataFolder, archiveFolderName);
  try {
    await files.makeFolder(archives);
    await files.syncFolder(dataFolder);
    for (let number = 1; ; number++) {
      const name = number === 1 ? formatDate(at) : `${formatDate(at)}-${number}`;
      const folder = join(archives, name);
      if (!(await files.makeNewFolder(folder))) continue;
      await files.syncFolder(archives);
      return { name, folder };
    }
  } catch (error) {
    throw cannotWrite("The archive's folder cannot be made", archives, error, 'backup-failed');
  }
}

/** Folders that are named like archives, whatever they hold. */
export async function listArchiveFolders(files: FileStore, dataFolder: string): Promise<readonly string[]> {
  const archives = join(dataFolder, archiveFolderName);
  const entries = await files.list(archives);
  return entries
    .filter(({ name, kind }) => kind === 'folder' && isArchiveName(name))
    .map(({ name }) => join(archives, name));
}
