/** Whether what is taken back fits the memory, by the sizes of the files, before one of them is read. */
import { moving } from '../migration/memory-forecast';
import type { ManifestFile } from '../storage/manifest';
import { assertMemoryFor, looking, type MemoryPorts } from '../storage/needed-memory';
import { fromWorkspace } from '../storage/paths';
import { copyPath, databasesOf } from './copies';
import type { PastRun } from './past-runs';
import type { UndoRequest } from './undo';

/** @param wanted files of the run's manifest; each is read as it is now, and as its copy has it */
export async function assertFitsForUndo(
  ports: MemoryPorts,
  run: PastRun,
  wanted: readonly ManifestFile[],
  { workspace, openAnyway }: Pick<UndoRequest, 'workspace' | 'openAnyway'>,
): Promise<void> {
  const chosen = databasesOf(run).filter((file) => wanted.includes(file));
  await assertMemoryFor(ports, {
    databases: [
      ...chosen.map(({ path }) => ({ name: path, path: fromWorkspace(workspace, path) })),
      ...copiesOf(run, chosen),
    ],
    which: 'of this run, with their copies,',
    factor: looking,
    openAnyway,
  });
}

/** Beside what is in memory already: the run is done once more, from the copies of all that it read. */
export async function assertFitsRecomputing(
  ports: MemoryPorts,
  run: PastRun,
  { openAnyway }: Pick<UndoRequest, 'openAnyway'>,
): Promise<void> {
  await assertMemoryFor(ports, {
    databases: copiesOf(run, databasesOf(run)),
    which: `in the backup of run ${run.run}`,
    factor: moving,
    openAnyway,
  });
}

function copiesOf(
  run: PastRun,
  files: readonly ManifestFile[],
): readonly { readonly name: string; readonly path: string }[] {
  return files.flatMap(({ path, copy }) =>
    copy === null ? [] : [{ name: `the copy of ${path}`, path: copyPath(run, copy) }],
  );
}
