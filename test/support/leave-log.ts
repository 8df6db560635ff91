import { readFile, writeFile } from 'node:fs/promises';
import { makeLog } from '../fixtures/sidecar-files';
import { withDatabase } from './sqlite';

/** Changes what only a log holds: as the application leaves it when it is killed. */
export async function leaveLog(path: string, sql: string): Promise<void> {
  const main = await readFile(path);
  const image = await withDatabase(path, (database) => {
    database.run(sql);
    return database.export();
  });
  for (const bytes of [main, image]) bytes.fill(2, 18, 20);
  await writeFile(path, main);
  const pageSize = main.readUInt16BE(16);
  await writeFile(`${path}-wal`, makeLog(main, image, pageSize));
  await writeFile(`${path}-shm`, new Uint8Array(64).fill(1));
}
