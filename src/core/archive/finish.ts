/** What a cut-off archive or restore left behind: the next start completes it, or gives it up where nothing was removed. */
import { CoreError, messageOf } from '../errors';
import type { WarningReport } from '../report/model';
import type { FileStore } from '../storage/file-store';
import { isRestorable, readArchives, writeArchiveManifest, type KnownArchive } from './archive-manifest';
import { assertCopies, type Place } from './places';
import { putBack } from './put-back';
import { removeOriginals, withdraw, type MoveTools } from './remove-originals';

/** Archives that say they are under way: reading only. */
export async function findUnfinishedArchives(files: FileStore, dataFolder: string): Promise<readonly KnownArchive[]> {
  const known = await readArchives(files, dataFolder);
  return known.filter(({ manifest: { state } }) => state !== 'withdrawn' && !isRestorable(state));
}

/** To be called under the lock. @throws CoreError `recovery-needed` or `in-use`, with nothing lost */
export async function finishArchives(tools: MoveTools, place: Place): Promise<readonly WarningReport[]> {
  const warnings: WarningReport[] = [];
  for (const archive of await findUnfinishedArchives(tools.files, place.dataFolder)) {
    try {
      warnings.push(...(await finishOne(tools, place, archive)));
    } catch (error) {
      if (error instanceof CoreError && error.code.startsWith('in-use')) throw error;
      throw new CoreError(
        'recovery-needed',
        `The archive ${archive.manifest.archive}, which was cut off, cannot be completed: ${messageOf(error)}`,
        {
          path: archive.folder,
          hint: 'Nothing is lost: each file is at its place, in the archive, or both. Put right what the message names, then run again.',
          cause: error,
        },
      );
    }
  }
  return warnings;
}

async function finishOne(tools: MoveTools, place: Place, archive: KnownArchive): Promise<readonly WarningReport[]> {
  const { files } = tools;
  const { archive: name, state } = archive.manifest;
  const tell = (words: string): WarningReport => ({ code: 'recovered', message: `The archive ${name}, ${words}.` });
  // The process was ended, so nothing says that what the manifest promises is on disk.
  await files.syncFolder(archive.folder);
  switch (state) {
    case 'copying':
      await withdraw(files, place, archive);
      return [tell('which was cut off, had moved nothing and has been withdrawn')];
    case 'removing': {
      // A copy that is not what it was must not be the last.
      await assertCopies(files, archive);
      const kept = await removeOriginals(tools, place, archive);
      return [tell('which was cut off, has been completed'), ...kept];
    }
    case 'restoring': {
      await assertCopies(files, archive);
      const { other } = await putBack(files, place, archive);
      await writeArchiveManifest(files, {
        ...archive,
        manifest: { ...archive.manifest, state: 'restored' },
      });
      return [
        tell('whose restoring was cut off, has been restored'),
        ...other.map((path) => ({
          code: 'restore-kept',
          message: `${path} was written meanwhile and stays as it is; what was archived is in ${archive.folder}.`,
        })),
      ];
    }
    case 'withdrawn':
    case 'done':
    case 'restored':
      return [];
  }
}
