/** Notices once that the database of a result is no longer what the statement was run on. */
import type * as vscode from 'vscode';
import { describeError } from '../../core/errors';
import type { Engine } from '../../engine/protocol';
import { pathOf } from '../resource-paths';
import { FileChanges } from '../table/file-changes';

export class ResultChanges {
  private readonly files: FileChanges;
  private looking = false;
  private found = false;

  /** @param version of the state that the statement was run on */
  constructor(
    private readonly engine: Engine,
    private readonly log: vscode.LogOutputChannel,
    private readonly file: vscode.Uri,
    private readonly version: string,
    private readonly onChange: () => void,
  ) {
    this.files = new FileChanges(file, () => void this.look());
  }

  get changed(): boolean {
    return this.found;
  }

  /** Looks while somebody sees the result, until there is something to tell. */
  setVisible(visible: boolean): void {
    if (!this.found) this.files.setVisible(visible);
  }

  dispose(): void {
    this.files.dispose();
  }

  private async look(): Promise<void> {
    if (this.looking || this.found) return;
    this.looking = true;
    try {
      const path = pathOf(this.file);
      this.found = await this.engine.request('query.changed', { path, version: this.version });
    } catch (error) {
      this.log.debug(`${this.file.path} cannot be looked at: ${describeError(error).message}`);
    } finally {
      this.looking = false;
    }
    if (!this.found) return;
    this.files.dispose();
    this.onChange();
  }
}
