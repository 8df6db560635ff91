/** The thread that checks images: `dist/integrity-worker.js`, started by {@link ./integrity-pool} when it is needed. */
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../core/errors';
import { checkIntegrity } from '../core/migration/target/validate-target';
import { loadSqlJs } from '../core/sqlite/sql-js-engine';
import { loadedOnce } from './loaded-once';

export interface IntegrityWorkerData {
  readonly wasmPath: string;
}

export interface IntegrityQuestion {
  readonly id: number;
  readonly image: Uint8Array;
  readonly label: string;
}

export type IntegrityAnswer =
  | { readonly id: number; readonly findings: readonly string[] }
  /** The check could not be made. */
  | { readonly id: number; readonly fault: string };

const loadEngine = loadedOnce(async () => loadSqlJs(await readFile((workerData as IntegrityWorkerData).wasmPath)));

async function answer({ id, image, label }: IntegrityQuestion): Promise<IntegrityAnswer> {
  try {
    const connection = (await loadEngine()).open(image, label, { access: 'shared' });
    try {
      return { id, findings: checkIntegrity(connection) };
    } finally {
      connection.close();
    }
  } catch (error) {
    return { id, fault: messageOf(error) };
  }
}

parentPort?.on('message', (question: IntegrityQuestion) => {
  void answer(question).then((reply) => parentPort?.postMessage(reply));
});
