/** The file store over `node:fs`. */
import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  access,
  link,
  mkdir,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  statfs,
  type FileHandle,
} from 'node:fs/promises';
import { allocateImage } from '../sqlite/image-memory';
import { systemCode, type FileOwner, type FileStat, type FileStore, type FolderEntry } from './file-store';
import { networkDriveOf } from './node-volume';
import { mapInParallel } from './parallel';

/** Bytes that are compared or hashed at a time. */
const chunkSize = 1024 ** 2;

/** Bytes that are read at a time into memory of their own. */
const partSize = 16 * 1024 ** 2;

export const nodeFileStore: FileStore = {
  realPath: (path) => realpath(path),

  async stat(path) {
    try {
      return describe(await stat(path, { bigint: true }));
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  },

  async read(path) {
    const file = await openToRead(path);
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  },

  async readImage(path) {
    const file = await openToRead(path);
    try {
      const { size } = await file.stat();
      const image = allocateImage(size);
      return image.subarray(0, await fillInParts(file, image));
    } finally {
      await file.close();
    }
  },

  async rereadImage(path, image) {
    const file = await openToRead(path);
    try {
      let same = true;
      let at = 0;
      for await (const now of readAhead(file)) {
        const then = image.subarray(at, at + now.length);
        if (then.length < now.length) return 'resized';
        at += now.length;
        if (Buffer.compare(now, then) === 0) continue;
        same = false;
        then.set(now);
      }
      if (at < image.length) return 'resized';
      return same ? 'same' : 'changed';
    } finally {
      await file.close();
    }
  },

  async hash(path) {
    const file = await openToRead(path);
    try {
      const hash = createHash('sha256');
      for await (const chunk of readAhead(file)) hash.update(chunk);
      return hash.digest('hex');
    } finally {
      await file.close();
    }
  },

  async readHead(path, length) {
    const file = await openToRead(path);
    try {
      const head = new Uint8Array(length);
      return head.subarray(0, await fill(file, head, 0));
    } finally {
      await file.close();
    }
  },

  async list(folder) {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries
        .map((entry): FolderEntry => {
          const kind = entry.isFile()
            ? 'file'
            : entry.isDirectory()
              ? 'folder'
              : entry.isSymbolicLink()
                ? 'link'
                : 'other';
          return { name: entry.name, kind };
        })
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  },

  async makeFolder(path) {
    await mkdir(path, { recursive: true });
  },

  async makeNewFolder(path) {
    try {
      await mkdir(path);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    }
  },

  async writeNew(path, bytes, owner) {
    const file = await open(path, 'wx', owner === undefined ? 0o666 : owner.mode & 0o777);
    let complete = false;
    try {
      try {
        await writeAll(file, path, bytes);
        if (owner !== undefined && process.platform !== 'win32') await give(file, owner);
        await file.sync();
      } finally {
        await file.close();
      }
      // Not before it is closed: some file systems tell only then that there was no room.
      complete = true;
    } finally {
      // It was made here, so it is ours to remove: half a lock file would lock everybody out, half a stage stay for good.
      if (!complete) await rm(path, { force: true });
    }
  },

  rename: (from, to) => rename(from, to),

  link: (from, to) => link(from, to),

  async remove(path) {
    await rm(path, { force: true });
  },

  async syncFolder(path) {
    if (process.platform === 'win32') return;
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },

  forcesFolders: process.platform !== 'win32',

  async freeSpace(folder) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    } catch {
      // Not every file system tells; the write itself will.
      return null;
    }
  },

  networkDriveOf,

  async isWritable(path) {
    try {
      await access(path, constants.W_OK);
      // For root, access() allows what a read-only mode forbids everyone else; the owner's intent counts.
      const { mode } = await stat(path);
      return (mode & 0o222) !== 0;
    } catch {
      return false;
    }
  },
};

/**
 * Opening a pipe would wait for its other end, and reading a device might never end. Without waiting, and with a look at
 * what was opened, neither happens; of a regular file, O_NONBLOCK says nothing (open(2)). Windows does not know it.
 */
async function openToRead(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | (process.platform === 'win32' ? 0 : constants.O_NONBLOCK));
  try {
    if ((await file.stat()).isFile()) return file;
    throw Object.assign(new Error(`${path} is no regular file`), { code: 'EINVAL' });
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Fills the bytes from a position of the file on; fewer than asked where it ends before. */
async function fill(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

async function writeAll(file: FileHandle, path: string, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, written);
    // A full disk has been seen to return a short count and no error: asking again brings the error out.
    if (bytesWritten === 0) throw Object.assign(new Error(`No progress writing ${path}`), { code: 'ENOSPC' });
    written += bytesWritten;
  }
}

async function give(file: FileHandle, owner: FileOwner): Promise<void> {
  const made = await file.stat();
  const { uid = made.uid, gid = made.gid } = owner;
  if (made.uid !== uid || made.gid !== gid) await file.chown(uid, gid);
  // After chown, which may clear bits; and the process's umask must not narrow the mode either.
  await file.chmod(owner.mode & 0o7777);
}

/** Fills the bytes from the beginning of the file on, several parts at a time: new memory is slow to come by. */
async function fillInParts(file: FileHandle, bytes: Uint8Array): Promise<number> {
  const starts = Array.from({ length: Math.ceil(bytes.length / partSize) }, (_, index) => index * partSize);
  const filled = await mapInParallel(starts, (start) => fill(file, bytes.subarray(start, start + partSize), start));
  // Whatever lies behind a part that came out short was cut off meanwhile.
  const short = filled.findIndex((length, index) => length < Math.min(partSize, bytes.length - index * partSize));
  return short < 0 ? bytes.length : short * partSize + (filled[short] ?? 0);
}

/** A file's bytes to its end, a chunk at a time: while one is looked at, the next is being read into other memory. */
async function* readAhead(file: FileHandle): AsyncGenerator<Uint8Array, void> {
  // Of a small file the first chunk has room for all of it, and no more.
  const size = Math.max(4096, Math.min(chunkSize, (await file.stat()).size + 1));
  let [here, ahead] = [new Uint8Array(size), new Uint8Array(0)];
  let reading = fill(file, here, 0);
  try {
    for (let at = 0; ; at += size) {
      const filled = await reading;
      const chunk = here.subarray(0, filled);
      if (filled < size) {
        if (filled > 0) yield chunk;
        return;
      }
      [here, ahead] = [ahead.length === 0 ? new Uint8Array(size) : ahead, here];
      reading = fill(file, here, at + size);
      yield chunk;
    }
  } finally {
    // Whoever stops early closes the file: not under a read.
    await reading.catch(() => undefined);
  }
}

type BigStats = { [K in keyof Stats]: Stats[K] extends number ? bigint : Stats[K] };

function describe(
  stats: Pick<
    BigStats,
    'dev' | 'ino' | 'size' | 'mode' | 'uid' | 'gid' | 'nlink' | 'mtimeMs' | 'isFile' | 'isDirectory'
  >,
): FileStat {
  return {
    kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other',
    identity: `${stats.dev}:${stats.ino}`,
    device: String(stats.dev),
    inode: String(stats.ino),
    size: Number(stats.size),
    mode: Number(stats.mode),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    links: Number(stats.nlink),
    modified: Number(stats.mtimeMs),
  };
}

function isAbsent(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
