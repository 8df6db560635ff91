import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import initSqlJs from 'sql.js';
import { databaseImage, type SampleDatabase } from './database-image.js';
import { CONSOLIDATED, FIRST_LEGACY, LATER_LEGACY } from './databases.js';
import { readme } from './readme.js';
import { Variant, type Volume } from './values.js';
import { prepareWorkspaceFolder } from './workspace-folder.js';

export interface SampleOptions extends Volume {
  /** All 29 legacy databases (the default), or only the five of the first migration. */
  readonly all?: boolean;
  /** Which installation: 0, the default, is the documented one; others differ from it in counts, ids and values. */
  readonly variant?: number;
}

/**
 * Writes a Jarvis workspace as it is before its first migration. The same options give the same bytes, file by file. A
 * folder that an earlier call wrote is emptied first; any other that is not empty is refused.
 */
export async function makeSample(workspace: string, options: SampleOptions = {}): Promise<void> {
  const variant = new Variant(options.variant ?? 0, options);
  // What the application has set up in the consolidated databases does not grow with what it left behind.
  const fresh = new Variant(variant.number);
  const legacy = options.all === false ? FIRST_LEGACY : [...FIRST_LEGACY, ...LATER_LEGACY];
  const sql = await initSqlJs();

  await prepareWorkspaceFolder(workspace);
  const write = async (database: SampleDatabase, of: Variant): Promise<void> => {
    const file = join(workspace, database.path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, databaseImage(sql, database, of));
  };
  for (const database of legacy) await write(database, variant);
  for (const database of CONSOLIDATED) await write(database, fresh);
  await writeFile(join(workspace, 'README.md'), readme(legacy.length, CONSOLIDATED.length));
}
