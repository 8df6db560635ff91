/** What the command line ends with. Scripts rely on it. */
import type { CoreErrorCode } from '../core/errors';

/** Done, a check failed, bad usage, refused before anything was touched. */
export const exitCodes = { done: 0, checkFailed: 1, badUsage: 2, refused: 3 } as const;

/** For an error that a plan command meets. */
export function exitCodeOfError(code: CoreErrorCode): number {
  if (code === 'plan-missing') return exitCodes.badUsage;
  if (code === 'outside-workspace') return exitCodes.refused;
  return exitCodes.checkFailed;
}
