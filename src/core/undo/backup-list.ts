/** The backups as they are listed: plain data. */
import type { CopyState } from './copies';

export interface BackedUpCopy {
  /** The file that was copied, relative to the workspace folder. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** Null where nobody looked. */
  readonly state: CopyState | null;
}

/** What became of a run. */
export type BackupState =
  | 'copies' // copies only, nothing was published
  | 'published'
  | 'rolledBack'
  | 'pending' // cut off: the next run completes it
  | 'withdrawn'
  | 'rollback' // is itself the rollback of another run
  | 'restore'; // put a backup back

export interface BackupReport {
  readonly run: string;
  /** Relative to the workspace folder. */
  readonly folder: string;
  readonly state: BackupState;
  /** The run that rolled this one back, or that this one rolled back or restored; null for neither. */
  readonly other: string | null;
  /** Bytes of the copies. */
  readonly size: number;
  readonly files: readonly BackedUpCopy[];
}

export interface BackupList {
  readonly format: 1;
  /** Newest first. */
  readonly backups: readonly BackupReport[];
  /** Folders of runs that hold no manifest, and so no copies that anyone could vouch for. */
  readonly withoutManifest: readonly string[];
}

/** Copies that are not what they were. */
export function damagedCopies({ backups }: BackupList): readonly (BackedUpCopy & { readonly run: string })[] {
  return backups.flatMap(({ run, files }) =>
    files.filter(({ state }) => state === 'altered' || state === 'missing').map((file) => ({ run, ...file })),
  );
}
