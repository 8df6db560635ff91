/** One writer at a time: a lock file in the data folder, so that two windows cannot publish at once. */
import { join } from 'node:path';
import { CoreError } from '../errors';
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
 * @throws CoreError `locked` where another run is under way
 */
export async function takeRunLock(
  files: FileStore,
  dataFolder: string,
  self: ProcessIdentity,
): Promise<() => Promise<void>> {
  const path = join(dataFolder, lockFileName);
  const content = JSON.stringify({ pid: self.pid, host: self.host, nonce: self.nonce });
  for (let tries = 0; ; tries++) {
    try {
      await files.writeNew(path, new TextEncoder().encode(content));
      return async () => {
        // Only our own: a stale lock of ours may have been replaced meanwhile.
        if ((await readText(files, path)) === content) await files.remove(path);
      };
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
    const held = await readText(files, path);
    const owner = held === null ? null : parseOwner(held);
    const stale = owner !== null && owner.host === self.host && !self.isAlive(owner.pid);
    if (!stale || tries > 0) {
      const who = owner === null ? 'another run' : `process ${owner.pid} on ${owner.host}`;
      throw new CoreError('locked', `A run is under way: ${who} holds ${lockFileName}.`, {
        path: lockFileName,
        hint: `Wait for it to end. If no run is under way, delete ${path}.`,
      });
    }
    await files.remove(path);
  }
}

async function readText(files: FileStore, path: string): Promise<string | null> {
  try {
    return new TextDecoder().decode(await files.read(path));
  } catch {
    return null;
  }
}

function parseOwner(text: string): { readonly pid: number; readonly host: string } | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'pid' in value && 'host' in value) {
      if (typeof value.pid === 'number' && typeof value.host === 'string') return { pid: value.pid, host: value.host };
    }
  } catch {
    // Half-written or foreign: treated as held by someone unknown.
  }
  return null;
}
