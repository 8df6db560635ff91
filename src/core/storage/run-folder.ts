/** `data/backups/<run>/`: the folder of one run, and the run's id with it. */
import { join } from 'node:path';
import { reportFiles } from '../report/model';
import { cannotWrite } from './cannot-write';
import type { FileStore } from './file-store';

export const backupsFolderName = 'backups';

/** `YYYYMMDD_HHMMSS` in local time, as people look for it. */
export function formatRunId(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return `${date}_${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
}

/** Makes the folder of a new run; a second that is taken gets `-2`, `-3`, … */
export async function makeRunFolder(
  files: FileStore,
  dataFolder: string,
  at: Date,
): Promise<{ readonly run: string; readonly folder: string }> {
  const backups = join(dataFolder, backupsFolderName);
  try {
    return await makeBelow(files, dataFolder, backups, formatRunId(at));
  } catch (error) {
    throw cannotWrite("The run's folder cannot be made", backups, error, 'backup-failed');
  }
}

async function makeBelow(
  files: FileStore,
  dataFolder: string,
  backups: string,
  id: string,
): Promise<{ readonly run: string; readonly folder: string }> {
  await files.makeFolder(backups);
  // The commit point lies below: without this, power loss could take the folder of all backups, manifest included.
  await files.syncFolder(dataFolder);
  for (let number = 1; ; number++) {
    const run = number === 1 ? id : `${id}-${number}`;
    const folder = join(backups, run);
    if (await files.makeNewFolder(folder)) {
      await files.syncFolder(backups);
      return { run, folder };
    }
  }
}

const runIdPattern = /^(\d{8}_\d{6})(?:-(\d+))?$/;

/** Folders of runs, oldest first. */
export async function listRunFolders(files: FileStore, dataFolder: string): Promise<readonly string[]> {
  const backups = join(dataFolder, backupsFolderName);
  const entries = await files.list(backups);
  const order = (name: string): readonly [string, number] => {
    const match = runIdPattern.exec(name);
    return [match?.[1] ?? '', Number(match?.[2] ?? 1)];
  };
  return entries
    .filter(({ name, kind }) => kind === 'folder' && runIdPattern.test(name))
    .sort((a, b) => {
      const [aId, aNumber] = order(a.name);
      const [bId, bNumber] = order(b.name);
      return aId < bId ? -1 : aId > bId ? 1 : aNumber - bNumber;
    })
    .map(({ name }) => join(backups, name));
}

/** The newest Markdown report; null where no run has left one. */
export async function findLatestReport(
  files: FileStore,
  dataFolder: string,
): Promise<{ readonly run: string; readonly path: string } | null> {
  for (const folder of [...(await listRunFolders(files, dataFolder))].reverse()) {
    for (const name of [reportFiles.markdown, reportFiles.undo]) {
      const path = join(folder, name);
      if ((await files.stat(path)) !== null)
        return { run: folder.slice(join(dataFolder, backupsFolderName).length + 1), path };
    }
  }
  return null;
}
