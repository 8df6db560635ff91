/**
 * `manifest.json` of an archive: every file with its hash, and how far the move came. It is on disk before anything is
 * copied, and says `removing` before anything is removed.
 *
 * It is read back from a folder that anyone may have edited, so its shape is checked; where its paths lead is checked
 * where they are followed.
 */
import { basename, join } from 'node:path';
import * as z from 'zod';
import { CoreError, messageOf } from '../errors';
import { copyPath } from '../storage/backup';
import type { FileStore } from '../storage/file-store';
import { replaceTextFile } from '../storage/replace-file';
import { isArchiveName, listArchiveFolders } from './archive-folder';
import type { ArchiveEntry, ArchiveState } from './model';

const manifestName = 'manifest.json';

/** `-shm` is not among them: SQLite rebuilds it from the `-wal`, and a stale one is worse than none. */
export const sidecarSuffixes = ['-wal', '-journal'] as const;

const fileSchema = z.strictObject({
  /** Relative to the workspace folder, forward slashes; absolute where the data folder lies outside. */
  path: z
    .string()
    .min(1)
    .refine(
      (path) => !path.split(/[\\/]/).some((part) => part === '..' || part === '.'),
      'a path goes nowhere but down',
    ),
  /** Bytes. */
  size: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The copy, relative to the archive's folder. */
  copy: z.string().min(1),
});

const databaseSchema = z
  .strictObject({
    database: z.string().min(1),
    /** Rows that were found in the consolidated databases. */
    rows: z.number().int().nonnegative(),
    /** The main file first. */
    files: z.array(fileSchema).min(1),
  })
  .refine(
    ({ database, files: [main, ...sidecars] }) =>
      main?.path === database &&
      sidecars.every(({ path }) => sidecarSuffixes.some((suffix) => path === database + suffix)),
    'a database has its main file first, and then its own sidecars',
  )
  .refine(({ files }) => files.every(({ path, copy }) => copy === copyPath(path)), 'a copy lies where its path says');

const manifestSchema = z.strictObject({
  format: z.literal(1),
  /** The folder's own name. */
  archive: z.string().refine(isArchiveName, 'an archive is named by its date'),
  /** ISO 8601, UTC. */
  at: z.iso.datetime(),
  tool: z.string(),
  state: z.enum(['copying', 'withdrawn', 'removing', 'done', 'restoring', 'restored']),
  databases: z.array(databaseSchema).min(1),
});

export type ArchiveManifest = z.infer<typeof manifestSchema>;
export type ArchivedDatabase = ArchiveManifest['databases'][number];

export interface KnownArchive {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: ArchiveManifest;
}

export function writeArchiveManifest(files: FileStore, { folder, manifest }: KnownArchive): Promise<void> {
  return replaceTextFile(files, join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @throws CoreError `archive-invalid` */
export async function readArchive(files: FileStore, folder: string): Promise<KnownArchive> {
  const name = basename(folder);
  const path = join(folder, manifestName);
  const invalid = (cause: string, error?: unknown): CoreError =>
    new CoreError('archive-invalid', `The archive ${name} cannot be used: ${cause}.`, {
      path,
      hint: 'Name another archive. What lies in this one was left as it is.',
      cause: error,
    });
  if ((await files.stat(path)) === null) throw invalid(`it has no ${manifestName}`);
  let manifest: ArchiveManifest;
  try {
    manifest = manifestSchema.parse(JSON.parse(new TextDecoder().decode(await files.read(path))));
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const cause = issue === undefined ? messageOf(error) : `${issue.path.join('.')}: ${issue.message}`;
    throw invalid(`its ${manifestName} is not understood (${cause})`, error);
  }
  if (manifest.archive !== name) throw invalid(`its ${manifestName} is that of ${manifest.archive}`);
  return { folder, manifest };
}

/** Those whose manifest is understood, oldest first by the time that it states. */
export async function readArchives(files: FileStore, dataFolder: string): Promise<readonly KnownArchive[]> {
  const known = [];
  for (const folder of await listArchiveFolders(files, dataFolder)) {
    try {
      known.push(await readArchive(files, folder));
    } catch (error) {
      // Somebody else's folder of that name promises nothing of ours; lists name it.
      if (!(error instanceof CoreError)) throw error;
    }
  }
  return known.sort((a, b) => compare(a.manifest.at, b.manifest.at) || compare(a.folder, b.folder));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Every archive, newest first; those that cannot be understood last. */
export async function listArchives(files: FileStore, dataFolder: string): Promise<readonly ArchiveEntry[]> {
  const known = [...(await readArchives(files, dataFolder))].reverse();
  const unknown: ArchiveEntry[] = [];
  for (const folder of await listArchiveFolders(files, dataFolder)) {
    if (known.some((archive) => archive.folder === folder)) continue;
    const problem = await readArchive(files, folder).then(() => '', messageOf);
    unknown.push({ name: basename(folder), at: null, state: null, databases: [], problem });
  }
  return [...known.map(describe), ...unknown];
}

function describe({ manifest: { archive, at, state, databases } }: KnownArchive): ArchiveEntry {
  return {
    name: archive,
    at,
    state,
    databases: databases.map(({ database, rows, files }) => ({
      database,
      rows,
      size: files.reduce((sum, { size }) => sum + size, 0),
    })),
    problem: isRestorable(state) ? null : `The archive ${archive} is not complete.`,
  };
}

export function isRestorable(state: ArchiveState): boolean {
  return state === 'done' || state === 'restored';
}

/** The archive that holds each archived database, the newest where there are several. */
export async function findArchived(files: FileStore, dataFolder: string): Promise<ReadonlyMap<string, string>> {
  const known = (await readArchives(files, dataFolder)).filter(({ manifest }) => isRestorable(manifest.state));
  return new Map(
    known.flatMap(({ manifest }) => manifest.databases.map(({ database }) => [database, manifest.archive] as const)),
  );
}
