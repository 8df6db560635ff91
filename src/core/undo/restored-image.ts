/** The bytes that a copy brings back. */
import { formatVersions } from '../sqlite/header';
import { sha256 } from '../storage/hash';
import type { Snapshot } from '../storage/snapshot';

/**
 * The main file of the copy; where a log beside it held content, the database with that content in it: main file and
 * log could not be put back in one step.
 *
 * @returns a note for the user where the bytes are not those of the main file
 */
export async function restoredImage({
  database,
  main,
  bytes,
  header,
  sha256: known,
}: Snapshot): Promise<{ readonly image: Uint8Array; readonly sha256: string; readonly note: string | null }> {
  if (bytes === main) return { image: main, sha256: known, note: null };
  const image = Uint8Array.from(bytes);
  formatVersions.set(image, header.writeVersion);
  const note = `${database} had content in a log beside it: it comes back with that content in the main file, as after a checkpoint.`;
  return { image, sha256: await sha256(image), note };
}
