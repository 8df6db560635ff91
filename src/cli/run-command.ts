/** `jarvis-db migrate` and `jarvis-db validate`: one run, its summary and its exit code. */
import { renderJson } from '../core/report/json';
import { formatSummary } from '../core/report/log';
import type { RunMode, RunReport } from '../core/report/model';
import type { Migrate, Validate } from './command';
import { exitCodes } from './exit-codes';
import { findPlace, findPlanFile, type Whereabouts } from './place';
import type { CliPorts } from './ports';

export function migrate(ports: CliPorts, command: Migrate, where: Whereabouts): Promise<number> {
  return run(ports, command, where);
}

export function validate(ports: CliPorts, command: Validate, where: Whereabouts): Promise<number> {
  // It only looks: who has a file open is told, and stops nothing.
  return run(ports, { ...command, mode: 'validate', applicationStopped: true, rejects: null }, where);
}

type RunCommand = Omit<Migrate, 'name' | 'mode'> & { readonly mode: RunMode };

async function run(
  ports: CliPorts,
  { json, mode, domains, applicationStopped, openAnyway, plan, rejects: wanted }: RunCommand,
  where: Whereabouts,
): Promise<number> {
  const { workspace, data, settings } = where;
  const planFile = await findPlanFile(ports, where, plan);
  const found = await findPlace(ports, where);
  // A run is refused for want of a data folder as for anything else: with a report.
  const place = 'problem' in found ? { workspace, dataFolder: data ?? 'data', refusal: found.problem } : found;
  const rejects = wanted ?? settings.rejects;
  const { report, reportPath } = await ports.handlers['migration.run'](
    {
      ...place,
      mode,
      domains,
      applicationStopped,
      openAnyway,
      planFile,
      rateLimits: settings.rateLimits ?? 'file',
      ...(rejects === null ? {} : { rejects }),
    },
    ports.events,
  );
  if (json) ports.stdout(renderJson(report));
  (json ? ports.stderr : ports.stdout)(formatSummary(report));
  if (report.backup !== null && reportPath === null) {
    ports.stderr(
      `The report could not be written to ${report.backup}. Free some space or allow writing there; --json prints the same facts.\n`,
    );
  }
  return exitCodeOf(report);
}

function exitCodeOf({ outcome, error }: RunReport): number {
  switch (outcome) {
    case 'committed':
    case 'nothingToDo':
      return error === null ? exitCodes.done : exitCodes.checkFailed;
    case 'rolledBack':
    case 'cancelled':
      return exitCodes.checkFailed;
    case 'refused':
      return exitCodes.refused;
  }
}
