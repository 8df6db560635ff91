/** What lies beside a database file, as far as SQLite would take content from it. */
import { hasContent, type Sidecar } from './database-content';
import { systemCode, type FileStat, type FileStore } from './file-store';
import { sha256 } from './hash';

/** A sidecar with content, by its hash. */
export interface SidecarHash {
  readonly suffix: Sidecar['suffix'];
  readonly sha256: string;
}

/**
 * In the order in which SQLite applies them, https://www.sqlite.org/atomiccommit.html#_hot_rollback_journals: the
 * journal is rolled back before the log is read. Removed in another order, the journal would be rolled back over what
 * the log has added.
 */
export const sidecarSuffixes = ['-journal', '-wal'] as const satisfies readonly Sidecar['suffix'][];

/** The hashes of those that have content, in the order of {@link sidecarSuffixes}. */
export async function hashSidecars(sidecars: readonly Sidecar[]): Promise<readonly SidecarHash[]> {
  const hashes: SidecarHash[] = [];
  for (const suffix of sidecarSuffixes)
    for (const sidecar of sidecars)
      if (sidecar.suffix === suffix && hasContent(sidecar))
        hashes.push({ suffix, sha256: await sha256(sidecar.bytes) });
  return hashes;
}

/** What lies beside a database now, and has content. */
export async function readSidecars(files: FileStore, path: string): Promise<readonly SidecarHash[]> {
  const sidecars: Sidecar[] = [];
  for (const suffix of sidecarSuffixes) {
    try {
      sidecars.push({ suffix, bytes: await files.read(path + suffix) });
    } catch (error) {
      // It is not there, or goes while we look: each commit in rollback mode removes the journal.
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
  return hashSidecars(sidecars);
}

export function sameSidecars(a: readonly SidecarHash[], b: readonly SidecarHash[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ suffix, sha256: hash }, index) => b[index]?.suffix === suffix && b[index].sha256 === hash)
  );
}

/** The files that a connection may have open beside the main file. */
export async function statSidecars(
  files: FileStore,
  path: string,
): Promise<readonly { readonly path: string; readonly stat: FileStat }[]> {
  const found = [];
  for (const suffix of [...sidecarSuffixes, '-shm']) {
    const stat = await files.stat(path + suffix);
    if (stat?.kind === 'file') found.push({ path: path + suffix, stat });
  }
  return found;
}
