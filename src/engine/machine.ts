/** The ports of this machine: Node's file system and processes, and the WASM file beside the bundle. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { version } from '../../package.json';
import type { SqliteEngine } from '../core/sqlite/engine';
import { nodeFileStore } from '../core/storage/node-file-store';
import { availableMemory } from '../core/storage/node-memory';
import { nodeHolders } from '../core/storage/node-holders';
import { thisProcess } from '../core/storage/node-process';
import type { HandlerPorts } from './handler-ports';
import { createCopyThread } from './copy-thread';
import { createIntegrityPool } from './integrity-pool';
import { loadedOnce } from './loaded-once';

/** @param wasmPath `sql-wasm.wasm`; beside the running bundle unless given */
export function machinePorts(wasmPath = join(__dirname, 'sql-wasm.wasm')): HandlerPorts {
  return {
    files: { ...nodeFileStore, writeBeside: createCopyThread(join(dirname(wasmPath), 'copy-worker.js')).write },
    holders: nodeHolders,
    loadEngine: loadedOnce(() => loadEngine(wasmPath)),
    checker: createIntegrityPool(join(dirname(wasmPath), 'integrity-worker.js'), wasmPath),
    availableMemory,
    now: () => new Date(),
    sleep: async (milliseconds) => {
      await sleep(milliseconds);
    },
    self: thisProcess(),
    version,
  };
}

async function loadEngine(wasmPath: string): Promise<SqliteEngine> {
  const [wasm, { loadSqlJs }] = await Promise.all([readFile(wasmPath), import('../core/sqlite/sql-js-engine')]);
  return loadSqlJs(wasm);
}
