/** `jarvis-db plan`: print the plan in force, check a plan file, print the schema of plan files. */
import { describeError, type CoreErrorData } from '../core/errors';
import { renderPlanJsonSchema } from '../core/plan/json-schema';
import { readPlanFile } from '../core/plan/load-plan';
import { positionsOf, type PlanProblem } from '../core/plan/parse-plan';
import { visible } from '../core/report/display';
import { formatCount } from '../core/report/format';
import { displayPath } from '../core/storage/paths';
import type { Place } from '../engine/protocol';
import type { PlanCommand } from './command';
import { errorDocument, errorWords } from './error-words';
import { exitCodes, exitCodeOfError } from './exit-codes';
import { findPlace, findPlanFile, PlanFileMissing, resolveGiven, type Whereabouts } from './place';
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
    return refuse(ports, found.problem, json, exitCodes.refused);
  }
  const place = { workspace, dataFolder: 'problem' in found ? 'data' : found.dataFolder };
  return action.kind === 'print'
    ? printPlanInForce(ports, place, where, json)
    : checkPlanFile(ports, place, await resolveGiven(ports, workspace, action.file), json);
}

function refuse({ stdout, stderr }: CliPorts, problem: CoreErrorData, json: boolean, code: number): number {
  if (json) stdout(errorDocument(problem));
  stderr(errorWords(problem));
  return code;
}

async function printPlanInForce(ports: CliPorts, place: Place, where: Whereabouts, json: boolean): Promise<number> {
  const { handlers, events, stdout } = ports;
  const planFile = await findPlanFile(ports, where, null);
  const rateLimits = where.settings.rateLimits ?? 'file';
  try {
    const { text } = await handlers['plan.print']({ ...place, planFile, rateLimits }, events);
    stdout(text);
    return exitCodes.done;
  } catch (error) {
    const problem = describeError(error);
    return refuse(ports, problem, json, exitCodeOfError(problem.code));
  }
}

interface LocatedProblem {
  readonly severity: PlanProblem['severity'];
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/**
 * @param path absolute
 * @throws PlanFileMissing
 */
async function checkPlanFile(
  { handlers, files, events, stdout }: CliPorts,
  place: Place,
  path: string,
  json: boolean,
): Promise<number> {
  const file = displayPath(place.workspace, path);
  let problems: readonly LocatedProblem[];
  try {
    const text = await readPlanFile(files, path, file);
    if (text === null) throw new PlanFileMissing(file);
    const found = await handlers['plan.check']({ ...place, text }, events);
    const positionAt = positionsOf(text);
    problems = found.problems.map(({ severity, code, message, offset }) => ({
      severity,
      code,
      message,
      ...positionAt(offset),
    }));
  } catch (error) {
    if (error instanceof PlanFileMissing) throw error;
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
