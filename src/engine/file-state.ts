/** One state of a database file, as viewers and queries read it: the image, and what tells it from a later one. */
import type { FileVersion } from '../core/browse/model';
import type { FileStat, FileStore } from '../core/storage/file-store';
import { assertMemoryFor, looking, type MemoryPorts } from '../core/storage/needed-memory';
import type { ReadOptions } from '../core/storage/probe';
import { readImage, type DatabaseImage } from '../core/storage/snapshot';

export interface FileState {
  /** The database, with what a sidecar adds or takes back. */
  readonly bytes: Uint8Array;
  readonly state: FileVersion;
}

/** @throws CoreError where the file cannot be read safely */
export async function readFileState(
  ports: MemoryPorts & { readonly files: FileStore },
  path: string,
  database: string,
  { openAnyway = false }: ReadOptions = {},
): Promise<FileState> {
  const { files } = ports;
  await assertMemoryFor(ports, { databases: [{ name: database, path }], which: '', factor: looking, openAnyway });
  // Taken before: a change during the reading makes the next look read again, and nothing is missed.
  const stats = await statFiles(files, path);
  const image = await readImage(files, path, database, { openAnyway });
  const frames = framesOf(image);
  const written = frames > 0 ? (stats[1]?.modified ?? 0) : 0;
  const modified = Math.max(image.stat.modified, written);
  return { bytes: image.bytes, state: { version: stampFrom(stats), modified, frames } };
}

/** Changes with every change of the file or its sidecars, which lie beside the real file where there is a link to it. */
export async function stampOf(files: FileStore, path: string): Promise<string> {
  return stampFrom(await statFiles(files, path));
}

/** The main file, its -wal and its -journal. */
async function statFiles(files: FileStore, path: string): Promise<readonly (FileStat | null)[]> {
  const real = await files.realPath(path).catch(() => path);
  return Promise.all(['', '-wal', '-journal'].map((suffix) => files.stat(real + suffix)));
}

function stampFrom(stats: readonly (FileStat | null)[]): string {
  return stats.map((stat) => (stat === null ? '-' : `${stat.identity} ${stat.size} ${stat.modified}`)).join('|');
}

/** Frames of the -wal that are part of the image and not of the main file. */
function framesOf({ applied }: DatabaseImage): number {
  return applied?.kind === 'wal' ? applied.frames : 0;
}
