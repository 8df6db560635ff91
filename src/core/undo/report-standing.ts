/** What can still be done with the report of a run: read from the folder of the run as it is now. */
import { basename, join, resolve } from 'node:path';
import { CoreError } from '../errors';
import { reportFiles, type Domain, type MismatchReport } from '../report/model';
import type { FileStore } from '../storage/file-store';
import { displayPath } from '../storage/paths';
import { listRunFolders } from '../storage/run-folder';
import { chooseRun } from './choose-run';
import { readPastRuns } from './past-runs';

export interface ReportStanding {
  /** The run changed databases, and was not rolled back completely. */
  readonly canRollBack: boolean;
  /** Domains of its steps; empty where the report does not say. */
  readonly domains: readonly Domain[];
  /** Cells that the report lists as different: of conflicts, and of checks that failed. */
  readonly mismatches: readonly MismatchReport[];
  /** `rejects.db` of the run, relative to the workspace folder; null where there is none. */
  readonly rejects: string | null;
}

const allDomains: readonly Domain[] = ['core', 'analytics', 'cache'];

/** @returns null where the backups know no such run */
export async function readReportStanding(
  files: FileStore,
  { workspace, dataFolder }: { readonly workspace: string; readonly dataFolder: string },
  run: string,
): Promise<ReportStanding | null> {
  const data = resolve(workspace, dataFolder);
  const folder = (await listRunFolders(files, data)).find((path) => basename(path) === run);
  if (folder === undefined) return null;
  const rejects = join(folder, reportFiles.rejects);
  return {
    canRollBack: await canRollBack(files, data, run),
    ...(await readReport(files, join(folder, reportFiles.json))),
    rejects: (await files.stat(rejects)) === null ? null : displayPath(workspace, rejects),
  };
}

/** Whether it succeeds is for its dry run to say: here only what cannot be taken back at all is told apart. */
async function canRollBack(files: FileStore, dataFolder: string, run: string): Promise<boolean> {
  try {
    return chooseRun(await readPastRuns(files, dataFolder), run) !== null;
  } catch (error) {
    if (error instanceof CoreError) return false;
    throw error;
  }
}

/** The file lies in a folder that anybody may write to: what is not as a run writes it counts for nothing. */
async function readReport(files: FileStore, path: string): Promise<Pick<ReportStanding, 'domains' | 'mismatches'>> {
  const report = await parse(files, path);
  const steps = listOf(report['steps']).map((step) => recordOf(step)['domain']);
  return {
    domains: allDomains.filter((domain) => steps.includes(domain)),
    mismatches: listOf(report['mismatches']).filter(isMismatch),
  };
}

async function parse(files: FileStore, path: string): Promise<Record<string, unknown>> {
  if ((await files.stat(path))?.kind !== 'file') return {};
  try {
    return recordOf(JSON.parse(new TextDecoder().decode(await files.read(path))));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isMismatch(value: unknown): value is MismatchReport {
  const cell = recordOf(value);
  const texts = ['database', 'table', 'tier', 'key', 'column', 'legacy', 'consolidated'];
  return texts.every((name) => typeof cell[name] === 'string');
}
