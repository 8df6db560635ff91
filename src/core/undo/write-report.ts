/** The report of a rollback or a restored backup: rendered, and written into the folder of its run. */
import { join } from 'node:path';
import { messageOf } from '../errors';
import type { RunPorts } from '../migration/ports';
import { reportFiles } from '../report/model';
import { renderUndoReport } from './render-report';
import type { UndoReport } from './report';

/** What was published stays published if its report cannot be written: the failure is told in the log. */
export async function writeUndoReport(
  { files, onLog }: Pick<RunPorts, 'files' | 'onLog'>,
  folder: string | null,
  report: UndoReport,
): Promise<{ readonly markdown: string; readonly reportPath: string | null }> {
  const markdown = renderUndoReport(report);
  if (folder === null) return { markdown, reportPath: null };
  const reportPath = join(folder, reportFiles.undo);
  try {
    const text = new TextEncoder();
    await files.writeNew(reportPath, text.encode(markdown));
    await files.writeNew(join(folder, reportFiles.json), text.encode(`${JSON.stringify(report, null, 2)}\n`));
    await files.syncFolder(folder);
    return { markdown, reportPath };
  } catch (error) {
    onLog('error', `The report could not be written to ${folder}: ${messageOf(error)}`);
    return { markdown, reportPath: null };
  }
}
