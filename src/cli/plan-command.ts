/** `jarvis-db plan`: print the plan in force, check a plan file, print the schema of plan files. */
import { describeError } from '../core/errors';
import { renderPlanJsonSchema } from '../core/plan/json-schema';
import { readPlanFile } from '../core/plan/load-plan';
import { positionsOf, type PlanProblem } from '../core/plan/parse-plan';
import { visible } from '../core/report/display';
import { formatCount } from '../core/report/format';
import type { FileStore } from '../core/storage/file-store';
import { displayPath } from '../core/storage/paths';
import type { Place } from '../engine/protocol';
import type { EngineHandlers, HandlerEvents } from '../engine/server';
import { exitCodes, exitCodeOfError } from './exit-codes';

export interface PlanCommandPorts {
  readonly handlers: EngineHandlers;
  readonly files: FileStore;
  readonly events: HandlerEvents;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

export function printSchema({ stdout }: PlanCommandPorts): number {
  stdout(renderPlanJsonSchema());
  return exitCodes.done;
}

export async function printPlanInForce(
  { handlers, events, stdout, stderr }: PlanCommandPorts,
  place: Place,
  planFile: string | null,
  rateLimits: 'file' | 'database',
): Promise<number> {
  try {
    const { text } = await handlers['plan.print']({ ...place, planFile, rateLimits }, events);
    stdout(text);
    return exitCodes.done;
  } catch (error) {
    const { code, message, hint } = describeError(error);
    stderr(`jarvis-db: ${visible(message)}${hint === null ? '' : `\n${visible(hint)}`}\n`);
    return exitCodeOfError(code);
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
export async function checkPlanFile(
  { handlers, files, events, stdout, stderr }: PlanCommandPorts,
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
