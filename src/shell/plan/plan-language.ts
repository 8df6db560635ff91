/** What VS Code knows about plan files. Making one registers things; the engine is asked when a plan file is open. */
import * as vscode from 'vscode';
import type { RunReport } from '../../core/report/model';
import type { Engine } from '../../engine/protocol';
import { DisposableStore } from '../disposable-store';
import { affects } from '../settings';
import type { WorkspaceModel } from '../workspace-model';
import { PlanChecks } from './plan-checks';
import { PlanCompletion } from './plan-completion';
import { PlanDocuments } from './plan-documents';
import { PlanHover } from './plan-hover';
import { PlanLenses } from './plan-lenses';

export class PlanLanguage {
  private readonly store = new DisposableStore();
  private readonly documents: PlanDocuments;
  private readonly checks: PlanChecks;
  private readonly completion: PlanCompletion;
  private readonly hover: PlanHover;
  private readonly lenses: PlanLenses;
  private providers = new DisposableStore();

  constructor(engine: Engine, model: WorkspaceModel, log: vscode.LogOutputChannel) {
    this.documents = new PlanDocuments(model);
    this.checks = this.store.add(new PlanChecks(engine, model, this.documents, log));
    this.lenses = this.store.add(new PlanLenses(this.documents, this.checks));
    this.completion = new PlanCompletion(engine, model, this.documents, log);
    this.hover = new PlanHover(engine, model, this.documents, log);
    this.register();
    this.store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (affects(event, 'planFile')) this.registerAgain();
      }),
    );
    this.store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.registerAgain()));
    this.store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.registerAgain()));
    this.checks.lookAtAll();
  }

  /** Keeps what a dry run said about the steps of a plan file, to be shown above them. */
  remember(uri: vscode.Uri, report: RunReport): void {
    this.lenses.remember(uri, report);
  }

  dispose(): void {
    this.providers.dispose();
    this.store.dispose();
  }

  private registerAgain(): void {
    this.documents.forget();
    this.providers.dispose();
    this.providers = new DisposableStore();
    this.register();
    this.checks.lookAtAll();
  }

  private register(): void {
    const selector = this.documents.selector();
    // VS Code takes no provider for no document at all.
    if (selector.length === 0) return;
    const { languages } = vscode;
    this.providers.add(languages.registerCompletionItemProvider(selector, this.completion, '"'));
    this.providers.add(languages.registerHoverProvider(selector, this.hover));
    this.providers.add(languages.registerCodeLensProvider(selector, this.lenses));
  }
}
