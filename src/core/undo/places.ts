/**
 * Where the files of a run lie now. A name that was that of a file of its own may have become a link since: whoever
 * writes through it would overwrite another database, a copy in the backups, or a file outside the workspace folder.
 */
import { join } from 'node:path';
import { archiveFolderName } from '../archive/archive-folder';
import { CoreError, type CoreErrorCode } from '../errors';
import type { FileStat, FileStore } from '../storage/file-store';
import { fromWorkspace, isInside } from '../storage/paths';
import { isTaken } from '../storage/plain-file';
import { backupsFolderName } from '../storage/run-folder';
import type { PastRun } from './past-runs';

/**
 * @param dataFolder absolute
 * @returns its path; null where nothing is there
 * @throws CoreError `not-a-file` where a link leads nowhere, `outside-workspace` where it leads out
 */
export async function findDatabase(
  files: FileStore,
  workspace: string,
  dataFolder: string,
  database: string,
): Promise<string | null> {
  const path = fromWorkspace(workspace, database);
  if ((await files.stat(path)) === null) {
    if (!(await isTaken(files, path))) return null;
    throw refuse('not-a-file', database, 'is a link that leads nowhere', 'Remove the link, then try again.');
  }
  const real = await files.realPath(path);
  const data = await files.realPath(dataFolder);
  // The manifest lies where anyone may have edited it.
  const roots = [await files.realPath(workspace), data];
  if (!roots.some((root) => isInside(root, real))) {
    const hint = 'Open the folder that holds it, then try again.';
    throw refuse('outside-workspace', database, `lies outside the workspace folder: ${real}`, hint);
  }
  const copies = [backupsFolderName, archiveFolderName].find((name) => isInside(join(data, name), real));
  if (copies === undefined) return path;
  const hint = 'Put a file of its own in the place of the link, then try again.';
  throw refuse(
    'outside-workspace',
    database,
    `is a link to a copy among the ${nameOf[copies] ?? copies}: ${real}`,
    hint,
  );
}

const nameOf: Readonly<Record<string, string>> = { [backupsFolderName]: 'backups', [archiveFolderName]: 'archives' };

/**
 * No file that is to be written is, by another name, another file of the run.
 *
 * @throws CoreError `same-file`
 */
export async function assertOwnPlaces(
  files: FileStore,
  workspace: string,
  { manifest }: PastRun,
  written: readonly { readonly name: string; readonly stat: FileStat | null }[],
): Promise<void> {
  const names = new Map<string, string>();
  for (const { name, stat } of written) {
    if (stat === null) continue;
    const other = names.get(stat.identity);
    if (other !== undefined) throw sameFile(other, name);
    names.set(stat.identity, name);
  }
  for (const { path } of manifest.files) {
    const stat = await files.stat(fromWorkspace(workspace, path));
    const other = stat === null ? undefined : names.get(stat.identity);
    if (other !== undefined && other !== path) throw sameFile(path, other);
  }
}

function sameFile(one: string, other: string): CoreError {
  return refuse(
    'same-file',
    other,
    `and ${one} are the same file`,
    'Put a file of its own in its place, then try again.',
  );
}

/** @param cause completes the sentence "the file …" */
function refuse(code: CoreErrorCode, name: string, cause: string, hint: string): CoreError {
  return new CoreError(code, `${name} ${cause}.`, { path: name, hint });
}
