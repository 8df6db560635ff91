/** `data/backups/<run>/`: the folder of one run, and the run's id with it. */
import { basename, join } from 'node:path';
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

/**
 * Makes the folder of a new run, behind those of all runs before it: a second that is taken gets `-2`, `-3`, …, and so
 * does the last one before local time went back.
 */
export async function makeRunFolder(
  files: FileStore,
  dataFolder: string,
  at: Date,
): Promise<{ readonly run: string; readonly folder: string }> {
  const backups = join(dataFolder, backupsFolderName);
  try {
    return await makeBelow(files, dataFolder, backups, await findFree(files, dataFolder, at));
  } catch (error) {
    throw cannotWrite("The run's folder cannot be made", backups, error, 'backup-failed');
  }
}

async function makeBelow(
  files: FileStore,
  dataFolder: string,
  backups: string,
  free: RunName,
): Promise<{ readonly run: string; readonly folder: string }> {
  await files.makeFolder(backups);
  // The commit point lies below: without this, power loss could take the folder of all backups, manifest included.
  await files.syncFolder(dataFolder);
  for (let { number } = free; ; number++) {
    const run = number === 1 ? free.second : `${free.second}-${number}`;
    const folder = join(backups, run);
    if (await files.makeNewFolder(folder)) {
      await files.syncFolder(backups);
      return { run, folder };
    }
  }
}

/** From the last of the world's time zones to the first, and the hour that summer takes. Milliseconds. */
const mostBack = 27 * 60 * 60 * 1000;

/**
 * Which run was the last is known by their names alone: whoever flies west, or runs in the hour that autumn gives back,
 * must not roll back the run before. A clock that was wrong by more than that is not followed into its future.
 */
async function findFree(files: FileStore, dataFolder: string, at: Date): Promise<RunName> {
  const now = formatRunId(at);
  const latest = formatRunId(new Date(at.getTime() + mostBack));
  const names = (await listRunFolders(files, dataFolder)).map((folder) => readName(basename(folder)));
  const last = names.findLast(({ second }) => second <= latest);
  return last === undefined || last.second < now ? { second: now, number: 1 } : { ...last, number: last.number + 1 };
}

const runIdPattern = /^(\d{8}_\d{6})(?:-(\d{1,6}))?$/;

interface RunName {
  /** `YYYYMMDD_HHMMSS` */
  readonly second: string;
  /** Among the runs of that second, from 1. */
  readonly number: number;
}

function readName(name: string): RunName {
  const match = runIdPattern.exec(name);
  return { second: match?.[1] ?? '', number: Number(match?.[2] ?? 1) };
}

/** The order in which runs were made, by their ids. */
export function compareRuns(a: string, b: string): number {
  const [left, right] = [readName(a), readName(b)];
  return left.second < right.second ? -1 : left.second > right.second ? 1 : left.number - right.number;
}

/** Folders of runs, oldest first. */
export async function listRunFolders(files: FileStore, dataFolder: string): Promise<readonly string[]> {
  const backups = join(dataFolder, backupsFolderName);
  const entries = await files.list(backups);
  return entries
    .filter(({ name, kind }) => kind === 'folder' && runIdPattern.test(name))
    .sort((a, b) => compareRuns(a.name, b.name))
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
