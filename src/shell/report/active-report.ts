/**
 * Which run's report is the active editor, as text or as a Markdown preview, and what can be done with it: context keys
 * for the editor's title, which stand in no report, where a cell could forge them.
 *
 * A preview's tab names a file and no folder, and every run's report has the same name. It is known of a preview that
 * {@link ReportPreview} opened, and of one that follows the text editor; of any other nothing is offered.
 */
import * as vscode from 'vscode';
import { describeError } from '../../core/errors';
import { reportFiles } from '../../core/report/model';
import type { ReportStanding } from '../../core/undo/report-standing';
import type { Engine } from '../../engine/protocol';
import { contextKeys } from '../contributions';
import { DisposableStore } from '../disposable-store';
import { isLocked, isMarkdownPreview, type ReportPreview } from '../report-preview';
import { resolveFromFolder } from '../resolve-path';
import { placeOf, type FolderPlace, type WorkspaceModel } from '../workspace-model';
import { reportAt } from './report-path';

export interface ShownReport extends FolderPlace {
  readonly run: string;
  readonly standing: ReportStanding;
}

export class ActiveReport {
  private readonly store = new DisposableStore();
  private shown: ShownReport | undefined;
  /** The report that was last looked at as text: a preview that is not locked follows it. */
  private lastText: vscode.Uri | undefined;
  private looks = 0;

  constructor(
    private readonly engine: Engine,
    private readonly model: WorkspaceModel,
    private readonly preview: ReportPreview,
    private readonly log: vscode.LogOutputChannel,
  ) {
    const look = (): void => void this.look();
    this.store.add(vscode.window.tabGroups.onDidChangeTabs(look));
    this.store.add(vscode.window.tabGroups.onDidChangeTabGroups(look));
    this.store.add(preview.onDidShow(look));
    look();
  }

  get current(): ShownReport | undefined {
    return this.shown;
  }

  /** Looks again: what was done to the run may have changed what can be done. */
  async look(): Promise<void> {
    const turn = ++this.looks;
    const found = await this.find().catch((error: unknown) => {
      this.log.debug(`report: ${describeError(error).message}`);
      return undefined;
    });
    if (turn !== this.looks) return;
    this.shown = found;
    const { canRollBack = false, mismatches = [], rejects = null } = found?.standing ?? {};
    const set = (key: string, value: boolean): Thenable<unknown> =>
      vscode.commands.executeCommand('setContext', key, value);
    await set(contextKeys.reportCanRollBack, canRollBack);
    await set(contextKeys.reportHasRows, mismatches.length > 0 || rejects !== null);
    await set(contextKeys.reportShown, found !== undefined);
  }

  dispose(): void {
    this.store.dispose();
  }

  private async find(): Promise<ShownReport | undefined> {
    const uri = this.activeUri();
    const at = uri === undefined ? null : reportAt(uri.path);
    if (at === null) return undefined;
    for (const folder of this.model.folders) {
      const result = await this.model.resolve(folder);
      if (result.kind !== 'found') continue;
      const data = resolveFromFolder(folder.uri, result.dataFolder);
      if (data.path.replace(/\/$/, '') !== at.dataFolder) continue;
      const place = placeOf(folder, result.dataFolder);
      const standing = await this.engine.request('report.standing', { ...place, run: at.run });
      if (standing !== null) return { folder, place, run: at.run, standing };
    }
    return undefined;
  }

  private activeUri(): vscode.Uri | undefined {
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    if (tab === undefined) return undefined;
    const { input } = tab;
    if (input instanceof vscode.TabInputText) {
      if (reportAt(input.uri.path) !== null) this.lastText = input.uri;
      return input.uri;
    }
    if (input instanceof vscode.TabInputCustom) return input.uri;
    if (!isMarkdownPreview(tab) || !tab.label.endsWith(reportFiles.markdown)) return undefined;
    return isLocked(tab) ? this.preview.uriOf(tab) : this.lastText;
  }
}
