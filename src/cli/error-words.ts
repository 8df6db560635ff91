/** An error as the terminal shows it. */
import type { CoreErrorData } from '../core/errors';
import { visible } from '../core/report/display';

/** What happened and what to do, each on a line of its own; names in it cannot drive the terminal. */
export function errorWords({ message, hint }: Pick<CoreErrorData, 'message' | 'hint'>): string {
  return `jarvis-db: ${visible(message)}\n${hint === null ? '' : `${visible(hint)}\n`}`;
}

/** What a program gets: the one document on standard output of a command with `--json` that came to nothing. */
export function errorDocument(
  error: CoreErrorData | (Omit<CoreErrorData, 'code'> & { readonly code: 'bad-usage' }),
): string {
  return `${JSON.stringify({ format: 1, error }, null, 2)}\n`;
}
