/** Who else may write a file, by its mode and owner. */
import type { FileStat } from './file-store';

/**
 * Whether a process of another user may write it. A group with the number of its user is that user's private group,
 * which distributions make by default along with group-writable files: nobody else is in it.
 */
export function othersMayWrite(file: FileStat): boolean {
  const isPrivateGroup = file.gid === file.uid && file.gid === process.getegid?.();
  const others = isPrivateGroup ? 0o002 : 0o022;
  return (file.mode & others) !== 0 || file.uid !== process.geteuid?.();
}
