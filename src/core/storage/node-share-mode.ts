/**
 * Whether anybody has a file open, on Windows: opened without sharing, it opens only where no other handle of it is
 * open. Who that is, Windows does not tell.
 */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from './file-store';
import type { FileOnDisk, HolderAnswer } from './holders';

/** libuv's UV_FS_O_EXLOCK: share mode 0. */
const withoutSharing = 0x1000_0000;

/** Milliseconds: a virus scanner has each file open for a moment after it was closed. */
const pauses = [50, 200, 500] as const;

/** @param openFile opens and closes a file with the flags */
export async function findByShareMode(
  files: readonly FileOnDisk[],
  openFile = openAndClose,
  wait: (milliseconds: number) => Promise<unknown> = sleep,
): Promise<readonly HolderAnswer[]> {
  const answers: HolderAnswer[] = [];
  for (const { path } of files) answers.push(await ask(path, openFile, wait));
  return answers;
}

async function ask(
  path: string,
  openFile: typeof openAndClose,
  wait: (milliseconds: number) => Promise<unknown>,
): Promise<HolderAnswer> {
  for (let tries = 0; ; tries++) {
    try {
      await openFile(path, constants.O_RDONLY | withoutSharing);
      return { kind: 'none' };
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT') return { kind: 'none' };
      if (code !== 'EBUSY') return { kind: 'unknown', reason: `it cannot be opened (${code ?? 'no error code'})` };
      const pause = pauses[tries];
      if (pause === undefined) return { kind: 'held', holders: [] };
      await wait(pause);
    }
  }
}

async function openAndClose(path: string, flags: number): Promise<void> {
  await (await open(path, flags)).close();
}
