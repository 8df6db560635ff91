/** The requests that compare: they read snapshots and change nothing. */
import { compareDatabases } from '../core/compare/compare-databases';
import { renderComparison } from '../core/compare/render-comparison';
import { compareRow } from '../core/migration/compare-row';
import type { SqliteEngine } from '../core/sqlite/engine';
import type { FileStore } from '../core/storage/file-store';
import { readSnapshot } from '../core/storage/snapshot';
import type { EngineHandlers } from './server';
import { tellProgress } from './tell-progress';

interface ComparePorts {
  readonly files: FileStore;
  readonly loadEngine: () => Promise<SqliteEngine>;
}

export function createCompareHandlers({
  files,
  loadEngine,
}: ComparePorts): Pick<EngineHandlers, 'compare.databases' | 'compare.row'> {
  return {
    'compare.databases': async ({ left, right }, events) => {
      await tellProgress(events, 'read', left.database);
      const ours = await readSnapshot(files, left.path, left.database);
      await tellProgress(events, 'read', right.database);
      const theirs = await readSnapshot(files, right.path, right.database);
      const comparison = await compareDatabases(await loadEngine(), ours, theirs, (table) =>
        tellProgress(events, 'validate', table),
      );
      return { comparison, markdown: renderComparison(comparison) };
    },

    'compare.row': async (params, events) => {
      const request = { ...params, planFile: params.planFile ?? null, rateLimits: params.rateLimits ?? 'file' };
      return compareRow({ files, engine: await loadEngine() }, request, (phase, message) =>
        tellProgress(events, phase, message),
      );
    },
  };
}
