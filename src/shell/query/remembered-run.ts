/** What a view of a result stored, read back after a reload. It is its own, but a page could be made to store anything. */
import type { RememberedRun } from '../../webview/query/messages';

/** Null where it is nothing that could be run again. */
export function readRemembered(stored: unknown): RememberedRun | null {
  const { document, file, database, sql, explain, gave } = asRecord(asRecord(stored)['run']);
  if (typeof document !== 'string' || typeof file !== 'string' || typeof database !== 'string') return null;
  if (typeof sql !== 'string') return null;
  return { document, file, database, sql, explain: explain === true, gave: readGave(gave) };
}

function readGave(stored: unknown): RememberedRun['gave'] {
  const { rows, cut, milliseconds, at } = asRecord(stored);
  const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
  return isNumber(rows) && isNumber(milliseconds) && isNumber(at)
    ? { rows, cut: cut === true, milliseconds, at }
    : null;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
