/** The three report files of a run, in its folder. */
import { join } from 'node:path';
import type { FileStore } from '../storage/file-store';
import { renderJson } from './json';
import { renderLog } from './log';
import { reportFiles, type RunReport } from './model';

/**
 * @param markdown the report as rendered, which takes longer than the rest together
 * @returns the Markdown report's path
 */
export async function writeReport(
  files: FileStore,
  folder: string,
  report: RunReport,
  markdown: string,
  lines: readonly string[],
): Promise<string> {
  const text = new TextEncoder();
  const path = join(folder, reportFiles.markdown);
  await files.writeNew(path, text.encode(markdown));
  await files.writeNew(join(folder, reportFiles.json), text.encode(renderJson(report)));
  await files.writeNew(join(folder, reportFiles.log), text.encode(renderLog(report, lines)));
  await files.syncFolder(folder);
  return path;
}
