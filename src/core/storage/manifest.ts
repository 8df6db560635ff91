/**
 * `manifest.json` of a run: every file involved, with its hashes, and how far publication came.
 *
 * It is the commit point. Before `committed` is on disk, a crash leaves every database as it was; after it, the next
 * start rolls forward from the staged files. It is read back from a folder that anyone may have edited, so its shape
 * is checked.
 */
import * as z from 'zod';
import { CoreError, messageOf } from '../errors';
import type { FileStore } from './file-store';
import { join } from 'node:path';
import { replaceTextFile } from './replace-file';
import { sidecarSuffixes } from './sidecars';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const written = {
  /** Null where the run does not write the file. */
  sha256After: hash.nullable(),
  /** The staged successor's file name, beside the real file; null where the run does not write it. */
  stage: z.string().min(1).nullable(),
};

const databaseSchema = z.strictObject({
  kind: z.undefined().optional(),
  removed: z.undefined().optional(),
  /** Relative to the workspace folder, forward slashes. */
  path: z.string().min(1),
  /** Bytes, before the run. */
  size: z.number().int().nonnegative(),
  sha256Before: hash,
  /** The copy, relative to the run's backup folder. */
  copy: z.string().min(1),
  ...written,
  /**
   * A target's log and journal, as far as SQLite would take content from them: removed before the successor takes the
   * place. Absent where there are none.
   */
  sidecars: z
    .array(z.strictObject({ suffix: z.enum(sidecarSuffixes), sha256: hash }))
    .min(1)
    .optional(),
  /** The staged image with that content, which takes the place first; null where the main file holds it all. */
  checkpoint: z
    .strictObject({ stage: z.string().min(1), sha256: hash })
    .nullable()
    .optional(),
  /** A log or a journal that comes with the successor, and the staged image that holds the content of both. */
  companion: z
    .strictObject({
      suffix: z.enum(sidecarSuffixes),
      stage: z.string().min(1),
      sha256: hash,
      settled: z.strictObject({ stage: z.string().min(1), sha256: hash }),
    })
    .optional(),
});

/**
 * A configuration file, which may not have been there before: size, hash and copy are null then. A database of which
 * nothing was there, since a backup brings it back, is one as well.
 */
const plainFileSchema = z
  .strictObject({
    kind: z.literal('file'),
    path: z.string().regex(/\.(ya?ml|json|db|sqlite3?)$/i),
    size: z.number().int().nonnegative().nullable(),
    sha256Before: hash.nullable(),
    copy: z.string().min(1).nullable(),
    ...written,
    /** The publication takes the file away: there is no successor and no hash after. */
    removed: z.literal(true).optional(),
  })
  .refine(
    ({ removed, sha256Before, sha256After, stage }) =>
      removed === undefined || (sha256Before !== null && sha256After === null && stage === null),
    'a file that is taken away was there, and has no successor',
  )
  .refine(
    ({ size, sha256Before, copy }) =>
      (size === null) === (sha256Before === null) && (copy === null) === (sha256Before === null),
    'a file that was there has a size, a hash and a copy; a new one has none',
  );

const manifestSchema = z.strictObject({
  format: z.literal(1),
  run: z.string().min(1),
  /**
   * `none` copies only; `committed` the targets are to be replaced, whatever happens; `withdrawn` given up before any
   * target was replaced; `done` every target is replaced and verified.
   */
  publication: z.enum(['none', 'committed', 'withdrawn', 'done']),
  /** What the run did, where it was no migration: it undid another run, or put the files of its backup back. */
  act: z
    .strictObject({
      kind: z.enum(['rollBack', 'restore']),
      /** The other run. */
      run: z.string().min(1),
      /** What of that run is still there: rows and files that were changed since, or are referred to. */
      kept: z.number().int().nonnegative(),
    })
    .optional(),
  files: z.array(z.union([databaseSchema, plainFileSchema])),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestFile = Manifest['files'][number];

export function writeManifest(files: FileStore, path: string, manifest: Manifest): Promise<void> {
  return replaceTextFile(files, path, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** @returns null where there is none @throws CoreError `recovery-needed` where there is one that cannot be understood */
export async function readManifest(files: FileStore, path: string): Promise<Manifest | null> {
  if ((await files.stat(path)) === null) return null;
  try {
    const content: unknown = JSON.parse(new TextDecoder().decode(await files.read(path)));
    if (isForeign(content)) return null;
    return manifestSchema.parse(content);
  } catch (error) {
    throw new CoreError(
      'recovery-needed',
      `${path} cannot be understood: ${error instanceof z.ZodError ? firstIssue(error) : messageOf(error)}`,
      {
        path,
        hint: `If the run in ${join(path, '..')} is known to have ended well, move its manifest away.`,
        cause: error,
      },
    );
  }
}

function firstIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue === undefined ? 'its shape is wrong' : `${issue.path.join('.')}: ${issue.message}`;
}

/** Somebody else's file of that name: an object with none of our keys promises nothing of ours. */
function isForeign(content: unknown): boolean {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return false;
  return !['format', 'run', 'publication'].some((key) => key in content);
}
