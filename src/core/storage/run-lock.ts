/** One writer at a time: a lock file in the data folder, so that two windows cannot publish at once. */
import { basename, join } from 'node:path';
import * as z from 'zod';
import { CoreError } from '../errors';
import { cannotWrite } from './cannot-write';
import { systemCode, type FileStore } from './file-store';

export const lockFileName = '.jarvis-db.lock';

export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Differs between two processes that happen to get the same pid. */
  readonly nonce: string;
  /** Null where the system does not tell. */
  readonly life: ProcessLife | null;
  /** Whether a process of this host is alive. */
  readonly isAlive: (pid: number) => boolean;
  /** Of any process of this host; null where the system does not tell. */
  readonly lifeOf: (pid: number) => ProcessLife | null;
}

/** What tells a process from another one that got its pid later. */
export interface ProcessLife {
  /** Which start of the machine it belongs to. */
  readonly boot: string;
  /** Which processes it can see: pids mean something only among these. */
  readonly namespace: string;
  readonly started: string;
}

/**
 * Takes the lock and returns what gives it back.
 *
 * A lock whose process is gone is stale and replaced: same host and dead pid, or a pid that another process has by now.
 *
 * @throws CoreError `locked` where another run is under way, `no-space` or `read-only` where none can be made
 */
export async function takeRunLock(
  files: FileStore,
  dataFolder: string,
  self: ProcessIdentity,
): Promise<() => Promise<void>> {
  const path = join(dataFolder, lockFileName);
  const { pid, host, nonce, life } = self;
  const taker: Taker = {
    files,
    self,
    draft: `${path}.${nonce}.draft`,
    content: JSON.stringify({ pid, host, nonce, life }),
  };
  await take(taker, path);
  await tidy(taker, dataFolder, path);
  return async () => {
    // Only our own: a stale lock of ours may have been replaced meanwhile.
    if ((await readText(files, path)) === taker.content) await files.remove(path);
  };
}

interface Taker {
  readonly files: FileStore;
  readonly self: ProcessIdentity;
  readonly draft: string;
  readonly content: string;
}

/**
 * Makes the lock, or replaces a stale one. Of two that saw the same stale lock, the slower would remove the fresh one of
 * the faster; so stale locks are only removed under a lock of their own, and judged again there. That one is taken in
 * the same way: its holder may have been killed too.
 */
async function take(taker: Taker, path: string): Promise<void> {
  const { files, self } = taker;
  if (await make(taker, path)) return;
  const seen = await readText(files, path);
  if (!isStale(seen, self)) throw lockedBy(seen, path);
  const gate = gateOf(path);
  await take(taker, gate);
  try {
    const held = await readText(files, path);
    if (held !== null) {
      if (!isStale(held, self)) throw lockedBy(held, path);
      await files.remove(path);
    }
    if (!(await make(taker, path))) throw lockedBy(await readText(files, path), path);
  } finally {
    await files.remove(gate);
  }
}

function gateOf(path: string): string {
  return `${path}.takeover`;
}

/** False where the file is there already. It appears with its content or not at all: an empty lock is nobody's. */
async function make({ files, draft, content }: Taker, path: string): Promise<boolean> {
  const bytes = new TextEncoder().encode(content);
  try {
    await files.remove(draft);
    await files.writeNew(draft, bytes);
    try {
      await files.link(draft, path);
    } catch (error) {
      if (!withoutLinks.includes(systemCode(error))) throw error;
      await files.writeNew(path, bytes);
    } finally {
      // What cannot be removed now is removed by the next run; the lock is what counts.
      await files.remove(draft).catch(() => undefined);
    }
    return true;
  } catch (error) {
    // Without our draft, the holder of the lock has tidied up: then there is one.
    if (['EEXIST', 'ENOENT'].includes(systemCode(error) ?? '')) return false;
    throw cannotWrite(`The lock file ${basename(path)} cannot be made`, path, error);
  }
}

/** What file systems without hard links answer (FAT, some network drives). */
const withoutLinks: readonly (string | null)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'];

/** Takes away what killed processes left beside the lock, which is ours. */
async function tidy(taker: Taker, dataFolder: string, path: string): Promise<void> {
  const { files, self } = taker;
  for (const { name, kind } of await files.list(dataFolder)) {
    if (kind === 'file' && name.startsWith(`${lockFileName}.`) && name.endsWith('.draft'))
      await files.remove(join(dataFolder, name));
  }
  const gate = gateOf(path);
  if (!isStale(await readText(files, gate), self)) return;
  await take(taker, gate);
  await files.remove(gate);
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
  if (owner.life !== null && self.life !== null) {
    if (owner.life.boot !== self.life.boot) return true;
    // A container's processes, or the host's, are alive although we cannot see them.
    if (owner.life.namespace !== self.life.namespace) return false;
  }
  if (owner.pid === self.pid) return owner.nonce !== self.nonce;
  if (!self.isAlive(owner.pid)) return true;
  const now = self.lifeOf(owner.pid);
  return owner.life !== null && now !== null && now.started !== owner.life.started;
}

async function readText(files: FileStore, path: string): Promise<string | null> {
  try {
    return new TextDecoder().decode(await files.read(path));
  } catch {
    return null;
  }
}

const lifeSchema = z.object({ boot: z.string(), namespace: z.string(), started: z.string() });

/** Locks of earlier versions have no `life`. */
const ownerSchema = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  nonce: z.unknown(),
  life: lifeSchema.nullable().catch(null),
});

/** Null for what is half-written or foreign: it is held by someone unknown. */
function parseOwner(text: string): z.infer<typeof ownerSchema> | null {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
