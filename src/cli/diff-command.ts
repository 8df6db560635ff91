/** `jarvis-db diff`: what differs between two databases, as Markdown or as one JSON document. */
import { describeError } from '../core/errors';
import { displayPath } from '../core/storage/paths';
import type { ComparedFile } from '../engine/protocol';
import type { Diff } from './command';
import { errorDocument, errorWords } from './error-words';
import { exitCodes } from './exit-codes';
import { resolveGiven } from './place';
import type { CliPorts } from './ports';

export async function diff(
  ports: CliPorts,
  { files, json, openAnyway }: Pick<Diff, 'files' | 'json' | 'openAnyway'>,
  workspace: string,
): Promise<number> {
  const { handlers, events, stdout, stderr } = ports;
  const compared = async (file: string): Promise<ComparedFile> => {
    const path = await resolveGiven(ports, workspace, file);
    return { path, database: displayPath(workspace, path) };
  };
  try {
    const [left, right] = [await compared(files[0]), await compared(files[1])];
    const { comparison, markdown } = await handlers['compare.databases']({ left, right, openAnyway }, events);
    stdout(json ? `${JSON.stringify(comparison, null, 2)}\n` : markdown);
    return comparison.outcome === 'equal' ? exitCodes.done : exitCodes.checkFailed;
  } catch (error) {
    const problem = describeError(error);
    if (json) stdout(errorDocument(problem));
    stderr(errorWords(problem));
    return problem.code === 'file-missing' ? exitCodes.badUsage : exitCodes.refused;
  }
}
