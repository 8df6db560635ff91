/** What kind of drive a file lies on. */
import { statfs } from 'node:fs/promises';

/** File system types of Linux, statfs(2) and linux/magic.h, whose files other machines may have open. */
const networkTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x01021997, '9P'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x786f4256, 'VirtualBox shared folder'],
]);

/**
 * The name of a network drive's kind; null for a local one, and where the system does not tell: mapped drives of
 * Windows, every drive of macOS, and FUSE, which serves both.
 */
export async function networkDriveOf(path: string): Promise<string | null> {
  if (process.platform === 'win32') return /^(?:\\\\|\/\/)[^?.]/.test(path) ? 'network share' : null;
  if (process.platform !== 'linux') return null;
  try {
    // Some types have the highest bit set, which arrives as a sign.
    return networkTypes.get((await statfs(path)).type >>> 0) ?? null;
  } catch {
    return null;
  }
}
