/**
 * Where files lie among the mounts of a process, from Linux's mount tables.
 *
 * Format: proc(5), /proc/<pid>/mountinfo: `id parent major:minor root mountpoint …`, blanks and backslashes as octals.
 */
import { join, relative } from 'node:path/posix';
import { isInside } from './paths';

interface Mount {
  readonly device: string;
  /** The folder of the file system that is mounted. */
  readonly root: string;
  /** Where it is mounted. */
  readonly point: string;
}

/** Whether a file of ours can be reached through a mount of another process. */
export function isMountedIn(theirs: string, ours: string, path: string): boolean {
  let own: Mount | null = null;
  // The last of those that cover the path lies on top.
  for (const mount of parse(ours))
    if (isInside(mount.point, path) && mount.point.length >= (own?.point.length ?? 0)) own = mount;
  if (own === null) return false;
  const { device, root, point } = own;
  const place = join(root, relative(point, path));
  return parse(theirs).some((mount) => mount.device === device && isInside(mount.root, place));
}

function parse(table: string): readonly Mount[] {
  return table.split('\n').flatMap((line) => {
    const [, , device, root, point] = line.split(' ');
    return device === undefined || root === undefined || point === undefined
      ? []
      : [{ device, root: unescape(root), point: unescape(point) }];
  });
}

function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
