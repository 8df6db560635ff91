/** Writes the rows of a query as text, some hundred at a time: for the clipboard and for files of any length. */
import { CoreError } from '../errors';
import type { RowFormat } from './model';
import { createRowWriter } from './row-formats';
import type { Relation } from './relation';
import type { RowOrder } from './row-order';
import type { BrowseSession } from './session';

/** Where the text goes, piece by piece. */
export interface TextSink {
  write(text: string): Promise<void>;
}

export interface RowRange {
  readonly from: number;
  /** Position behind the last row; null for all. */
  readonly to: number | null;
}

/** Rows that are read at once: few at first, since nobody knows how large they are. */
const batchRows = { first: 20, most: 500 } as const;
/** Characters from which on text is handed over; a string has an end (half a billion), and so has memory. */
const pieceLength = 1024 ** 2;

/**
 * @param breathe lets other requests be answered in between
 * @param onProgress rows written so far
 */
export async function writeRows(
  session: BrowseSession,
  table: string,
  order: RowOrder,
  format: RowFormat,
  columns: readonly string[],
  range: RowRange,
  sink: TextSink,
  breathe: () => Promise<void>,
  onProgress: (rows: number) => void = () => undefined,
): Promise<number> {
  const { relation } = session.relationOf(table);
  const named = format === 'sql' ? insertable(relation, columns) : columns;
  const writer = createRowWriter(format, relation.name, named);
  await sink.write(writer.begin());
  let written = 0;
  let batch: number = batchRows.first;
  for (let from = range.from; range.to === null || from < range.to;) {
    const count = Math.min(batch, (range.to ?? Infinity) - from);
    while (!order.complete && order.reached < from + count) {
      order.work();
      await breathe();
      session.assertOpen();
    }
    const rows = session.exactRows(table, order, named, from, count);
    if (rows.length === 0) break;
    let piece = '';
    let length = 0;
    for (const [index, cells] of rows.entries()) {
      piece += writer.row(cells, written + index === 0);
      if (piece.length < pieceLength && index < rows.length - 1) continue;
      await sink.write(piece);
      length += piece.length;
      piece = '';
    }
    written += rows.length;
    from += rows.length;
    batch = batchAfter(rows.length, length);
    onProgress(written);
    await breathe();
    session.assertOpen();
  }
  await sink.write(writer.end());
  return written;
}

/** SQLite takes no value for a generated column; who wants nothing else gets what was asked for. */
function insertable({ columns }: Relation, wanted: readonly string[]): readonly string[] {
  const stored = wanted.filter((name) => columns.find((column) => column.name === name)?.generated !== true);
  return stored.length === 0 ? wanted : stored;
}

/** As many rows as make one piece, if they are like the ones before. */
function batchAfter(rows: number, length: number): number {
  const fitting = Math.floor((rows * pieceLength) / Math.max(1, length));
  return Math.max(1, Math.min(batchRows.most, fitting));
}

/** A sink for the clipboard: refuses more than a clipboard should hold. */
export class ClipboardText implements TextSink {
  private readonly parts: string[] = [];
  private length = 0;

  constructor(private readonly most: number) {}

  write(text: string): Promise<void> {
    this.length += text.length;
    this.parts.push(text);
    if (this.length <= this.most) return Promise.resolve();
    return Promise.reject(
      new CoreError('query-invalid', `The rows are more than ${Math.round(this.most / 1024 ** 2)} MiB of text.`, {
        hint: 'Select fewer rows, or export them to a file.',
      }),
    );
  }

  get text(): string {
    return this.parts.join('');
  }
}
