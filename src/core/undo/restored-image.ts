/** The bytes that a copy brings back, and the log or journal that they were not whole without. */
import { formatVersions } from '../sqlite/header';
import { hasContent } from '../storage/database-content';
import type { FileStore } from '../storage/file-store';
import { sha256, sameBytes } from '../storage/hash';
import type { SuccessorCompanion } from '../storage/staging';
import type { Snapshot } from '../storage/snapshot';

export interface Restored {
  readonly image: Uint8Array;
  readonly sha256: string;
  /** What comes back beside the image; null where nothing was there. */
  readonly companion: SuccessorCompanion | null;
  /** For the user, where the bytes are not those of the main file. */
  readonly note: string | null;
}

/**
 * Main file and sidecar as they were, to the byte. Where that cannot be done in steps of which each leaves the database
 * whole, the main file alone, with the content of both: such a place has no main file, or no sure order of its changes.
 *
 * @param copy as the backup holds it
 * @param now what it replaces; null where nothing is there
 */
export async function restore(
  files: Pick<FileStore, 'forcesFolders'>,
  { database, main, bytes, header, sha256: known, sidecars }: Snapshot,
  now: Snapshot | null,
): Promise<Restored> {
  const sidecar = sidecars.find(hasContent);
  const asItWas = { image: main, sha256: known, companion: null, note: null };
  if (sidecar === undefined) return asItWas;
  if (now !== null && files.forcesFolders) return { ...asItWas, companion: { ...sidecar, settled: bytes } };
  if (bytes === main) return asItWas;
  const image = Uint8Array.from(bytes);
  formatVersions.set(image, header.writeVersion);
  const what = sidecar.suffix === '-wal' ? 'content in a log' : 'a hot rollback journal';
  const note = `${database} had ${what} beside it: it comes back as one file with what that makes of it, as after the application has opened and closed it.`;
  return { image, sha256: await sha256(image), companion: null, note };
}

/** Whether a database is, to the byte, what a copy would bring back. */
export function isAsBefore(now: Snapshot, { sha256: hash, companion }: Restored): boolean {
  if (now.sha256 !== hash) return false;
  if (companion === null) return now.bytes === now.main;
  const beside = now.sidecars.filter(hasContent);
  const [only] = beside;
  return beside.length === 1 && only?.suffix === companion.suffix && sameBytes(only.bytes, companion.bytes);
}
