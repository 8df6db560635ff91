/** A failed write in the words of the user: what could not be written, why, and what to do about it. */
import { CoreError, messageOf, type CoreErrorCode } from '../errors';
import { systemCode } from './file-store';

const readOnlyCodes: readonly (string | null)[] = ['EACCES', 'EPERM', 'EROFS'];
const fullCodes: readonly (string | null)[] = ['ENOSPC', 'EDQUOT'];

/** @param what a clause without its cause, such as "The lock file x cannot be made" */
export function cannotWrite(
  what: string,
  path: string | null,
  error: unknown,
  otherwise: CoreErrorCode = 'publish-failed',
): CoreError {
  if (error instanceof CoreError) return error;
  const cause = systemCode(error);
  const [code, hint]: readonly [CoreErrorCode, string] = fullCodes.includes(cause)
    ? ['no-space', 'Free some space on the disk of the data folder, then try again.']
    : readOnlyCodes.includes(cause)
      ? ['read-only', 'Allow writing to the data folder, then try again.']
      : [otherwise, 'Check the disk and the permissions of the data folder, then try again.'];
  return new CoreError(code, `${what}: ${messageOf(error)}`, { path, hint, cause: error });
}
