import type { Uri, WorkspaceFolder } from 'vscode';
import type { Domain } from '../../core/report/model';

/** What a code lens asks a dry run for: one domain of the plan file that it stands in. */
export interface PlanScope {
  readonly kind: 'planScope';
  readonly uri: Uri;
  readonly folder: WorkspaceFolder;
  readonly domain: Domain;
}

/** The scope that a code lens passes to a command, if it is one. */
export function asPlanScope(argument: unknown): PlanScope | undefined {
  const kind = typeof argument === 'object' && argument !== null && 'kind' in argument ? argument.kind : undefined;
  return kind === 'planScope' ? (argument as PlanScope) : undefined;
}
