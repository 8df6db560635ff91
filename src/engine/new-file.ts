/** Exports, on a disk. */
import { open as openFile, rm } from 'node:fs/promises';
import { CoreError, messageOf } from '../core/errors';
import type { WriteNewFile } from './browse-requests';

export const writeNewFile: WriteNewFile = async (path, database, body) => {
  const failed = (error: unknown): CoreError =>
    new CoreError('unreadable', `${path} cannot be written: ${messageOf(error)}`, {
      path: database,
      hint: 'Choose another place, or free some space.',
      cause: error,
    });
  const file = await openFile(path, 'wx').catch((error: unknown) => {
    throw failed(error);
  });
  try {
    const result = await body({
      write: async (text) => {
        await file.appendFile(text).catch((error: unknown) => {
          throw failed(error);
        });
      },
    });
    await file.sync();
    await file.close();
    return result;
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
};
