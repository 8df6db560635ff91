import { lstat, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The file that makes a folder ours: only a folder that holds it is ever emptied. */
export const MARKER = '.jarvis-sample';

const MARKER_TEXT =
  'This folder was written by the sample workspace generator, which empties it when it makes the sample again.\n';

/** Leaves an empty folder with the marker in it; refuses any folder that holds something and is not ours. */
export async function prepareWorkspaceFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const entries = await readdir(folder);
  if (entries.length > 0 && !(await isMarked(folder))) {
    throw new Error(
      `${folder} is not empty and holds no ${MARKER} file: it is not a sample workspace, nothing was changed`,
    );
  }
  // Written first and kept while the rest is deleted: a run that dies half way leaves a folder that is ours.
  await writeFile(join(folder, MARKER), MARKER_TEXT);
  for (const entry of entries) {
    if (entry !== MARKER) await rm(join(folder, entry), { recursive: true });
  }
}

async function isMarked(folder: string): Promise<boolean> {
  const marker = join(folder, MARKER);
  const status = await lstat(marker).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  return status?.isFile() === true && (await readFile(marker, 'utf8')) === MARKER_TEXT;
}
