/** One writer at a time: a lock file in the data folder, so that two windows cannot publish at once. */
import { basename, join } from 'node:path';
import { CoreError } from '../errors';
import { cannotWrite } from './cannot-write';
import { systemCode, type FileStore } from './file-store';

export const lockFileName = '.jarvis-db.lock';

export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Differs between two processes that happen to get the same pid. */
  readonly nonce: string;
  /** Whether a process of this host is alive. */
  readonly isAlive: (pid: number) => boolean;
}

/**
 * Takes the lock and returns what gives it back.
 *
 * A lock whose process is gone (same host, dead pid) is stale and replaced.
 *
 * @throws CoreError `locked` where another run is under way, `no-space` or `read-only` where none can be made
 */
export async function takeRunLock(
  files: FileStore,
  dataFolder: string,
  self: ProcessIdentity,
): Promise<() => Promise<void>> {
  const path = join(dataFolder, lockFileName);
  const content = JSON.stringify({ pid: self.pid, host: self.host, nonce: self.nonce });
  if (!(await make(files, path, content))) {
    const held = await readText(files, path);
    if (!isStale(held, self)) throw lockedBy(held, path);
    await takeOver(files, path, content, self);
  }
  return async () => {
    // Only our own: a stale lock of ours may have been replaced meanwhile.
    if ((await readText(files, path)) === content) await files.remove(path);
  };
}

/**
 * Replaces a stale lock. Of two that saw the same stale lock, the slower would remove the fresh one of the faster; so
 * stale locks are only removed under a lock of their own, and judged again there.
 */
async function takeOver(files: FileStore, path: string, content: string, self: ProcessIdentity): Promise<void> {
  const gate = `${path}.takeover`;
  if (!(await make(files, gate, content))) throw lockedBy(await readText(files, gate), gate);
  try {
    const held = await readText(files, path);
    if (held !== null) {
      if (!isStale(held, self)) throw lockedBy(held, path);
      await files.remove(path);
    }
    if (!(await make(files, path, content))) throw lockedBy(await readText(files, path), path);
  } finally {
    await files.remove(gate);
  }
}

/** False where the file is there already. */
async function make(files: FileStore, path: string, content: string): Promise<boolean> {
  try {
    await files.writeNew(path, new TextEncoder().encode(content));
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw cannotWrite(`The lock file ${basename(path)} cannot be made`, path, error);
  }
}

function lockedBy(held: string | null, path: string): CoreError {
  const name = basename(path);
  const owner = held === null ? null : parseOwner(held);
  const who = owner === null ? 'another run' : `process ${owner.pid} on ${owner.host}`;
  return new CoreError('locked', `A run is under way: ${who} holds ${name}.`, {
    path: name,
    hint: `Wait for it to end. If no run is under way, delete ${path}.`,
  });
}

/** Its process is gone; or it has our own pid and is not ours: in a container, each start may get the same pid. */
function isStale(held: string | null, self: ProcessIdentity): boolean {
  const owner = held === null ? null : parseOwner(held);
  if (owner?.host !== self.host) return false;
  return owner.pid === self.pid ? owner.nonce !== self.nonce : !self.isAlive(owner.pid);
}

async function readText(files: FileStore, path: string): Promise<string | null> {
  try {
    return new TextDecoder().decode(await files.read(path));
  } catch {
    return null;
  }
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly nonce: unknown;
}

function parseOwner(text: string): Owner | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'pid' in value && 'host' in value && 'nonce' in value) {
      const { pid, host, nonce } = value;
      if (Number.isSafeInteger(pid) && Number(pid) > 0 && typeof host === 'string')
        return { pid: Number(pid), host, nonce };
    }
  } catch {
    // Half-written or foreign: treated as held by someone unknown.
  }
  return null;
}
