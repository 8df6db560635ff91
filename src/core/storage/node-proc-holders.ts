/**
 * Who has a file open, from Linux's /proc.
 *
 * An idle connection in rollback mode holds no lock: only its descriptor shows it. A process of another user hides its
 * descriptors; that matters where the file's mode lets other users write, and in containers, whose root may write
 * whatever is mounted there. In both cases the answer is "unknown".
 */
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import type { FileStat } from './file-store';
import type { FileOnDisk, Holder, HolderAnswer } from './holders';
import { isMountedIn } from './mounts';
import { othersMayWrite } from './node-access';

export async function findInProc(files: readonly FileOnDisk[]): Promise<readonly HolderAnswer[]> {
  let processes: string[];
  try {
    processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  } catch {
    return files.map(() => ({ kind: 'unknown', reason: '/proc cannot be read' }));
  }
  const wanted = new Set(files.map(({ stat }) => stat.identity));
  const open = processes.map((pid) => ({ pid, held: heldBy(pid, wanted) }));
  // Without process 1 in the list, /proc hides the processes of other users altogether (mount option hidepid).
  const someHide = open.some(({ held }) => held === 'hidden') || !(processes.includes('1') || process.pid === 1);
  const locks = await readLocks();
  const hidden = open.filter(({ held }) => held === 'hidden').map(({ pid }) => pid);
  const containers = await mountsOfContainers(hidden);
  const ownMounts = containers.length === 0 ? '' : await readText('/proc/self/mountinfo');
  const isContained = await isInContainer();
  return Promise.all(
    files.map(async ({ path, stat: file }): Promise<HolderAnswer> => {
      const pids = new Set(lockOwners(locks, file));
      for (const { pid, held } of open) if (held !== 'hidden' && held.has(file.identity)) pids.add(pid);
      if (pids.size > 0) {
        const holders: Holder[] = [];
        for (const pid of pids) holders.push({ pid: Number(pid), command: await commandOf(pid) });
        return { kind: 'held', holders };
      }
      if (someHide && othersMayWrite(file)) {
        return { kind: 'unknown', reason: 'other users may write it, and their processes hide their files' };
      }
      if (containers.some((mounts) => isMountedIn(mounts, ownMounts, path))) {
        return { kind: 'unknown', reason: 'it is mounted in a container, whose processes hide their files' };
      }
      if (isContained && !(await isOnRoot(file))) {
        return { kind: 'unknown', reason: 'it lies outside this container, and processes out there are not seen here' };
      }
      return { kind: 'none' };
    }),
  );
}

/**
 * Those of the wanted files (device and inode) that a process has open.
 *
 * Without promises: /proc answers from memory, and thousands of descriptors take ten times as long by way of threads.
 */
function heldBy(pid: string, wanted: ReadonlySet<string>): ReadonlySet<string> | 'hidden' {
  const folder = `/proc/${pid}/fd`;
  const held = new Set<string>();
  let descriptors: string[];
  try {
    descriptors = readdirSync(folder);
  } catch (error) {
    // A process that ended while we looked holds nothing any more.
    return isDenied(error) ? 'hidden' : held;
  }
  for (const descriptor of descriptors) {
    const path = `${folder}/${descriptor}`;
    try {
      // Most descriptors are sockets and pipes; only a path is worth a stat.
      if (!readlinkSync(path).startsWith('/')) continue;
      const { dev, ino } = statSync(path, { bigint: true });
      if (wanted.has(`${dev}:${ino}`)) held.add(`${dev}:${ino}`);
    } catch {
      // Closed meanwhile, or a deleted file: not ours.
    }
  }
  return held;
}

const readLocks = (): Promise<string> => readText('/proc/locks');

/** Empty where the file cannot be read. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
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
  const name = (await readText(`/proc/${pid}/comm`)).trim();
  return name === '' ? 'a process' : name;
}

/** Mount tables of those processes that run in a container; everybody may read these, unlike their descriptors. */
async function mountsOfContainers(pids: readonly string[]): Promise<readonly string[]> {
  const tables = new Set<string>();
  for (const pid of pids) {
    if (containerGroup.test(await readText(`/proc/${pid}/cgroup`)))
      tables.add(await readText(`/proc/${pid}/mountinfo`));
  }
  return [...tables];
}

/** How Docker, containerd, Podman, LXC and Kubernetes name the control group of a container. */
const containerGroup = /docker|containerd|libpod|lxc|kubepods/;

/** The number that the kernel gives the process namespace of the machine itself, PROC_PID_INIT_INO. */
const machineNamespace = 'pid:[4026531836]';

async function isInContainer(): Promise<boolean> {
  try {
    return (await readlink('/proc/self/ns/pid')) !== machineNamespace;
  } catch {
    return false;
  }
}

/** Whether a file lies in the container's own file system, which nobody outside has mounted. */
async function isOnRoot(file: FileStat): Promise<boolean> {
  const { dev } = await stat('/', { bigint: true });
  return String(dev) === file.device;
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}
