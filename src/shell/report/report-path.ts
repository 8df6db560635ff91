import { reportFiles } from '../../core/report/model';

export interface ReportPath {
  /** Path of the data folder, as that of a URI. */
  readonly dataFolder: string;
  readonly run: string;
}

const pattern = /^(.*)\/backups\/(\d{8}_\d{6}(?:-\d+)?)\/([^/]+)$/;

/**
 * Whose report a file is, by where it lies: `<data folder>/backups/<run>/MIGRATION-REPORT.md`.
 *
 * @param path of a URI
 */
export function reportAt(path: string): ReportPath | null {
  const [, dataFolder, run, name] = pattern.exec(path) ?? [];
  if (dataFolder === undefined || run === undefined || name !== reportFiles.markdown) return null;
  return { dataFolder, run };
}
