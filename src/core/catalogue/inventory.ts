/** Which databases there are: every candidate below the data folder, and those the plan names elsewhere. */
import { basename, extname, join, resolve } from 'node:path';
import { CoreError, describeError, type CoreErrorCode } from '../errors';
import { knownDatabases, type KnownDatabase } from '../plan/jarvis-databases';
import type { FileStore, FolderEntry } from '../storage/file-store';
import { displayPath, fromWorkspace } from '../storage/paths';
import { probeDatabase } from '../storage/probe';
import { isSearched, listOrNothing } from './find-data-folder';
import type { DatabaseEntry, DatabaseRole, FileState, Inventory } from './model';

const extensions: ReadonlySet<string> = new Set(['.db', '.sqlite', '.sqlite3']);
const depth = 3;

/** @throws the system's error where the data folder cannot be listed */
export async function takeInventory(files: FileStore, workspace: string, dataFolder: string): Promise<Inventory> {
  const root = resolve(workspace, dataFolder);
  const known = new Map<string, KnownDatabase>();
  for (const database of knownDatabases) {
    known.set(
      database.base === 'data' ? join(root, ...database.path.split('/')) : fromWorkspace(workspace, database.path),
      database,
    );
  }
  const paths = new Set(await findDatabaseFiles(files, root));
  for (const [path, { role }] of known) {
    // A consolidated database that is missing is worth a line; a legacy one that is missing is nothing.
    if (role === 'consolidated' || (await mayBeThere(files, path))) paths.add(path);
  }
  const databases = await Promise.all(
    [...paths].map((path) => describeFile(files, path, displayPath(workspace, path), known.get(path))),
  );
  databases.sort(
    (a, b) => order[a.role] - order[b.role] || (a.database < b.database ? -1 : a.database > b.database ? 1 : 0),
  );
  return { workspace, dataFolder: displayPath(workspace, root), databases };
}

const order: Readonly<Record<DatabaseRole, number>> = { consolidated: 0, legacy: 1, other: 2 };

/** Files with a database's extension, links included; macOS's `._` companions are not databases. */
async function findDatabaseFiles(files: FileStore, root: string): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (folder: string, entries: readonly FolderEntry[], level: number): Promise<void> => {
    for (const { name, kind } of entries) {
      const path = join(folder, name);
      if (kind === 'folder') {
        if (level < depth && isSearched(name)) await visit(path, await listOrNothing(files, path), level + 1);
      } else if (extensions.has(extname(name).toLowerCase()) && !basename(name).startsWith('._')) {
        found.push(path);
      }
    }
  };
  await visit(root, await files.list(root), 0);
  return found;
}

/** Also where nobody may look: it is listed with that for a reason. */
async function mayBeThere(files: FileStore, path: string): Promise<boolean> {
  try {
    return (await files.stat(path)) !== null;
  } catch {
    return true;
  }
}

async function describeFile(
  files: FileStore,
  path: string,
  database: string,
  known: KnownDatabase | undefined,
): Promise<DatabaseEntry> {
  const { problem, real, applies, frames } = await judge(files, path, database);
  const stat = await statOrNull(files, path);
  const wal = await statOrNull(files, `${real}-wal`);
  const journal = await statOrNull(files, `${real}-journal`);
  return {
    database,
    role: known?.role ?? 'other',
    domain: known?.domain ?? null,
    state: problem === null ? 'ready' : stateOf(problem.code),
    problem,
    size: stat?.size ?? 0,
    modified: Math.max(0, ...[stat, wal, journal].map((file) => file?.modified ?? 0)),
    walSize: wal?.size ?? 0,
    applies,
    frames,
  };
}

interface Judgement extends Pick<DatabaseEntry, 'problem' | 'applies' | 'frames'> {
  /** The real file, symbolic links resolved, where that can be told. */
  readonly real: string;
}

async function judge(files: FileStore, path: string, database: string): Promise<Judgement> {
  try {
    const { path: real, applies, frames } = await probeDatabase(files, path, database);
    return { problem: null, real, applies, frames };
  } catch (error) {
    const known = error instanceof CoreError;
    const cause = known ? error : new CoreError('unreadable', `${database} cannot be read.`, { path: database });
    return { problem: describeError(cause), real: path, applies: null, frames: 0 };
  }
}

async function statOrNull(files: FileStore, path: string): ReturnType<FileStore['stat']> {
  try {
    return await files.stat(path);
  } catch {
    return null;
  }
}

const states: Partial<Readonly<Record<CoreErrorCode, FileState>>> = {
  'file-missing': 'missing',
  'empty-file': 'empty',
  'not-sqlite': 'notSqlite',
  damaged: 'damaged',
  'too-large': 'tooLarge',
  'needs-memory': 'tooLarge',
};

function stateOf(code: CoreErrorCode): FileState {
  return states[code] ?? 'unreadable';
}
