/** The legacy database that a target has attached as `legacy`: one at a time, since attaching reads its schema. */
import type { SqliteConnection } from '../../sqlite/engine';
import { legacySchema } from '../step/step-sql';

export class AttachedLegacy {
  private attached: string | null = null;

  constructor(
    private readonly target: SqliteConnection,
    /** By the name in the plan, in an encoding that the target can attach. */
    private readonly opened: ReadonlyMap<string, SqliteConnection>,
  ) {}

  /** Does nothing where the database is not there. It stays attached until another one is needed. */
  with(database: string, action: () => void): void {
    const legacy = this.opened.get(database);
    if (legacy === undefined) return;
    if (this.attached !== database) {
      this.detach();
      this.target.attach(legacy, legacySchema);
      this.attached = database;
    }
    action();
  }

  detach(): void {
    if (this.attached !== null) this.target.detach(legacySchema);
    this.attached = null;
  }
}
