/**
 * Writing large files on a thread of its own, beside statements that take seconds: a file is written in a dozen calls,
 * and on a busy thread each waits for the statement to end.
 *
 * Bytes in shared memory are written from where they are, others are copied once. Where the thread cannot start or dies
 * the write is rejected: what it left is removed like any file of a run that was cut off.
 */
import { Worker } from 'node:worker_threads';
import type { FileStore } from '../core/storage/file-store';
import type { CopyAnswer, CopyOrder } from './copy-worker';

export interface CopyThread {
  readonly write: NonNullable<FileStore['writeBeside']>;
  /** Ends the thread; writes that wait are rejected. A later one starts a thread again. */
  dispose(): Promise<void>;
}

interface Waiting {
  readonly resolve: (sha256: string) => void;
  readonly reject: (error: Error) => void;
}

/** @param workerPath `copy-worker.js` */
export function createCopyThread(workerPath: string): CopyThread {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let nextId = 1;

  const settle = (answer: CopyAnswer): void => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) worker?.unref();
    if ('sha256' in answer) asked?.resolve(answer.sha256);
    else asked?.reject(Object.assign(new Error(answer.fault), answer.code === null ? {} : { code: answer.code }));
  };

  const start = (): Worker => {
    const started = new Worker(workerPath, { execArgv: [] });
    started.unref();
    let cause: unknown = null;
    started.on('message', settle);
    started.on('error', (error) => (cause = error));
    started.on('exit', () => {
      worker = null;
      for (const { reject } of waiting.values()) reject(new Error('The thread that writes files is gone.', { cause }));
      waiting.clear();
    });
    return started;
  };

  return {
    write: (path, bytes, owner) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        worker ??= start();
        // First: it throws where there is no memory for a copy, and nothing must wait for an answer that never comes.
        worker.postMessage({ id, path, bytes, owner } satisfies CopyOrder);
        waiting.set(id, { resolve, reject });
        // Idle, a thread must not keep the process alive; at work, the process must not end before its answer.
        worker.ref();
      }),
    async dispose() {
      await worker?.terminate();
    },
  };
}
