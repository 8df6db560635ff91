/** The order in which the steps of a target are applied: what refers to a table comes after it. */
import type { TableStep } from '../../plan/schema';
import type { SqliteConnection } from '../../sqlite/engine';
import { foldName, sameName } from '../../sqlite/identifiers';
import type { VirtualTable } from '../../sqlite/virtual-table';
import { tablesReferredTo } from '../step/key-history';
import type { PresentStep } from './step-places';

/** Parents before children, otherwise the plan's order; where tables refer to each other in a circle, the plan's. */
export function inDependencyOrder(target: SqliteConnection, steps: readonly PresentStep[]): readonly PresentStep[] {
  const byTable = new Map<string, PresentStep[]>();
  for (const step of steps) byTable.set(foldName(step.table), [...(byTable.get(foldName(step.table)) ?? []), step]);
  const ordered: PresentStep[] = [];
  const visited = new Set<PresentStep>();
  const referredTo = (entry: PresentStep): readonly PresentStep[] =>
    tablesReferredTo(target, entry.step, entry.table).flatMap((table) => byTable.get(table) ?? []);
  const visit = (entry: PresentStep): void => {
    if (visited.has(entry)) return;
    visited.add(entry);
    for (const other of 'module' in entry.legacy ? indexedBy(entry.legacy, entry.step, steps) : referredTo(entry))
      visit(other);
    ordered.push(entry);
  };
  for (const entry of steps) visit(entry);
  return ordered;
}

/** The step that brings the rows which a full-text table indexes. */
function indexedBy(
  { content }: VirtualTable,
  { legacy }: TableStep,
  steps: readonly PresentStep[],
): readonly PresentStep[] {
  return steps.filter(
    ({ step }) => content !== null && step.legacy.database === legacy.database && sameName(step.legacy.table, content),
  );
}
