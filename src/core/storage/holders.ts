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
  /** Empty where the system does not tell who. */
  | { readonly kind: 'held'; readonly holders: readonly Holder[] }
  /** The system does not tell: never to be taken for "nobody". */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface HolderProbe {
  /**
   * Looks for other processes that have these files open: one look at the machine, however many files. Answers come in
   * the order of the files.
   */
  find(files: readonly FileOnDisk[]): Promise<readonly HolderAnswer[]>;
}

/** A file by its path, and by the device and inode that were found there: where the system tells, these count. */
export interface FileOnDisk {
  readonly path: string;
  readonly stat: FileStat;
}

/** A file by its name in messages. */
export interface NamedFile extends FileOnDisk {
  readonly name: string;
}

/** @throws CoreError `in-use` or `in-use-unknown` for the first file that another process has, or may have, open */
export async function assertNobodyHas(
  probe: HolderProbe,
  files: readonly NamedFile[],
  applicationStopped: boolean,
): Promise<void> {
  const answers = await probe.find(files);
  for (const [index, { name }] of files.entries()) {
    const refusal = refusalOf(answers[index] ?? { kind: 'unknown', reason: 'no answer' }, name, applicationStopped);
    if (refusal !== null) throw refusal;
  }
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
      const named = answer.holders.map(({ pid, command }) => `${command} (process ${pid})`).join(', ');
      const who = named === '' ? 'another process' : named;
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
