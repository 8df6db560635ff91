/** Paths as people and reports see them: relative to the workspace folder, with forward slashes. */
import { isAbsolute, relative, resolve, sep } from 'node:path';

/** The path below the workspace folder; the absolute path where it lies outside. */
export function displayPath(workspace: string, path: string): string {
  const inside = relative(workspace, path);
  if (inside === '') return '.';
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return toSlashes(path);
  return toSlashes(inside);
}

export function isInside(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside === '' || (inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside));
}

/** A path of a plan or report (forward slashes, which Windows takes too) on this machine; an absolute one stays so. */
export function fromWorkspace(workspace: string, path: string): string {
  return resolve(workspace, path);
}

function toSlashes(path: string): string {
  return sep === '/' ? path : path.split(sep).join('/');
}
