/**
 * Who has a file open, from Linux's /proc. Other systems answer "unknown" for now, and the user is asked.
 *
 * An idle connection in rollback mode holds no lock: only its descriptor shows it. A process of another user hides its
 * descriptors; that matters where the file's mode lets other users write, and then the answer is "unknown".
 */
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import type { FileStat } from './file-store';
import type { Holder, HolderAnswer, HolderProbe } from './holders';

/**
 * The mode bits that let somebody else write. A group with the number of its user is that user's private group, which
 * distributions make by default along with group-writable files: nobody else is in it.
 */
function othersWho(file: FileStat): number {
  const isPrivateGroup = file.gid === file.uid && file.gid === process.getegid?.();
  return isPrivateGroup ? 0o002 : 0o022;
}

export const nodeHolders: HolderProbe = {
  async find(file) {
    if (process.platform !== 'linux')
      return { kind: 'unknown', reason: `${process.platform} does not show it to this version` };
    return findInProc(file);
  },
};

async function findInProc(file: FileStat): Promise<HolderAnswer> {
  let processes: string[];
  try {
    processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  } catch {
    return { kind: 'unknown', reason: '/proc cannot be read' };
  }
  const found = await Promise.all(processes.map((pid) => holds(pid, file)));
  const pids = new Set(processes.filter((_, index) => found[index] === 'yes'));
  for (const pid of await lockOwners(file)) pids.add(pid);
  if (pids.size > 0) {
    const holders: Holder[] = [];
    for (const pid of pids) holders.push({ pid: Number(pid), command: await commandOf(pid) });
    return { kind: 'held', holders };
  }
  // Without process 1 in the list, /proc hides the processes of other users altogether (mount option hidepid).
  const hidden = found.includes('hidden') || !(processes.includes('1') || process.pid === 1);
  const writable = (file.mode & othersWho(file)) !== 0 || file.uid !== process.geteuid?.();
  if (hidden && writable) {
    return { kind: 'unknown', reason: 'other users may write it, and their processes hide their files' };
  }
  return { kind: 'none' };
}

async function holds(pid: string, file: FileStat): Promise<'yes' | 'no' | 'hidden'> {
  const folder = `/proc/${pid}/fd`;
  let descriptors: string[];
  try {
    descriptors = await readdir(folder);
  } catch (error) {
    // A process that ended while we looked holds nothing any more.
    return isDenied(error) ? 'hidden' : 'no';
  }
  for (const descriptor of descriptors) {
    const path = `${folder}/${descriptor}`;
    try {
      // Most descriptors are sockets and pipes; only a path is worth a stat.
      if (!(await readlink(path)).startsWith('/')) continue;
      const { dev, ino } = await stat(path, { bigint: true });
      if (`${dev}:${ino}` === file.identity) return 'yes';
    } catch {
      // Closed meanwhile, or a deleted file: not ours.
    }
  }
  return 'no';
}

/** Owners of POSIX locks on the file, which show even where descriptors are hidden. Lines: proc(5), /proc/locks. */
async function lockOwners(file: FileStat): Promise<readonly string[]> {
  let locks: string;
  try {
    locks = await readFile('/proc/locks', 'utf8');
  } catch {
    return [];
  }
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
