/**
 * Integrity checks on threads of their own, so that they run beside the migration.
 *
 * An image in shared memory is checked where it is, any other is copied once. A thread that cannot start or dies rejects
 * its checks: the caller then checks by itself, and nothing counts as sound that was not looked at.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { IntegrityChecker } from '../core/migration/integrity';
import type { IntegrityAnswer, IntegrityQuestion, IntegrityWorkerData } from './integrity-worker';

export interface IntegrityPool extends IntegrityChecker {
  /** Ends the threads; checks that wait are rejected. A later check starts a thread again. */
  dispose(): Promise<void>;
}

/** Each has SQLite's memory beside the image; more are of no use to a run that reads one disk. */
const mostThreads = 3;

/**
 * Threads start with the first check.
 *
 * @param workerPath `integrity-worker.js`
 * @param wasmPath `sql-wasm.wasm`
 */
export function createIntegrityPool(workerPath: string, wasmPath: string): IntegrityPool {
  const size = Math.max(1, Math.min(mostThreads, availableParallelism() - 1));
  const threads = new Set<CheckerThread>();

  /** An idle thread, else a new one, else the one with the shortest queue. */
  const choose = (): CheckerThread => {
    const [least] = [...threads].sort((a, b) => a.load - b.load);
    if (least !== undefined && (least.load === 0 || threads.size >= size)) return least;
    const thread = new CheckerThread(workerPath, { wasmPath }, () => threads.delete(thread));
    threads.add(thread);
    return thread;
  };

  return {
    check: async (image, label) => choose().check(image, label),
    async dispose() {
      await Promise.all([...threads].map((thread) => thread.end()));
    },
  };
}

interface Waiting {
  readonly bytes: number;
  readonly resolve: (findings: readonly string[]) => void;
  readonly reject: (error: Error) => void;
}

class CheckerThread {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;

  constructor(workerPath: string, workerData: IntegrityWorkerData, onGone: () => void) {
    this.worker = new Worker(workerPath, { workerData, execArgv: [] });
    this.worker.unref();
    let cause: unknown = null;
    this.worker.on('message', (answer: IntegrityAnswer) => this.settle(answer));
    this.worker.on('error', (error) => {
      cause = error;
      onGone();
      this.rejectAll(error);
    });
    this.worker.on('exit', () => {
      onGone();
      this.rejectAll(cause);
    });
  }

  /** Bytes that wait to be checked. */
  get load(): number {
    return [...this.waiting.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  check(image: Uint8Array, label: string): Promise<readonly string[]> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      // First: it throws where there is no memory for a copy, and nothing must wait for an answer that never comes.
      this.worker.postMessage({ id, image, label } satisfies IntegrityQuestion);
      this.waiting.set(id, { bytes: Math.max(1, image.length), resolve, reject });
      // Idle, a thread must not keep the process alive; at work, the process must not end before its answer.
      this.worker.ref();
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private settle(answer: IntegrityAnswer): void {
    const asked = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0) this.worker.unref();
    if ('findings' in answer) asked?.resolve(answer.findings);
    else asked?.reject(new Error(`The integrity check could not be made: ${answer.fault}`));
  }

  private rejectAll(cause: unknown): void {
    for (const { reject } of this.waiting.values())
      reject(new Error('The thread for integrity checks is gone.', { cause }));
    this.waiting.clear();
  }
}
