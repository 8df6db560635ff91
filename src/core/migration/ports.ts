/** What a run needs from the outside world. */
import type { SqliteEngine } from '../sqlite/engine';
import type { FileStore } from '../storage/file-store';
import type { HolderProbe } from '../storage/holders';
import type { ProcessIdentity } from '../storage/run-lock';
import type { RunPhase } from '../report/model';
import type { IntegrityChecker } from './integrity';

export interface RunPorts {
  readonly files: FileStore;
  readonly holders: HolderProbe;
  readonly engine: SqliteEngine;
  /** A second thread for integrity checks; null where there is none. */
  readonly checker: IntegrityChecker | null;
  /** Bytes that are left for this process. */
  readonly availableMemory: () => number;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly self: ProcessIdentity;
  /** The extension's version, for ledger and report. */
  readonly version: string;
  readonly onProgress: (phase: RunPhase, message: string) => Promise<void>;
  /** Awaited right before the commit point; rejects with `CoreError('cancelled')` if the run was given up. */
  readonly beginPublishing: () => Promise<void>;
  readonly onLog: (level: 'info' | 'warn' | 'error', line: string) => void;
}
