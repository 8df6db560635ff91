/** The way back, tried before the way there is taken: what a run brings can be taken out again, and leaves what was. */
import type { PlanStep } from '../plan/schema';
import type { Check } from '../report/model';
import type { SqliteConnection, SqliteEngine } from '../sqlite/engine';
import { plannedReferences } from './planned-references';
import { sameDatabase } from './prove-removal';
import { removeRun } from './remove-run';

/**
 * Bytes of an image up to which it is tried: of larger ones it would take a tenth of the run and more. Those are undone
 * from their copies, which are proved by hash.
 */
const worthIt = 4 * 1024 ** 2;

export interface UndoRehearsal {
  readonly engine: SqliteEngine;
  readonly database: string;
  /** The target before the run, opened. */
  readonly before: SqliteConnection;
  /** The very bytes that are to be published. */
  readonly image: Uint8Array;
  readonly run: string;
  readonly steps: readonly PlanStep[];
}

/** Whether the rows of the run, taken out of the image, leave every table and every object as it was before. */
export function rehearseUndo({ engine, database, before, image, run, steps }: UndoRehearsal): Check {
  if (image.length > worthIt) return 'notRun';
  const opened: SqliteConnection[] = [];
  try {
    const working = engine.open(image, database);
    opened.push(working);
    const left = engine.open(image, database, { access: 'shared' });
    opened.push(left);
    const { keptCount, isUnknown } = removeRun(working, before, left, run, plannedReferences(steps, database));
    return keptCount === 0 && !isUnknown ? sameDatabase(working, before) : 'failed';
  } finally {
    for (const connection of opened) connection.close();
  }
}
