/**
 * The one error type of the core: a broken precondition or a failed operation that a person must hear about.
 *
 * Expected outcomes (a conflict, a rejected row, a check that failed) are data in the run's report, never errors.
 */

/** What went wrong, stable enough to be matched by scripts: the `error.code` of `report.json`. */
export type CoreErrorCode =
  // finding
  | 'workspace-missing'
  | 'data-folder-missing'
  | 'data-folder-ambiguous'
  // reading
  | 'file-missing'
  | 'not-a-file'
  | 'unreadable'
  | 'busy'
  | 'empty-file'
  | 'not-sqlite'
  | 'damaged'
  | 'too-large'
  /** Could be loaded, if the memory is there: for a person to decide. */
  | 'needs-memory'
  | 'encoding-mismatch'
  | 'wal-live'
  | 'journal-hot'
  | 'hard-linked'
  | 'outside-workspace'
  | 'same-file'
  // browsing
  | 'table-missing'
  | 'query-invalid'
  // planning
  | 'plan-invalid'
  | 'plan-missing'
  | 'target-missing'
  | 'target-table-missing'
  | 'target-conflict'
  | 'nothing-to-back-up'
  // running
  | 'in-use'
  | 'in-use-unknown'
  | 'read-only'
  | 'name-too-long'
  | 'no-space'
  | 'locked'
  | 'changed-since'
  | 'rejected-rows'
  | 'validation-failed'
  | 'backup-failed'
  | 'publish-failed'
  | 'recovery-needed'
  | 'report-missing'
  // undoing
  | 'run-unknown'
  | 'backup-damaged'
  | 'not-reversible'
  | 'untrusted'
  // archiving
  | 'archive-missing'
  | 'archive-invalid'
  | 'archive-damaged'
  | 'archive-failed'
  // the engine
  | 'sql-failed'
  | 'engine-died'
  | 'needs-disk'
  | 'cancelled'
  | 'internal';

/** The error as plain data: what crosses the process boundary and what `report.json` holds under `error`. */
export interface CoreErrorData {
  readonly code: CoreErrorCode;
  /** One sentence that names the file (or step) and the cause. */
  readonly message: string;
  /** The file it is about, as the user would name it; null where no single file is to blame. */
  readonly path: string | null;
  /** The next step for the user; null where there is none but to read the log. */
  readonly hint: string | null;
}

export class CoreError extends Error {
  override readonly name = 'CoreError';
  readonly code: CoreErrorCode;
  readonly path: string | null;
  readonly hint: string | null;

  constructor(
    code: CoreErrorCode,
    message: string,
    details: { readonly path?: string | null; readonly hint?: string | null; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.path = details.path ?? null;
    this.hint = details.hint ?? null;
  }

  toData(): CoreErrorData {
    return { code: this.code, message: this.message, path: this.path, hint: this.hint };
  }

  static fromData(data: CoreErrorData): CoreError {
    return new CoreError(data.code, data.message, data);
  }
}

/**
 * Anything thrown, as data. A file or folder that the system keeps from us is nobody's mistake but its owner's to mend;
 * what else is not a {@link CoreError} is a defect of ours and says so with its own message.
 */
export function describeError(error: unknown): CoreErrorData {
  if (error instanceof CoreError) return error.toData();
  const message = messageOf(error);
  const path = outOfReach(error);
  if (path !== null) {
    const hint = 'Check the permissions of the file and of the folders that lead to it, and its disk.';
    return { code: 'unreadable', message: `${path} cannot be reached: ${message}.`, path, hint };
  }
  return { code: 'internal', message: `Unexpected failure: ${message}`, path: null, hint: 'The log has the details.' };
}

/** What only looks, as Node names it in a system error: whatever it fails with, nothing was changed. */
const looking: ReadonlySet<unknown> = new Set([
  'access',
  'lstat',
  'open',
  'read',
  'readlink',
  'realpath',
  'scandir',
  'stat',
]);

/** The path that the system did not let us look at; null where the error is about something else. */
function outOfReach(error: unknown): string | null {
  if (!(error instanceof Error && 'syscall' in error && 'path' in error)) return null;
  return looking.has(error.syscall) && typeof error.path === 'string' ? error.path : null;
}

/** The text of anything thrown: sql.js throws bare strings in places. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
