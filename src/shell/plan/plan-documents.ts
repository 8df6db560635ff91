/** Which documents are plan files: `jarvis.plan.json` of each workspace folder, and what `jarvis.planFile` names. */
import * as vscode from 'vscode';
import { planFileName } from '../contributions';
import { baseName } from '../format';
import { resolveFromFolder } from '../resolve-path';
import { planFileSetting } from '../settings';
import type { WorkspaceModel } from '../workspace-model';

export class PlanDocuments {
  /** By their URIs. Every key stroke in every document is looked up here. */
  private files: ReadonlyMap<string, { readonly folder: vscode.WorkspaceFolder; readonly uri: vscode.Uri }> | undefined;

  constructor(private readonly model: WorkspaceModel) {}

  /** The folders, the setting or the trust have changed. */
  forget(): void {
    this.files = undefined;
  }

  /** The workspace folder whose plan a document is; undefined for every other document. */
  folderOf({ uri }: vscode.TextDocument): vscode.WorkspaceFolder | undefined {
    return uri.scheme === 'file' ? this.find().get(uri.toString())?.folder : undefined;
  }

  /** For the registration of providers: VS Code asks them about nothing else. */
  selector(): readonly vscode.DocumentFilter[] {
    return [...this.find().values()].map(({ uri }) => ({
      scheme: 'file',
      pattern: new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), escapeGlob(baseName(uri.path))),
    }));
  }

  private find(): NonNullable<typeof this.files> {
    this.files ??= new Map(
      this.model.folders
        .flatMap((folder) => planFilesOf(folder).map((uri) => ({ folder, uri })))
        .map((file) => [file.uri.toString(), file]),
    );
    return this.files;
  }
}

/** Whether or not they are there. */
export function planFilesOf(folder: vscode.WorkspaceFolder): readonly vscode.Uri[] {
  const setting = planFileSetting(folder);
  const file = vscode.Uri.joinPath(folder.uri, planFileName);
  return setting === null ? [file] : [file, resolveFromFolder(folder.uri, setting)];
}

function escapeGlob(name: string): string {
  return name.replace(/[*?{}[\]]/g, '[$&]');
}
