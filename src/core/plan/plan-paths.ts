/**
 * Which paths a plan file may name: relative ones that stay in the workspace folder on every system, whoever wrote them.
 *
 * The built-in plan is exempt (its data folder is the user's own choice). Symbolic links are judged where files are read.
 */
import type { PlanPath } from './parse-plan';
import type { Plan } from './schema';

/** One path that a plan names, and where it names it. */
export interface NamedPath {
  readonly kind: 'database' | 'file';
  readonly path: string;
  readonly at: PlanPath;
}

/** Every database and configuration file of a plan, in the plan's order. */
export function pathsOfPlan(plan: Plan): readonly NamedPath[] {
  const named: NamedPath[] = [];
  const database = (path: string, ...at: PlanPath): number => named.push({ kind: 'database', path, at });
  plan.steps.forEach((step, index) => {
    database(step.legacy.database, 'steps', index, 'legacy', 'database');
    if (step.strategy === 'map' || step.strategy === 'adopt')
      database(step.target.database, 'steps', index, 'target', 'database');
    else if (step.strategy === 'config')
      named.push({ kind: 'file', path: step.target.file, at: ['steps', index, 'target', 'file'] });
  });
  plan.criteria.forEach(({ database: path, accountedFor }, index) => {
    if (path !== undefined) database(path, 'criteria', index, 'database');
    if (accountedFor !== undefined) database(accountedFor.database, 'criteria', index, 'accountedFor', 'database');
  });
  return named;
}

export interface UnsafePath extends NamedPath {
  /** In words, to follow the path: `leaves the workspace folder: it has a ".." in it`. */
  readonly reason: string;
}

/** @param dataFolder relative to the workspace folder, or absolute */
export function findUnsafePaths(plan: Plan, dataFolder: string): readonly UnsafePath[] {
  const named = pathsOfPlan(plan);
  const databases = new Set(named.filter(({ kind }) => kind === 'database').map(({ path }) => fold(path)));
  return named.flatMap((entry) => {
    const reason =
      unsafePath(entry.path, dataFolder) ??
      (entry.kind === 'database' ? sidecarFault(entry.path) : fileFault(entry.path, databases));
    return reason === null ? [] : [{ ...entry, reason }];
  });
}

/** Names that Windows keeps for devices, whatever their extension. */
const deviceName = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])$/i;

/**
 * Why a path may not stand in a plan file, in words that follow the path; null where it may.
 *
 * @param dataFolder relative to the workspace folder: its `backups` and `archive` are ours
 */
export function unsafePath(path: string, dataFolder = 'data'): string | null {
  if (path === '') return 'is empty';
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(path)) return 'holds a control character';
  if (path.includes('\\')) return 'has a backslash: a plan is written with forward slashes';
  if (path.startsWith('/')) return 'is absolute: a plan names files relative to the workspace folder';
  if (/^[a-z]:/i.test(path)) return 'has a drive letter: a plan names files relative to the workspace folder';
  if (path.includes(':')) return 'has a colon, which on Windows names a stream of a file';
  for (const segment of path.split('/')) {
    if (segment === '') return 'has an empty segment: two slashes in a row, or one at the end';
    if (segment === '.') return 'has a "." in it';
    if (segment === '..') return 'leaves its folder: it has a ".." in it';
    if (/[. ]$/.test(segment)) return 'has a name that ends in a dot or a space, which Windows takes away';
    if (deviceName.test((segment.split('.')[0] ?? '').trimEnd()))
      return `has the name ${segment}, which on Windows is a device`;
  }
  return inOwnFolders(path, dataFolder);
}

/** Copies that a run made are evidence: no plan may read or write them. */
function inOwnFolders(path: string, dataFolder: string): string | null {
  const prefix = dataFolder === '.' || dataFolder === '' ? '' : `${fold(dataFolder)}/`;
  for (const own of ['backups', 'archive']) {
    const folder = `${prefix}${own}`;
    if (fold(path) === folder || fold(path).startsWith(`${folder}/`))
      return `lies in ${folder}, where runs keep copies`;
  }
  return null;
}

function sidecarFault(path: string): string | null {
  return /-(?:wal|shm|journal)$/i.test(path) ? 'is the name of a sidecar, not of a database' : null;
}

function fileFault(path: string, databases: ReadonlySet<string>): string | null {
  if (databases.has(fold(path))) return 'is a database of the plan, not a configuration file';
  // .vscode/tasks.json, .git, .github/workflows: what other tools act upon.
  if (path.split('/').some((segment) => segment.startsWith('.'))) return 'lies in a hidden folder, or is a hidden file';
  if (fold(path) === 'jarvis.plan.json') return 'is the plan file itself';
  return null;
}

/** File systems that tell two spellings apart are the exception: a plan must be safe on the others too. */
function fold(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
