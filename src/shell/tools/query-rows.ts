/** One statement for a model, by the engine of queries: on an image that refuses writes, and with few rows. */
import type { Cell } from '../../core/browse/model';
import { resultTable, type QueryPlanStep } from '../../core/query/model';
import type { EngineClient } from '../../engine/client';
import { Allowance } from './data-text';

/** Rows of one answer. */
const mostRows = 100;

export interface QueriedRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly rowsNotShown: number;
  /** The engine stopped before the last row, so that there are more than those two say. */
  readonly cut: boolean;
}

/**
 * @param path of the file, absolute
 * @throws CoreError `query-invalid` for a statement that does not only read, or that SQLite cannot run
 */
export async function queryRows(
  engine: Pick<EngineClient, 'request' | 'running'>,
  { path, database, sql }: { readonly path: string; readonly database: string; readonly sql: string },
  signal: AbortSignal,
): Promise<QueriedRows | { readonly queryPlan: readonly QueryPlanStep[] }> {
  const on = { path, database, viewer: `tool:${crypto.randomUUID()}` };
  try {
    const result = await engine.request('query.run', { ...on, sql, explain: false }, { signal });
    if (result.kind === 'plan') return { queryPlan: result.steps };
    const rowsOf = { ...on, result: true, table: resultTable } as const;
    const { columns } = await engine.request('browse.open', rowsOf, { signal });
    const query = { sort: [], filters: [] };
    const page = await engine.request('browse.rows', { ...rowsOf, query, from: 0, count: mostRows }, { signal });
    const { shown } = new Allowance().take(page.rows.map(({ cells }) => cells.map(valueOf)));
    const rowsNotShown = result.rows - shown.length;
    return { columns: columns.map(({ name }) => name), rows: shown, rowsNotShown, cut: result.cut };
  } finally {
    // Given up while another statement runs, the engine goes on with the rows in it; one that was ended has none.
    if (engine.running) await engine.request('browse.close', { ...on, result: true }).catch(() => undefined);
  }
}

/** As JSON can say it without a loss: digits that a number would round stay text, and what was cut says so. */
function valueOf({ type, text, size }: Cell): unknown {
  switch (type) {
    case 'null':
      return null;
    case 'integer':
      return Number.isSafeInteger(Number(text)) ? Number(text) : text;
    case 'real':
      return Number.isFinite(Number(text)) ? Number(text) : text;
    case 'text':
      return size === undefined ? text : { beginning: text, bytes: size };
    case 'blob':
      return { blob: text, ...(size === undefined ? {} : { bytes: size }) };
  }
}
