import type * as vscode from 'vscode';
import type { Engine } from '../engine/protocol';
import type { ComparedRows } from './compared-rows';
import type { DiagramPanels } from './diagram/diagram-panels';
import type { PlanLanguage } from './plan/plan-language';
import type { Queries } from './query/queries';
import type { ActiveReport } from './report/active-report';
import type { ReportPreview } from './report-preview';
import type { TableTabs } from './table/table-tabs';
import type { CatalogueStore } from './tree/catalogue-store';
import type { DatabasesView } from './tree/databases-view';
import type { WorkspaceModel } from './workspace-model';

/** What commands that only look work with. */
export interface ViewServices {
  readonly engine: Engine;
  readonly log: vscode.LogOutputChannel;
  readonly model: WorkspaceModel;
  readonly catalogue: CatalogueStore;
  readonly view: DatabasesView;
  readonly preview: ReportPreview;
  readonly tables: TableTabs;
  readonly diagrams: DiagramPanels;
  readonly queries: Queries;
}

/** What all commands work with; made once, by `extension.ts`. */
export interface Services extends ViewServices {
  readonly comparedRows: ComparedRows;
  readonly plans: PlanLanguage;
  readonly reports: ActiveReport;
}
