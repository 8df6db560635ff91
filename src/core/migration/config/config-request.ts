/** What a `config` step is given. */
import type { ConfigStep } from '../../plan/schema';
import type { SqliteConnection } from '../../sqlite/engine';

export interface ConfigRequest {
  readonly step: ConfigStep;
  /** The opened legacy database; it has the step's table. */
  readonly legacy: SqliteConnection;
  /** What the file holds now: with several steps on one file, what the step before made of it. Null where it is not there. */
  readonly existing: Uint8Array | null;
  /** False to look only: nothing is added, missing rows count as left behind. */
  readonly write: boolean;
}
