/** A small file of ours in a new version: a reader, and a crash, meets the old one or the new one, whole. */
import { dirname } from 'node:path';
import type { FileStore } from './file-store';

/** Writes the text beside the file, forced to disk, and renames it over. */
export async function replaceTextFile(files: FileStore, path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  await files.remove(draft);
  await files.writeNew(draft, new TextEncoder().encode(text));
  await files.rename(draft, path);
  await files.syncFolder(dirname(path));
}
