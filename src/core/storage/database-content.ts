/**
 * What a database is, given the bytes of its main file and of its sidecars: what SQLite would find if it opened them,
 * and nothing where SQLite would guess.
 */
import type { WarningReport } from '../report/model';
import { headerSize, type DatabaseHeader } from '../sqlite/header';
import { isHot, readJournal, rollBack } from '../sqlite/rollback-journal';
import { overlayWal, parseWalHeader, readWal, walHeaderSize, type Wal, type WalEnd } from '../sqlite/wal';
import { assertComplete, assertWholePages, damaged, emptyFile, judgeHeader, sidecarMismatch } from './judge';

export interface Sidecar {
  readonly suffix: '-wal' | '-journal';
  readonly bytes: Uint8Array;
}

/** What the main file alone lacks, or has too much. */
export type Applied =
  | {
      readonly kind: 'wal';
      /** Frames up to the last commit. */
      readonly frames: number;
      /** Frames behind it, of which nothing was taken. */
      readonly unread: number;
    }
  | { readonly kind: 'journal'; readonly pages: number };

export interface DatabaseContent {
  /** The database; the main file itself where no sidecar applies, otherwise a new array. */
  readonly bytes: Uint8Array;
  readonly header: DatabaseHeader;
  readonly applied: Applied | null;
  /** What a person should know about the sidecars. */
  readonly warnings: readonly WarningReport[];
}

/** Whether a sidecar has anything that SQLite would look at. */
export function hasContent({ suffix, bytes }: Sidecar): boolean {
  return suffix === '-wal' ? bytes.length > 0 : isHot(bytes);
}

/** @throws CoreError `empty-file`, `not-sqlite` or `damaged` where the files are no database that can be told for sure */
export function readContent(label: string, main: Uint8Array, sidecars: readonly Sidecar[]): DatabaseContent {
  const find = (suffix: Sidecar['suffix']): Uint8Array | null =>
    sidecars.filter(hasContent).find((sidecar) => sidecar.suffix === suffix)?.bytes ?? null;
  const [wal, journal] = [find('-wal'), find('-journal')];
  if (main.length === 0) throw emptyFile(label, wal === null ? '' : ` beside a log of ${wal.length} bytes`);
  if (wal !== null && journal !== null) {
    const cause = 'has a log and a hot rollback journal at once: which of them is the newer one cannot be told';
    throw sidecarMismatch(label, cause);
  }
  if (journal !== null) return takeBack(label, main, journal);
  if (wal !== null) return applyLog(label, main, wal);
  return { ...judge(label, main), applied: null, warnings: [] };
}

/**
 * Whether SQLite takes notice of a log with this header.
 *
 * @param head the log's first 32 bytes, or all
 * @throws CoreError `damaged` where the log is of another version, or of another database
 */
export function judgeWalHeader(label: string, head: Uint8Array, { pageSize }: DatabaseHeader): boolean {
  const header = parseWalHeader(head);
  if (header.kind === 'unknown')
    throw damaged(label, `has a write-ahead log of the unknown format version ${header.version}`);
  if (header.kind === 'ignored') return false;
  if (header.pageSize === pageSize) return true;
  throw sidecarMismatch(
    label,
    `has another database's write-ahead log: its pages have ${header.pageSize} bytes, those of the database ${pageSize}`,
  );
}

function applyLog(label: string, main: Uint8Array, bytes: Uint8Array): DatabaseContent {
  const alone = { applied: null, warnings: [] };
  const header = judgeHeader(label, main.subarray(0, headerSize));
  assertWholePages(label, header, main.length);
  const log = readWal(bytes);
  if (log.kind === 'ignored') {
    const warnings =
      bytes.length === walHeaderSize
        ? []
        : [{ code: 'wal-ignored', message: `${label}-wal ${log.reason}: it was ignored, as SQLite does.` }];
    return { ...judge(label, main), ...alone, warnings };
  }
  judgeWalHeader(label, bytes, header);
  if (log.kind === 'unknown') throw new TypeError('A log of an unknown version has been refused.');
  const unread = tellUnread(label, log);
  if (log.committed === 0) return { ...judge(label, main), ...alone, warnings: unread };
  const image = overlayWal(main, log, bytes);
  if ('missingPage' in image) {
    const cause = `has another database's write-ahead log, or lacks its end: page ${image.missingPage} of ${log.pageCount} is in neither file`;
    throw sidecarMismatch(label, cause);
  }
  const { committed } = log;
  const frames = committed === 1 ? '1 committed frame' : `${committed} committed frames`;
  const read = `${label}: ${frames} of its write-ahead log ${committed === 1 ? 'was' : 'were'} read.`;
  return {
    ...judge(label, image),
    applied: { kind: 'wal', frames: committed, unread: log.unread },
    warnings: [{ code: 'wal-read', message: read }, ...unread],
  };
}

const whyUnread: Readonly<Record<Exclude<WalEnd, 'end'>, string>> = {
  transaction: 'their transaction was not committed',
  cut: 'the log is cut off',
  damaged: 'a checksum is wrong, as in a damaged log or in a transaction that was not committed',
};

function tellUnread(label: string, { end, unread }: Wal): readonly WarningReport[] {
  if (end === 'end') return [];
  const frames = unread === 1 ? '1 frame' : `${unread} frames`;
  const message = `${label}: ${frames} unread at the end of its write-ahead log: ${whyUnread[end]}.`;
  return [{ code: 'wal-unread', message }];
}

function takeBack(label: string, main: Uint8Array, bytes: Uint8Array): DatabaseContent {
  const { pageSize } = judgeHeader(label, main.subarray(0, headerSize));
  const journal = readJournal(bytes, pageSize);
  if (journal.kind === 'broken') {
    throw damaged(label, `has a hot rollback journal that cannot be rolled back: it ${journal.reason}`);
  }
  if (journal.kind === 'ignored') {
    const message = `${label}-journal ${journal.reason}: it was ignored, as SQLite does.`;
    return { ...judge(label, main), applied: null, warnings: [{ code: 'journal-ignored', message }] };
  }
  const image = rollBack(main, journal, bytes);
  if ('missingPage' in image) {
    const cause = `has another database's rollback journal, or lacks its end: page ${image.missingPage} of ${journal.pageCount} is in neither file`;
    throw sidecarMismatch(label, cause);
  }
  if (image.length === 0) throw emptyFile(label, ' before the transaction that was cut off');
  const content = judge(label, image);
  if (content.header.pageSize !== journal.pageSize)
    throw sidecarMismatch(label, "has another database's rollback journal: the sizes of their pages differ");
  const pages = journal.pages.size === 1 ? '1 page' : `${journal.pages.size} pages`;
  return {
    ...content,
    applied: { kind: 'journal', pages: journal.pages.size },
    warnings: [
      {
        code: 'journal-rolled-back',
        message: `${label}: a transaction that was not finished was taken back in memory (${pages}), never in the file.`,
      },
    ],
  };
}

function judge(label: string, bytes: Uint8Array): Pick<DatabaseContent, 'bytes' | 'header'> {
  const header = judgeHeader(label, bytes.subarray(0, headerSize));
  assertWholePages(label, header, bytes.length);
  assertComplete(label, header, bytes.length);
  return { bytes, header };
}
