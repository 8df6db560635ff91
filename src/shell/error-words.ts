import type { CoreErrorData } from '../core/errors';

/** The error in one or two sentences: the cause, then the next step. */
export function wordsFor({ message, hint }: Pick<CoreErrorData, 'message' | 'hint'>): string {
  return hint === null ? message : `${message} ${hint}`;
}
