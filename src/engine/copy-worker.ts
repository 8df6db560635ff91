/** The thread that writes large files: `dist/copy-worker.js`, started by {@link ./copy-thread} when it is needed. */
import { parentPort } from 'node:worker_threads';
import { messageOf } from '../core/errors';
import { systemCode, type FileOwner } from '../core/storage/file-store';
import { nodeFileStore } from '../core/storage/node-file-store';
import { writeVerified } from '../core/storage/verified-write';

export interface CopyOrder {
  readonly id: number;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly owner: FileOwner | undefined;
}

export type CopyAnswer =
  | { readonly id: number; readonly sha256: string }
  /** What the system said, and its code. */
  | { readonly id: number; readonly fault: string; readonly code: string | null };

async function carryOut({ id, path, bytes, owner }: CopyOrder): Promise<CopyAnswer> {
  try {
    return { id, sha256: await writeVerified(nodeFileStore, path, bytes, owner) };
  } catch (error) {
    return { id, fault: messageOf(error), code: systemCode(error) };
  }
}

parentPort?.on('message', (order: CopyOrder) => {
  void carryOut(order).then((answer) => parentPort?.postMessage(answer));
});
