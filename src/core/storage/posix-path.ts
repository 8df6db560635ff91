/**
 * What the core uses of `node:path`, with the rules of POSIX: takes its place where there is no Node. Paths there are
 * absolute and have forward slashes whatever the user's system is, since they stand for URIs.
 */

export const sep = '/';

export function isAbsolute(path: string): boolean {
  return path.startsWith(sep);
}

export function join(...parts: readonly string[]): string {
  const joined = parts.filter((part) => part !== '').join(sep);
  return joined === '' ? '.' : normalize(joined);
}

/** The last absolute part begins the path; the first part is taken for absolute, since there is no current folder. */
export function resolve(...parts: readonly string[]): string {
  const start = Math.max(0, parts.findLastIndex(isAbsolute));
  const path = normalize(sep + parts.slice(start).join(sep));
  return path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path;
}

/** How to get from one absolute path to another; empty where they are the same. */
export function relative(from: string, to: string): string {
  const [before, after] = [from, to].map((path) =>
    resolve(path)
      .split(sep)
      .filter((part) => part !== ''),
  );
  if (before === undefined || after === undefined) return '';
  let same = 0;
  while (same < before.length && same < after.length && before[same] === after[same]) same++;
  return [...before.slice(same).map(() => '..'), ...after.slice(same)].join(sep);
}

export function dirname(path: string): string {
  const parent = withoutLastSlash(path);
  const end = parent.lastIndexOf(sep);
  return end < 0 ? '.' : end === 0 ? sep : withoutLastSlash(parent.slice(0, end));
}

export function basename(path: string): string {
  const end = withoutLastSlash(path);
  return end === sep ? '' : end.slice(end.lastIndexOf(sep) + 1);
}

/** With the dot; empty where the name has none, or only the one that it begins with. */
export function extname(path: string): string {
  const name = basename(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 || name === '..' ? '' : name.slice(dot);
}

function normalize(path: string): string {
  const kept: string[] = [];
  for (const part of path.split(sep)) {
    if (part === '' || part === '.') continue;
    if (part !== '..') kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (!isAbsolute(path)) kept.push(part);
  }
  const text = (isAbsolute(path) ? sep : '') + kept.join(sep);
  const slash = path.endsWith(sep) && kept.length > 0 ? sep : '';
  return text === '' ? (path.endsWith(sep) ? './' : '.') : text + slash;
}

function withoutLastSlash(path: string): string {
  return path.length > 1 ? path.replace(/(?<=.)\/+$/, '') : path;
}
