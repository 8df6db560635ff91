import type { ToolId } from '../contributions';
import type { Disposable } from '../disposable-store';
import type { Services } from '../services';
import { carryOutMigration } from './carry-out-migration';
import { planMigration, type RehearsedMigration } from './plan-migration';
import { register } from './register';
import { RehearsedRuns } from './rehearsed-runs';
import type { Tool } from './tool';
import { viewTools } from './view-tools';

/** The type makes sure that every tool of the manifest is here, and no other. */
export function registerTools(services: Services): Disposable {
  const rehearsed = new RehearsedRuns<RehearsedMigration>();
  const tools: Readonly<Record<ToolId, Tool<Services>>> = {
    ...viewTools,
    jarvis_plan_migration: planMigration(rehearsed),
    jarvis_migrate: carryOutMigration(rehearsed),
  };
  return register(tools, services);
}
