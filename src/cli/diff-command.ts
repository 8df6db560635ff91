/** `jarvis-db diff`: what differs between two databases, as Markdown or as one JSON document. */
import { describeError } from '../core/errors';
import { visible } from '../core/report/display';
import { displayPath } from '../core/storage/paths';
import type { ComparedFile } from '../engine/protocol';
import { exitCodes } from './exit-codes';
import type { PlanCommandPorts } from './plan-command';

/** @param paths absolute */
export async function diffDatabases(
  { handlers, events, stdout, stderr }: Omit<PlanCommandPorts, 'files'>,
  workspace: string,
  paths: readonly [string, string],
  { json, openAnyway }: { readonly json: boolean; readonly openAnyway: boolean },
): Promise<number> {
  const [left, right] = paths.map((path): ComparedFile => ({ path, database: displayPath(workspace, path) }));
  if (left === undefined || right === undefined) return exitCodes.badUsage;
  try {
    const { comparison, markdown } = await handlers['compare.databases']({ left, right, openAnyway }, events);
    stdout(json ? `${JSON.stringify(comparison, null, 2)}\n` : markdown);
    return comparison.outcome === 'equal' ? exitCodes.done : exitCodes.checkFailed;
  } catch (error) {
    const problem = describeError(error);
    if (json) stdout(`${JSON.stringify({ format: 1, error: problem }, null, 2)}\n`);
    stderr(`jarvis-db: ${visible(problem.message)}${problem.hint === null ? '' : `\n${visible(problem.hint)}`}\n`);
    return problem.code === 'file-missing' ? exitCodes.badUsage : exitCodes.refused;
  }
}
