/** Finding the data folder of a workspace folder: the setting, else `data/`, else a bounded search. */
import { join, resolve } from 'node:path';
import { CoreError } from '../errors';
import { knownDatabases } from '../plan/jarvis-databases';
import type { FileStore, FolderEntry } from '../storage/file-store';
import { displayPath } from '../storage/paths';
import type { DataFolderCandidate, DataFolderResult } from './model';

const searchDepth = 3;
/** Never searched: other people's code, and our own copies. Dot folders are tools' business. */
export const skippedFolders: ReadonlySet<string> = new Set(['node_modules', 'backups', 'archive']);

export function isSearched(folderName: string): boolean {
  return !folderName.startsWith('.') && !skippedFolders.has(folderName);
}

/**
 * @param setting the user's choice, absolute or relative to the workspace folder; null where there is none
 * @throws the system's error where the workspace folder or `data/` cannot be looked at
 */
export async function findDataFolder(
  files: FileStore,
  workspace: string,
  setting: string | null,
): Promise<DataFolderResult> {
  if ((await files.stat(workspace))?.kind !== 'folder') {
    return none(
      new CoreError('workspace-missing', `The workspace folder ${workspace} is not there.`, {
        path: workspace,
        hint: 'Check the path.',
      }),
    );
  }
  if (setting !== null && setting !== '') {
    const chosen = resolve(workspace, setting);
    if ((await files.stat(chosen))?.kind === 'folder')
      return { kind: 'found', dataFolder: displayPath(workspace, chosen), by: 'setting' };
    return none(
      new CoreError('data-folder-missing', `The data folder ${setting} is not there.`, {
        path: setting,
        hint: 'Correct the setting jarvis.dataFolder (on the command line: --data).',
      }),
    );
  }
  // Where it cannot be listed, nobody knows whether it is the one: no other folder is taken in its stead.
  if (knownNamesOf(await files.list(join(workspace, 'data'))).length > 0)
    return { kind: 'found', dataFolder: 'data', by: 'default' };
  const candidates = await search(files, workspace);
  const [only] = candidates;
  if (only === undefined) {
    return none(
      new CoreError('data-folder-missing', 'No folder with Jarvis databases was found in the workspace.', {
        path: workspace,
        hint: 'Open the folder that holds data/, or set jarvis.dataFolder (on the command line: --data).',
      }),
    );
  }
  if (candidates.length === 1) return { kind: 'found', dataFolder: only.folder, by: 'search' };
  return { kind: 'ambiguous', candidates };
}

async function search(files: FileStore, workspace: string): Promise<readonly DataFolderCandidate[]> {
  const candidates: DataFolderCandidate[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    const entries = await listOrNothing(files, folder);
    const databases = knownNamesOf(entries);
    if (databases.length > 0) {
      candidates.push({ folder: displayPath(workspace, folder), databases });
      return;
    }
    if (depth === searchDepth) return;
    for (const { name, kind } of entries) {
      if (kind === 'folder' && isSearched(name)) await visit(join(folder, name), depth + 1);
    }
  };
  await visit(workspace, 0);
  return candidates;
}

const namesInDataFolder: ReadonlySet<string> = new Set(
  knownDatabases.filter(({ base, path }) => base === 'data' && !path.includes('/')).map(({ path }) => path),
);

function knownNamesOf(entries: readonly FolderEntry[]): readonly string[] {
  return entries
    .filter(({ name, kind }) => (kind === 'file' || kind === 'link') && namesInDataFolder.has(name))
    .map(({ name }) => name);
}

/** A folder that we may not list holds nothing that we could open: one of somebody else's must not end the search. */
export async function listOrNothing(files: FileStore, folder: string): Promise<readonly FolderEntry[]> {
  try {
    return await files.list(folder);
  } catch {
    return [];
  }
}

function none(problem: CoreError): DataFolderResult {
  return { kind: 'none', problem: problem.toData() };
}
