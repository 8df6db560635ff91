/** The requests that compare: they read snapshots and change nothing. */
import { compareDatabases } from '../core/compare/compare-databases';
import { renderComparison } from '../core/compare/render-comparison';
import { compareRow } from '../core/migration/compare-row';
import type { SqliteEngine } from '../core/sqlite/engine';
import type { FileStore } from '../core/storage/file-store';
import { assertMemoryFor, looking } from '../core/storage/needed-memory';
import { readSnapshot } from '../core/storage/snapshot';
import type { EngineHandlers } from './server';
import { tellProgress } from './tell-progress';

interface ComparePorts {
  readonly files: FileStore;
  readonly loadEngine: () => Promise<SqliteEngine>;
  readonly availableMemory: () => number;
}

export function createCompareHandlers({
  files,
  loadEngine,
  availableMemory,
}: ComparePorts): Pick<EngineHandlers, 'compare.databases' | 'compare.row'> {
  return {
    'compare.databases': async ({ left, right, openAnyway = false }, events) => {
      const databases = [left, right].map(({ path, database }) => ({ name: database, path }));
      const need = { databases, which: 'that are compared', factor: looking, openAnyway };
      await assertMemoryFor({ files, availableMemory }, need);
      await tellProgress(events, 'read', left.database);
      const ours = await readSnapshot(files, left.path, left.database, { openAnyway });
      await tellProgress(events, 'read', right.database);
      const theirs = await readSnapshot(files, right.path, right.database, { openAnyway });
      const comparison = await compareDatabases(await loadEngine(), ours, theirs, (table) =>
        tellProgress(events, 'validate', table),
      );
      return { comparison, markdown: renderComparison(comparison) };
    },

    'compare.row': async (params, events) => {
      const { planFile = null, rateLimits = 'file', openAnyway = false } = params;
      const ports = { files, engine: await loadEngine(), availableMemory };
      return compareRow(ports, { ...params, planFile, rateLimits, openAnyway }, (phase, message) =>
        tellProgress(events, phase, message),
      );
    },
  };
}
