/**
 * The file store over VS Code's file API, as the engine's worker sees it: for reading only.
 *
 * That API knows no inodes: a file's path is its identity. It tells that a path is a link and not where that leads. It
 * reads files as a whole, so the beginnings that the tree looks at are kept for as long as size and time of the file stay
 * the same.
 */
import { CoreError } from '../../core/errors';
import { systemCode, type FileStat, type FileStore } from '../../core/storage/file-store';
import { sameBytes, sha256 } from '../../core/storage/hash';
import { basename } from '../../core/storage/posix-path';
import type { Answer, HostFiles } from './host-files';

/** Bytes of a file's beginning that are kept; more than anybody looks at. */
const keptHead = 512;

interface Head {
  readonly stamp: string;
  readonly bytes: Uint8Array;
}

export function createWebFileStore(host: HostFiles): FileStore {
  const heads = new Map<string, Head>();

  const stat = async (path: string): Promise<FileStat | null> => {
    const found = await orNull(host.stat(path));
    if (found === null) return null;
    const { kind, size, modified } = found;
    return { kind, size, modified, identity: path, inode: path, device: '', mode: 0o444, uid: 0, gid: 0, links: 1 };
  };
  const read = async (path: string): Promise<Uint8Array> => valueOf(await host.read(path));

  return {
    async realPath(path) {
      if ((await orNull(host.stat(path)))?.isLink === true) throw linked(path);
      return path;
    },
    stat,
    read,
    readImage: read,

    async rereadImage(path, image) {
      const now = await read(path);
      if (now.length !== image.length) return 'resized';
      if (sameBytes(now, image)) return 'same';
      image.set(now);
      return 'changed';
    },

    hash: async (path) => sha256(await read(path)),

    async readHead(path, length) {
      const found = await stat(path);
      const stamp = `${found?.size} ${found?.modified}`;
      const known = heads.get(path);
      if (known?.stamp === stamp && length <= keptHead) return known.bytes.slice(0, length);
      const bytes = await read(path);
      if (found !== null) heads.set(path, { stamp, bytes: bytes.slice(0, keptHead) });
      return bytes.slice(0, length);
    },

    async list(folder) {
      const entries = (await orNull(host.list(folder))) ?? [];
      return [...entries].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    },

    makeFolder: refuse,
    makeNewFolder: refuse,
    writeNew: refuse,
    rename: refuse,
    link: refuse,
    remove: refuse,
    syncFolder: refuse,
    forcesFolders: false,
    freeSpace: () => Promise.resolve(null),
    isWritable: () => Promise.resolve(false),
    networkDriveOf: () => Promise.resolve(null),
  };
}

/** @throws an error with the system's code */
export function valueOf<T>(answer: Answer<T>): T {
  if (answer.ok) return answer.value;
  throw Object.assign(new Error(answer.message), { code: answer.code });
}

async function orNull<T>(answer: Promise<Answer<T>>): Promise<T | null> {
  try {
    return valueOf(await answer);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return null;
    throw error;
  }
}

/** SQLite keeps a log beside the file that a link leads to: beside the link there is none, and old rows would be shown. */
function linked(path: string): CoreError {
  const name = basename(path);
  return new CoreError(
    'unreadable',
    `${name} cannot be read: it is a symbolic link, and where it leads, with a log of newer rows perhaps, cannot be seen here.`,
    {
      path: name,
      hint: 'Open the folder that holds the file itself, or open this one with VS Code on its own computer.',
    },
  );
}

function refuse(path: string): Promise<never> {
  return Promise.reject(needsDisk(`${path} cannot be written`));
}

/** @param what the beginning of a sentence that ends in ": it needs a disk." */
export function needsDisk(what: string): CoreError {
  return new CoreError('needs-disk', `${what}: it needs a disk, and this window has none.`, {
    hint: 'Open the folder with VS Code on the computer that it is on, or use the command line there.',
  });
}
