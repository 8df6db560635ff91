/** Writing a file and knowing what is on the disk: backups and staged successors alike. */
import type { FileOwner, FileStore } from './file-store';

/** Bytes from which another thread writes: below, asking it takes longer than writing. */
const worthAThread = 4 * 1024 ** 2;

/**
 * Writes a file that must not exist yet, forces it to disk, and reads it back.
 *
 * @returns the SHA-256 of what was read; comparing it is the caller's, who knows what to say
 * @throws as {@link FileStore.writeNew}; where reading fails, what was written stays
 */
export async function writeVerified(
  files: FileStore,
  path: string,
  bytes: Uint8Array,
  owner?: FileOwner,
): Promise<string> {
  if (files.writeBeside !== undefined && bytes.length >= worthAThread) return files.writeBeside(path, bytes, owner);
  await files.writeNew(path, bytes, owner);
  return files.hash(path);
}
