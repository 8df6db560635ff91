/**
 * What a crashed run left behind: publications to roll forward, and staged files that nobody will need.
 *
 * A manifest that says `committed` is a promise. It is kept if every file is in a state that the manifest knows;
 * otherwise nothing is changed and the user is shown both paths.
 */
import { dirname, join } from 'node:path';
import { CoreError } from '../errors';
import { reportFiles } from '../report/model';
import type { FileStore } from './file-store';
import { sha256 } from './hash';
import { readManifest, writeManifest, type Manifest, type ManifestFile } from './manifest';
import { fromWorkspace } from './paths';
import { probeDatabase } from './probe';
import { listRunFolders } from './run-folder';

export interface PendingPublication {
  readonly manifestPath: string;
  readonly manifest: Manifest;
}

/** Runs whose manifest says `committed`: reading only. */
export async function findPendingPublications(
  files: FileStore,
  dataFolder: string,
): Promise<readonly PendingPublication[]> {
  const pending = [];
  for (const folder of await listRunFolders(files, dataFolder)) {
    const manifestPath = join(folder, reportFiles.manifest);
    const manifest = await readManifest(files, manifestPath);
    if (manifest?.publication === 'committed') pending.push({ manifestPath, manifest });
  }
  return pending;
}

/** @throws CoreError `recovery-needed` with nothing changed, where a file is in no state that the manifest knows */
export async function rollForward(
  files: FileStore,
  workspace: string,
  { manifestPath, manifest }: PendingPublication,
): Promise<void> {
  const renames = [];
  for (const file of manifest.files) {
    const rename = await planRename(files, workspace, file, manifestPath);
    if (rename !== null) renames.push(rename);
  }
  for (const { from, to } of renames) {
    await files.rename(from, to);
    await files.syncFolder(dirname(to));
  }
  await writeManifest(files, manifestPath, { ...manifest, publication: 'done' });
}

async function planRename(
  files: FileStore,
  workspace: string,
  file: ManifestFile,
  manifestPath: string,
): Promise<{ readonly from: string; readonly to: string } | null> {
  if (file.stage === null || file.sha256After === null) return null;
  const to = await files.realPath(fromWorkspace(workspace, file.path));
  const from = join(dirname(to), file.stage);
  const current = await sha256(await files.read(to));
  if (current === file.sha256After) return null;
  await probeDatabase(files, to, file.path);
  const staged = (await files.stat(from)) === null ? null : await sha256(await files.read(from));
  if (current === file.sha256Before && staged === file.sha256After) return { from, to };
  const cause =
    staged === file.sha256After
      ? `${file.path} changed since`
      : `its staged successor ${from} is ${staged === null ? 'gone' : 'altered'}`;
  throw new CoreError(
    'recovery-needed',
    `The publication of run ${manifestName(manifestPath)} was cut off and cannot be continued: ${cause}.`,
    {
      path: file.path,
      hint: `Nothing was changed. Compare ${to} with its copy ${join(dirname(manifestPath), ...file.copy.split('/'))} and the staged ${from}; keep the right one, then set "publication" to "withdrawn" in ${manifestPath}.`,
    },
  );
}

/** Removes staged files of runs that never reached the commit point; call it after every roll-forward succeeded. */
export async function removeOrphanedStages(files: FileStore, targets: readonly string[]): Promise<readonly string[]> {
  const removed = [];
  for (const folder of new Set(targets.map((path) => dirname(path)))) {
    for (const { name, kind } of await files.list(folder)) {
      if (kind !== 'file' || !stagePattern.test(name)) continue;
      await files.remove(join(folder, name));
      removed.push(name);
    }
  }
  return removed;
}

/** What `stageName` makes, and nothing else of the user's. */
const stagePattern = /^\..+\.\d{8}_\d{6}(?:-\d+)?\.stage$/;

function manifestName(manifestPath: string): string {
  return dirname(manifestPath).split(/[\\/]/).at(-1) ?? manifestPath;
}
