/** One state of a database file, as viewers and queries read it: the image, and what tells it from a later one. */
import type { FileVersion } from '../core/browse/model';
import type { FileStore } from '../core/storage/file-store';
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
  const version = await stampOf(files, path);
  const image = await readImage(files, path, database, { openAnyway });
  return { bytes: image.bytes, state: { version, modified: image.stat.modified, frames: framesOf(image) } };
}

/** Changes with every change of the file or its sidecars, which lie beside the real file where there is a link to it. */
export async function stampOf(files: FileStore, path: string): Promise<string> {
  const real = await files.realPath(path).catch(() => path);
  const stats = await Promise.all(['', '-wal', '-journal'].map((suffix) => files.stat(real + suffix)));
  return stats.map((stat) => (stat === null ? '-' : `${stat.identity} ${stat.size} ${stat.modified}`)).join('|');
}

/** Frames of the -wal that are part of the image and not of the main file. */
function framesOf({ applied }: DatabaseImage): number {
  return applied?.kind === 'wal' ? applied.frames : 0;
}
