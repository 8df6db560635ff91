/** Who has a file open, from `lsof`: on macOS, where nothing else tells. It sees the user's own processes only. */
import { execFile } from 'node:child_process';
import type { FileOnDisk, HolderAnswer } from './holders';
import { othersMayWrite } from './node-access';

/** lsof waits for network drives that do not answer. */
const timeout = 5_000;

export async function findWithLsof(
  files: readonly FileOnDisk[],
  command = '/usr/sbin/lsof',
): Promise<readonly HolderAnswer[]> {
  const unknown = (reason: string): HolderAnswer => ({ kind: 'unknown', reason });
  if (files.length === 0) return [];
  const asked = await ask(
    command,
    files.map(({ path }) => path),
  );
  if ('fault' in asked) return files.map(() => unknown(asked.fault));
  const open = parseLsof(asked.output);
  return files.map(({ stat }): HolderAnswer => {
    const found = open.filter((file) => file.inode === stat.inode && file.device === BigInt(stat.device));
    const pids = [...new Set(found.map(({ pid }) => pid))].filter((pid) => pid !== process.pid);
    if (pids.length > 0) {
      const nameOf = (pid: number): string => found.find((file) => file.pid === pid)?.command ?? 'a process';
      return { kind: 'held', holders: pids.map((pid) => ({ pid, command: nameOf(pid) })) };
    }
    return othersMayWrite(stat)
      ? unknown('other users may write it, and lsof does not show their processes')
      : { kind: 'none' };
  });
}

type Asked = { readonly output: string } | { readonly fault: string };

function ask(command: string, paths: readonly string[]): Promise<Asked> {
  return new Promise((done) => {
    const args = ['-n', '-P', '-w', '-F', 'pcDi', '--', ...paths];
    execFile(command, args, { timeout, maxBuffer: 2 ** 24 }, (error, output, complaint) => {
      if (error === null) done({ output });
      else if (error.killed === true) done({ fault: `lsof did not answer within ${timeout / 1000} seconds` });
      // It ends with 1 where a file of those asked for is open nowhere, and complains where it could not look.
      else if (error.code === 1 && complaint.trim() === '') done({ output });
      else done({ fault: `lsof failed: ${complaint.trim().split('\n')[0] ?? ''}` });
    });
  });
}

interface OpenFile {
  readonly pid: number;
  readonly command: string;
  readonly device: bigint;
  readonly inode: string;
}

/**
 * `lsof -F pcDi`: a line per field, its first letter names it; `p` begins a process, `f` a file of it. lsof(8), "OUTPUT
 * FOR OTHER PROGRAMS".
 */
export function parseLsof(output: string): readonly OpenFile[] {
  const files: OpenFile[] = [];
  let [pid, command] = [0, 'a process'];
  let device: bigint | null = null;
  for (const line of output.split('\n')) {
    const [field, value] = [line.slice(0, 1), line.slice(1)];
    if (field === 'p') [pid, command] = [Number(value), 'a process'];
    else if (field === 'c') command = value;
    else if (field === 'f') device = null;
    else if (field === 'D') device = BigInt(value);
    else if (field === 'i' && device !== null) files.push({ pid, command, device, inode: value });
  }
  return files;
}
