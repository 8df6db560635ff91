/**
 * The last run by the ledgers of the consolidated databases, which know it also where its backup was deleted by hand:
 * the run before it is not the last one.
 */
import { basename, join } from 'node:path';
import { CoreError } from '../errors';
import { hasLedger, historyTable } from '../migration/ledger/ledger';
import { jarvisPlan } from '../plan/jarvis-plan';
import { loadPlan } from '../plan/load-plan';
import { targetDatabaseOf } from '../plan/schema';
import { assertMemoryFor, looking } from '../storage/needed-memory';
import { displayPath, fromWorkspace } from '../storage/paths';
import { backupsFolderName, compareRuns, listRunFolders } from '../storage/run-folder';
import type { PastRun } from './past-runs';
import { rollbackOf } from './rollback-of';
import type { UndoContext } from './undo';

interface KnownRun {
  readonly run: string;
  /** A database whose ledger names it. */
  readonly database: string;
}

/**
 * @param chosen the last migration among the backups that is in force; null where there is none
 * @throws CoreError `backup-damaged` where a run came after it whose backup is gone
 */
export async function assertLast(context: UndoContext, chosen: PastRun | null): Promise<void> {
  const { runs } = context;
  const missing = (await readLedgers(context))
    .filter(({ run }) => !runs.some((past) => past.run === run) && rollbackOf(runs, run) === null)
    .sort((a, b) => compareRuns(a.run, b.run))
    .at(-1);
  if (missing === undefined || (chosen !== null && compareRuns(missing.run, chosen.run) < 0)) return;
  throw await backupMissing(context, missing, chosen);
}

/** @throws CoreError `backup-damaged` where the ledgers know a run that has no backup */
export async function assertNotMissing(context: UndoContext, named: string): Promise<void> {
  if (context.runs.some(({ run }) => run === named)) return;
  const known = (await readLedgers(context)).find(({ run }) => run === named);
  if (known !== undefined) throw await backupMissing(context, known, null);
}

async function backupMissing(
  { ports, request, dataFolder }: UndoContext,
  { run, database }: KnownRun,
  before: PastRun | null,
): Promise<CoreError> {
  const folder = join(dataFolder, backupsFolderName, run);
  const shown = displayPath(request.workspace, folder);
  const isThere = (await listRunFolders(ports.files, dataFolder)).some((path) => basename(path) === run);
  const fault = isThere ? 'has no manifest.json' : 'is not there';
  const other =
    before === null
      ? 'Without it, nobody can tell the rows of the run from others.'
      : `To roll back the run before it all the same, name it: jarvis-db rollback ${before.run}`;
  return new CoreError(
    'backup-damaged',
    `The backup of run ${run}, which ${database} has rows of, is missing: ${shown} ${fault}.`,
    { path: shown, hint: `Nothing was changed. Put that folder back, then try again. ${other}` },
  );
}

/** Every run that a ledger names. A database that cannot be read is told, and stops nothing. */
async function readLedgers(context: UndoContext): Promise<readonly KnownRun[]> {
  const known: KnownRun[] = [];
  for (const database of await findTargets(context)) {
    try {
      known.push(...(await readLedger(context, database)));
    } catch (error) {
      if (!(error instanceof CoreError)) throw error;
      context.warn('ledger-unread', `Which runs ${database} has rows of is not known: ${error.message}`);
    }
  }
  return known;
}

async function readLedger({ ports, request, readNow }: UndoContext, database: string): Promise<readonly KnownRun[]> {
  const path = fromWorkspace(request.workspace, database);
  const { openAnyway } = request;
  await assertMemoryFor(ports, { databases: [{ name: database, path }], which: '', factor: looking, openAnyway });
  const now = await readNow(database);
  if (now === null) return [];
  const connection = ports.engine.open(now.bytes, database, { access: 'shared' });
  try {
    if (!hasLedger(connection)) return [];
    const rows = connection.all(`SELECT DISTINCT run FROM main.${historyTable}`);
    return rows.map(({ run }) => ({ run: String(run), database }));
  } finally {
    connection.close();
  }
}

/** What the plans in question and the runs before fill: the backups that would tell may be gone. */
async function findTargets({ ports, request, dataFolder, runs }: UndoContext): Promise<ReadonlySet<string>> {
  const place = { workspace: request.workspace, dataFolder: displayPath(request.workspace, dataFolder) };
  const rateLimits = 'file';
  const plans = [jarvisPlan(place.dataFolder, { rateLimits })];
  try {
    plans.push((await loadPlan(ports.files, { ...place, planFile: null, rateLimits })).plan);
  } catch (error) {
    // A plan that is being written is none of this.
    if (!(error instanceof CoreError)) throw error;
  }
  const written = runs
    .flatMap(({ manifest }) => manifest.files)
    .filter(({ kind, sha256After }) => kind !== 'file' && sha256After !== null);
  return new Set([
    ...plans.flatMap(({ steps }) => steps.map(targetDatabaseOf)).filter((name) => name !== null),
    ...written.map(({ path }) => path),
  ]);
}
