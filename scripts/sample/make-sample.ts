import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import initSqlJs from 'sql.js';
import { databaseImage } from './database-image.js';
import { CONSOLIDATED, FIRST_LEGACY, LATER_LEGACY } from './databases.js';
import { readme } from './readme.js';
import { Variant } from './values.js';
import { prepareWorkspaceFolder } from './workspace-folder.js';

export interface SampleOptions {
  /** All 29 legacy databases, not only the five of the first migration. */
  readonly all?: boolean;
  /** Which installation: 0, the default, is the documented one; others differ from it in counts, ids and values. */
  readonly variant?: number;
}

/**
 * Writes a Jarvis workspace as it is before its first migration. The same options give the same bytes, file by file. A
 * folder that an earlier call wrote is emptied first; any other that is not empty is refused.
 */
export async function makeSample(workspace: string, options: SampleOptions = {}): Promise<void> {
  const variant = new Variant(options.variant ?? 0);
  const legacy = options.all === true ? [...FIRST_LEGACY, ...LATER_LEGACY] : FIRST_LEGACY;
  const sql = await initSqlJs();

  await prepareWorkspaceFolder(workspace);
  for (const database of [...legacy, ...CONSOLIDATED]) {
    const file = join(workspace, database.path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, databaseImage(sql, database, variant));
  }
  await writeFile(join(workspace, 'README.md'), readme(legacy.length, CONSOLIDATED.length));
}
