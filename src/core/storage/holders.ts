/** Who else has a database file open: the port, and the refusal that follows from its answer. */
import { CoreError } from '../errors';
import type { FileStat } from './file-store';

export interface Holder {
  readonly pid: number;
  /** The program's name where the system tells it. */
  readonly command: string;
}

export type HolderAnswer =
  | { readonly kind: 'none' }
  | { readonly kind: 'held'; readonly holders: readonly Holder[] }
  /** The system does not tell: never to be taken for "nobody". */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface HolderProbe {
  /** Looks for other processes that have the file of this device and inode open. */
  find(file: FileStat): Promise<HolderAnswer>;
}

/**
 * The refusal that an answer calls for, or null.
 *
 * @param applicationStopped the user's word, which counts only where the system does not tell
 */
export function refusalOf(answer: HolderAnswer, database: string, applicationStopped: boolean): CoreError | null {
  switch (answer.kind) {
    case 'none':
      return null;
    case 'held': {
      const who = answer.holders.map(({ pid, command }) => `${command} (process ${pid})`).join(', ');
      return new CoreError(
        'in-use',
        `${database} is open in ${who}: what that process writes meanwhile would be lost.`,
        {
          path: database,
          hint: 'Stop that process, then try again. A dry run works meanwhile.',
        },
      );
    }
    case 'unknown':
      if (applicationStopped) return null;
      return new CoreError('in-use-unknown', `Cannot see whether a process has ${database} open: ${answer.reason}.`, {
        path: database,
        hint: 'Make sure that Jarvis is stopped, then confirm it (on the command line: --application-stopped).',
      });
  }
}
