/** The data folder, before anything is done in it. */
import { CoreError } from '../errors';
import type { FileStore } from '../storage/file-store';
import { displayPath } from '../storage/paths';
import type { Place } from './places';

/** @throws CoreError `data-folder-missing` */
export async function assertPlace(files: FileStore, { workspace, dataFolder }: Place): Promise<void> {
  if ((await files.stat(dataFolder))?.kind === 'folder') return;
  const shown = displayPath(workspace, dataFolder);
  throw new CoreError('data-folder-missing', `The data folder ${shown} is not there.`, {
    path: shown,
    hint: 'Check the workspace and the setting jarvis.dataFolder (on the command line: --data).',
  });
}

/** @throws CoreError `data-folder-missing` or `read-only` */
export async function assertWritablePlace(files: FileStore, place: Place): Promise<void> {
  await assertPlace(files, place);
  if (await files.isWritable(place.dataFolder)) return;
  const shown = displayPath(place.workspace, place.dataFolder);
  throw new CoreError('read-only', `The data folder ${shown} is read-only.`, {
    path: shown,
    hint: 'Allow writing to it, then try again.',
  });
}
