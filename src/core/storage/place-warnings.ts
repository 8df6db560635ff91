/** What a person should know about where databases lie: drives and folders that others write as well. */
import { basename, dirname, extname } from 'node:path';
import type { WarningReport } from '../report/model';
import type { FileStore } from './file-store';

export interface LyingFile {
  /** In messages: relative to the workspace folder. */
  readonly name: string;
  /** The real file. */
  readonly path: string;
}

/** One warning for each network drive and each synchronised folder, and one for each conflict copy beside a file. */
export async function findPlaceWarnings(
  files: Pick<FileStore, 'networkDriveOf' | 'list'>,
  lying: readonly LyingFile[],
): Promise<readonly WarningReport[]> {
  const warnings = new Map<string, WarningReport>();
  const warn = (code: string, message: string): unknown => warnings.set(message, { code, message });
  for (const [folder, first] of new Map(lying.map(({ name, path }) => [dirname(path), dirname(name)]))) {
    const where = first === '.' ? 'The workspace folder' : first;
    const drive = await files.networkDriveOf(folder);
    if (drive !== null)
      warn(
        'network-drive',
        `${where} lies on a network drive (${drive}): nobody sees what other machines have open there. Stop the application on all of them before you migrate.`,
      );
    const service = syncServiceOf(folder);
    if (service !== null)
      warn(
        'synchronised-folder',
        `${where} is kept the same as elsewhere by ${service}, which may write the databases at any time. Pause it before you migrate.`,
      );
    const names = (await files.list(folder)).map(({ name }) => name);
    for (const { name, path } of lying.filter((file) => dirname(file.path) === folder)) {
      for (const other of names.filter((candidate) => isConflictCopy(candidate, basename(path))))
        warn(
          'conflict-copy',
          `Beside ${name} lies ${other}, which looks like a copy that a synchronised folder made of a conflict: its rows are not migrated.`,
        );
    }
  }
  return [...warnings.values()];
}

const services: readonly (readonly [service: string, folder: RegExp])[] = [
  ['OneDrive', /^OneDrive(?: - .+)?$/i],
  ['Dropbox', /^Dropbox(?: \(.+\))?$/i],
  ['Google Drive', /^(?:Google ?Drive|My Drive)(?:-.+)?$/i],
  ['iCloud Drive', /^(?:com~apple~CloudDocs|iCloud ?Drive)$/i],
  ['Nextcloud', /^(?:Nextcloud|ownCloud)$/i],
  ['a cloud storage provider', /^CloudStorage$/],
];

/** The service whose folder this is or lies in, by the names that the services give their folders. */
export function syncServiceOf(folder: string): string | null {
  const parts = folder.split(/[\\/]/);
  return services.find(([, pattern]) => parts.some((part) => pattern.test(part)))?.[0] ?? null;
}

/** How Dropbox, Nextcloud, Syncthing and Google Drive name the copy that lost, `name` being that which won. */
export function isConflictCopy(candidate: string, name: string): boolean {
  const end = extname(name);
  const stem = name.slice(0, name.length - end.length);
  if (candidate === name || !candidate.startsWith(stem) || !candidate.endsWith(end)) return false;
  const added = candidate.slice(stem.length, candidate.length - end.length);
  return /^ ?\(.*conflict(?:ed)?.*\)$|^\.sync-conflict-[\w-]+$|^ \(\d+\)$/i.test(added);
}
