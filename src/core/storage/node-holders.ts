/**
 * Who has a file open, from Linux's /proc. Other systems answer "unknown" for now, and the user is asked.
 *
 * An idle connection in rollback mode holds no lock: only its descriptor shows it. A process of another user hides its
 * descriptors; that matters where the file's mode lets other users write, and then the answer is "unknown".
 */
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import type { FileStat } from './file-store';
import type { FileOnDisk, Holder, HolderAnswer, HolderProbe } from './holders';

/**
 * The mode bits that let somebody else write. A group with the number of its user is that user's private group, which
 * distributions make by default along with group-writable files: nobody else is in it.
 */
function othersWho(file: FileStat): number {
  const isPrivateGroup = file.gid === file.uid && file.gid === process.getegid?.();
  return isPrivateGroup ? 0o002 : 0o022;
}

export const nodeHolders: HolderProbe = {
  async find(files) {
    if (process.platform !== 'linux') {
      const reason = `${process.platform} does not show it to this version`;
      return files.map(() => ({ kind: 'unknown', reason }));
    }
    return findInProc(files);
  },
};

async function findInProc(files: readonly FileOnDisk[]): Promise<readonly HolderAnswer[]> {
  let processes: string[];
  try {
    processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  } catch {
    return files.map(() => ({ kind: 'unknown', reason: '/proc cannot be read' }));
  }
  const wanted = new Set(files.map(({ stat }) => stat.identity));
  const open = await Promise.all(processes.map(async (pid) => ({ pid, held: await heldBy(pid, wanted) })));
  // Without process 1 in the list, /proc hides the processes of other users altogether (mount option hidepid).
  const someHide = open.some(({ held }) => held === 'hidden') || !(processes.includes('1') || process.pid === 1);
  const locks = await readLocks();
  return Promise.all(
    files.map(async ({ stat: file }): Promise<HolderAnswer> => {
      const pids = new Set(lockOwners(locks, file));
      for (const { pid, held } of open) if (held !== 'hidden' && held.has(file.identity)) pids.add(pid);
      if (pids.size > 0) {
        const holders: Holder[] = [];
        for (const pid of pids) holders.push({ pid: Number(pid), command: await commandOf(pid) });
        return { kind: 'held', holders };
      }
      const writable = (file.mode & othersWho(file)) !== 0 || file.uid !== process.geteuid?.();
      if (someHide && writable) {
        return { kind: 'unknown', reason: 'other users may write it, and their processes hide their files' };
      }
      return { kind: 'none' };
    }),
  );
}

/** Those of the wanted files (device and inode) that a process has open. */
async function heldBy(pid: string, wanted: ReadonlySet<string>): Promise<ReadonlySet<string> | 'hidden'> {
  const folder = `/proc/${pid}/fd`;
  const held = new Set<string>();
  let descriptors: string[];
  try {
    descriptors = await readdir(folder);
  } catch (error) {
    // A process that ended while we looked holds nothing any more.
    return isDenied(error) ? 'hidden' : held;
  }
  for (const descriptor of descriptors) {
    const path = `${folder}/${descriptor}`;
    try {
      // Most descriptors are sockets and pipes; only a path is worth a stat.
      if (!(await readlink(path)).startsWith('/')) continue;
      const { dev, ino } = await stat(path, { bigint: true });
      if (wanted.has(`${dev}:${ino}`)) held.add(`${dev}:${ino}`);
    } catch {
      // Closed meanwhile, or a deleted file: not ours.
    }
  }
  return held;
}

async function readLocks(): Promise<string> {
  try {
    return await readFile('/proc/locks', 'utf8');
  } catch {
    return '';
  }
}

/** Owners of POSIX locks on the file, which show even where descriptors are hidden. Lines: proc(5), /proc/locks. */
function lockOwners(locks: string, file: FileStat): readonly string[] {
  const device = BigInt(file.device);
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  const owners = [];
  for (const line of locks.split('\n')) {
    const match = /(\d+) ([0-9a-f]+):([0-9a-f]+):(\d+) \S+ \S+$/.exec(line);
    const [, pid, lineMajor, lineMinor, inode] = match ?? [];
    if (pid === undefined || inode !== file.inode || Number(pid) === process.pid) continue;
    if (BigInt(`0x${lineMajor}`) === major && BigInt(`0x${lineMinor}`) === minor) owners.push(pid);
  }
  return owners;
}

async function commandOf(pid: string): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
  } catch {
    return 'a process';
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}
