import { CoreError } from '../core/errors';
import type { RunMode } from '../core/report/model';

/** A dry run and a validation only read: their reports are shown, not saved. */
export function writesFiles(mode: RunMode): boolean {
  switch (mode) {
    case 'dryRun':
    case 'validate':
      return false;
    case 'migrate':
    case 'backupOnly':
      return true;
  }
}

/**
 * The second lock: the manifest disables these commands in an untrusted workspace, but other extensions and keyboard
 * shortcuts can still run them.
 *
 * @throws CoreError `untrusted`
 */
export function requireTrust(mode: RunMode, isTrusted: boolean): void {
  if (writesFiles(mode)) requireTrustToWrite(isTrusted);
}

/** The same for what is no run. */
export function requireTrustToWrite(isTrusted: boolean): void {
  if (isTrusted) return;
  throw new CoreError('untrusted', 'This workspace is not trusted, so nothing is written in it.', {
    hint: 'Trust the workspace first (Workspaces: Manage Workspace Trust). Viewing, dry runs and validating work as they are.',
  });
}
