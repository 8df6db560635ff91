/** What the handlers stand on: the machine, or what a test puts in its place. */
import type { IntegrityChecker } from '../core/migration/integrity';
import type { SqliteEngine } from '../core/sqlite/engine';
import type { FileStore } from '../core/storage/file-store';
import type { HolderProbe } from '../core/storage/holders';
import type { ProcessIdentity } from '../core/storage/run-lock';

export interface HandlerPorts {
  readonly files: FileStore;
  readonly holders: HolderProbe;
  /** Loads the WASM engine on first need. */
  readonly loadEngine: () => Promise<SqliteEngine>;
  /** A second thread for integrity checks; null where there is none. */
  readonly checker: IntegrityChecker | null;
  /** Bytes that are left for this process. */
  readonly availableMemory: () => number;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly self: ProcessIdentity;
  readonly version: string;
}
