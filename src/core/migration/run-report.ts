/** What has become of a run, as one report; and its last lines in the log. */
import type { CoreErrorData } from '../errors';
import type { RunMode, RunReport, WarningReport } from '../report/model';
import type { BackedUpFile } from '../storage/backup';
import { displayPath } from '../storage/paths';
import { sumLost } from './criteria';
import { decideOutcome, withdrawn } from './outcome';
import type { RunPorts } from './ports';
import type { Rehearsal } from './rehearsal';
import type { RunClock } from './run-clock';

/** Where the run has come to; paths are absolute. */
export interface EndedRun {
  readonly run: string;
  readonly mode: RunMode;
  readonly workspace: string;
  readonly dataFolder: string;
  /** Null where the run wrote nothing. */
  readonly folder: string | null;
  /** As the report names it. */
  readonly plan: string;
  readonly rehearsal: Rehearsal;
  readonly published: boolean;
  readonly backedUp: readonly BackedUpFile[];
  readonly rejectsFile: string | null;
  readonly warnings: readonly WarningReport[];
  readonly error: CoreErrorData | null;
}

export function reportRun(ports: RunPorts, clock: RunClock, ended: EndedRun): RunReport {
  const { mode, workspace, folder, rehearsal, warnings, error } = ended;
  const outcome = decideOutcome({
    mode,
    error,
    published: ended.published,
    hasSuccessors: rehearsal.successors.length + rehearsal.files.length > 0,
    reachedCommit: clock.has('publish'),
  });
  const { steps, targets, databases, criteria, rejects, mismatches } =
    outcome === 'committed' ? rehearsal : withdrawn(rehearsal);
  for (const { code, message } of warnings) clock.log('warn', `${code}: ${message}`);
  for (const step of steps)
    clock.log(
      'info',
      `${step.legacy.database} ${step.legacy.table}: ${step.legacy.rows} rows; inserted ${step.inserted}, already present ${step.alreadyPresent}, conflicts ${step.conflicts}, rejected ${step.rejected}, left behind ${step.leftBehind}`,
    );
  clock.log(error === null ? 'info' : 'error', `Outcome: ${outcome}`);
  return {
    format: 1,
    run: ended.run,
    mode,
    dryRun: mode === 'dryRun',
    outcome,
    workspace,
    dataFolder: displayPath(workspace, ended.dataFolder),
    backup: folder === null ? null : displayPath(workspace, folder),
    steps,
    targets,
    criteria,
    lost: sumLost(steps),
    warnings,
    rejects,
    rejectsFile: ended.rejectsFile,
    mismatches,
    plan: ended.plan,
    error,
    startedAt: clock.startedAt.toISOString(),
    finishedAt: ports.now().toISOString(),
    databases,
    backedUp: ended.backedUp.map(({ path, size, sha256 }) => ({ path, size, sha256 })),
    phases: clock.phases(),
    versions: { extension: ports.version, sqlite: ports.engine.version },
  };
}
