/**
 * A plain file that a run writes beside its databases: where it really lies, and what is in it now.
 *
 * It may not be there yet, and neither may its folder; its name comes from a plan, so it must not lead anywhere else.
 */
import { basename, dirname, join } from 'node:path';
import { CoreError, messageOf, type CoreErrorCode } from '../errors';
import type { FileStat, FileStore } from './file-store';
import { sameBytes, sha256 } from './hash';
import { fromWorkspace, isInside } from './paths';
import { backupsFolderName } from './run-folder';
import type { Snapshot } from './snapshot';

export interface PlainFile {
  /** The name in plans, reports and messages: relative to the workspace folder. */
  readonly name: string;
  /** The real file, symbolic links resolved, also where it is not there yet. */
  readonly path: string;
  /** Null where nothing is there. */
  readonly before: { readonly bytes: Uint8Array; readonly sha256: string; readonly stat: FileStat } | null;
}

/** Bytes of a plain file above which it is not read. */
export const plainFileCap = 16 * 1024 ** 2;

const maximumTries = 5;

/**
 * @param name relative to the workspace folder, forward slashes
 * @throws CoreError `outside-workspace`, `not-a-file`, `hard-linked`, `too-large`, `busy` or `unreadable`
 */
export async function readPlainFile(
  files: FileStore,
  workspace: string,
  dataFolder: string,
  name: string,
): Promise<PlainFile> {
  if (!isPortablePath(name)) {
    throw refuse(
      'outside-workspace',
      name,
      'is no path below the workspace folder',
      'Name the file relative to the workspace folder, with forward slashes and without "..".',
    );
  }
  try {
    const path = await resolveRealPath(files, fromWorkspace(workspace, name));
    await assertPlace(files, workspace, dataFolder, name, path);
    return { name, path, before: await readBefore(files, path, name) };
  } catch (error) {
    if (error instanceof CoreError) throw error;
    throw new CoreError('unreadable', `${name} cannot be read: ${messageOf(error)}`, {
      path: name,
      hint: 'Check the permissions of the file and its folder.',
      cause: error,
    });
  }
}

/** @throws CoreError `same-file` where a plain file is a database of the run, or another plain file by another name */
export function assertDistinctFiles(plainFiles: readonly PlainFile[], databases: readonly Snapshot[]): void {
  const names = new Map<string, string>();
  for (const { database, path, stat } of databases) names.set(path, database).set(stat.identity, database);
  for (const { name, path, before } of plainFiles) {
    const other = names.get(path) ?? (before === null ? undefined : names.get(before.stat.identity));
    if (other !== undefined) {
      throw new CoreError('same-file', `${other} and ${name} are the same file.`, {
        path: name,
        hint: 'Name another file in the plan, or remove the link, then try again.',
      });
    }
    names.set(path, name);
    if (before !== null) names.set(before.stat.identity, name);
  }
}

/** The path with every symbolic link resolved; of a file that is not there, its deepest folder that is. */
export async function resolveRealPath(files: FileStore, path: string): Promise<string> {
  if ((await files.stat(path)) !== null) return files.realPath(path);
  const parent = dirname(path);
  if (parent === path) return path;
  return join(await resolveRealPath(files, parent), basename(path));
}

/** Whether a folder has an entry of that name, be it a link that leads nowhere. */
export async function isTaken(files: FileStore, path: string): Promise<boolean> {
  if ((await files.stat(path)) !== null) return true;
  return (await files.list(dirname(path))).some(({ name }) => name === basename(path));
}

async function assertPlace(
  files: FileStore,
  workspace: string,
  dataFolder: string,
  name: string,
  path: string,
): Promise<void> {
  const data = await files.realPath(dataFolder);
  const roots = [await files.realPath(workspace), data];
  if (!roots.some((root) => isInside(root, path))) {
    throw refuse(
      'outside-workspace',
      name,
      `leads to ${path}, outside the workspace folder`,
      'Name a file inside the workspace folder.',
    );
  }
  // A manifest there is the commit point of some run.
  if (isInside(join(data, backupsFolderName), path))
    throw refuse('outside-workspace', name, 'lies among the backups', 'Name a file outside the backups folder.');
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const stat = await files.stat(folder);
    if (stat?.kind === 'folder') break;
    // Missing is fine: it will be made. A link that leads nowhere would be written through, to who knows where.
    if (stat !== null || (await isTaken(files, folder)))
      throw refuse('not-a-file', name, `cannot be made: ${folder} is no folder`, 'Check what lies at that path.');
    if (folder === dirname(folder)) break;
  }
}

async function readBefore(files: FileStore, path: string, name: string): Promise<PlainFile['before']> {
  const stat = await files.stat(path);
  if (stat === null) {
    if (await isTaken(files, path))
      throw refuse('not-a-file', name, 'is a link that leads nowhere', 'Remove the link, then try again.');
    return null;
  }
  if (stat.kind !== 'file') throw refuse('not-a-file', name, 'is no regular file', 'Check what lies at that path.');
  if (stat.links > 1) {
    throw refuse(
      'hard-linked',
      name,
      `has ${stat.links} hard links: replacing it would leave the others with the old content`,
      'Copy it to a file of its own, put that in its place, then try again.',
    );
  }
  if (stat.size > plainFileCap) {
    throw refuse(
      'too-large',
      name,
      `has ${stat.size.toLocaleString('en')} bytes, more than the ${plainFileCap.toLocaleString('en')} that are read at most`,
      'Name another file in the plan.',
    );
  }
  return readTwice(files, path, name);
}

/** A file that an editor is writing can come out torn: only two equal readings in a row are believed. */
async function readTwice(files: FileStore, path: string, name: string): Promise<PlainFile['before']> {
  let previous = await files.read(path);
  for (let tries = 1; tries < maximumTries; tries++) {
    const bytes = await files.read(path);
    const stat = await files.stat(path);
    if (stat?.size === bytes.length && sameBytes(bytes, previous)) return { bytes, sha256: await sha256(bytes), stat };
    previous = bytes;
  }
  throw refuse('busy', name, 'kept changing while it was read', 'Close what writes it, then try again.');
}

const deviceName = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;

/** A relative path that means the same on every system: no drive, stream, device, nor anything that Windows drops. */
function isPortablePath(name: string): boolean {
  return name.split('/').every(
    (part) =>
      part !== '' &&
      // eslint-disable-next-line no-control-regex -- they are what is looked for
      !/[\\:*?"<>|\u0000-\u001f]/.test(part) &&
      !/[. ]$/.test(part) &&
      !deviceName.test(part),
  );
}

function refuse(code: CoreErrorCode, name: string, cause: string, hint: string): CoreError {
  return new CoreError(code, `${name} ${cause}.`, { path: name, hint });
}
