/** `jarvis-db plan`: print the plan in force, check a plan file, print the schema of plan files. */
import { describeError } from '../core/errors';
import { renderPlanJsonSchema } from '../core/plan/json-schema';
import { readPlanFile } from '../core/plan/load-plan';
import { positionsOf, type PlanProblem } from '../core/plan/parse-plan';
import { visible } from '../core/report/display';
import { formatCount } from '../core/report/format';
import { displayPath } from '../core/storage/paths';
import type { Place } from '../engine/protocol';
import type { PlanCommand } from './command';
import { errorWords } from './error-words';
import { exitCodes, exitCodeOfError } from './exit-codes';
import { findPlace, findPlanFile, resolveGiven, type Whereabouts } from './place';
import type { CliPorts } from './ports';

export async function plan(ports: CliPorts, { action, json }: PlanCommand, where: Whereabouts): Promise<number> {
  if (action.kind === 'schema') {
    ports.stdout(renderPlanJsonSchema());
    return exitCodes.done;
  }
  const { workspace, data } = where;
  const found = await findPlace(ports, where);
  // A plan can be written before there is any data; a wish for a certain folder is not guessed around.
  if ('problem' in found && (data !== null || found.problem.code === 'workspace-missing')) {
    ports.stderr(errorWords(found.problem));
    return exitCodes.refused;
  }
  const place = { workspace, dataFolder: 'problem' in found ? 'data' : found.dataFolder };
  return action.kind === 'print'
    ? printPlanInForce(ports, place, where)
    : checkPlanFile(ports, place, await resolveGiven(ports, workspace, action.file), json);
}

async function printPlanInForce(ports: CliPorts, place: Place, where: Whereabouts): Promise<number> {
  const { handlers, events, stdout, stderr } = ports;
  const planFile = await findPlanFile(ports, where, null);
  const rateLimits = where.settings.rateLimits ?? 'file';
  try {
    const { text } = await handlers['plan.print']({ ...place, planFile, rateLimits }, events);
    stdout(text);
    return exitCodes.done;
  } catch (error) {
    const problem = describeError(error);
    stderr(errorWords(problem));
    return exitCodeOfError(problem.code);
  }
}

interface LocatedProblem {
  readonly severity: PlanProblem['severity'];
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** @param path absolute */
async function checkPlanFile(
  { handlers, files, events, stdout, stderr }: CliPorts,
  place: Place,
  path: string,
  json: boolean,
): Promise<number> {
  const file = displayPath(place.workspace, path);
  let problems: readonly LocatedProblem[];
  try {
    const text = await readPlanFile(files, path, file);
    if (text === null) {
      stderr(`jarvis-db: The plan file ${visible(file)} is not there.\n`);
      return exitCodes.badUsage;
    }
    const found = await handlers['plan.check']({ ...place, text }, events);
    const positionAt = positionsOf(text);
    problems = found.problems.map(({ severity, code, message, offset }) => ({
      severity,
      code,
      message,
      ...positionAt(offset),
    }));
  } catch (error) {
    const { code, message } = describeError(error);
    problems = [{ severity: 'error', code, message, line: 1, column: 1 }];
  }
  stdout(json ? `${JSON.stringify({ format: 1, file, problems }, null, 2)}\n` : formatProblems(file, problems));
  if (problems.some(({ code }) => code === 'unsafe-path')) return exitCodes.refused;
  return problems.some(({ severity }) => severity === 'error') ? exitCodes.checkFailed : exitCodes.done;
}

function formatProblems(file: string, problems: readonly LocatedProblem[]): string {
  const count = (severity: PlanProblem['severity']): number =>
    problems.filter((problem) => problem.severity === severity).length;
  const lines = problems.map(({ severity, code, message, line, column }) =>
    visible(`${file}:${line}:${column}: ${severity}: ${message} [${code}]`),
  );
  lines.push(`${visible(file)}: ${formatCount(count('error'), 'error')}, ${formatCount(count('warning'), 'warning')}`);
  return `${lines.join('\n')}\n`;
}
