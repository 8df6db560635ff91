/** The handlers of the tree: they read, and need nothing but files and SQLite. */
import { resolve } from 'node:path';
import { describeDatabase } from '../core/catalogue/describe';
import { findDataFolder } from '../core/catalogue/find-data-folder';
import { takeInventory } from '../core/catalogue/inventory';
import type { SqliteConnection, SqliteEngine } from '../core/sqlite/engine';
import { countRows } from '../core/sqlite/schema';
import type { FileStore } from '../core/storage/file-store';
import { fromWorkspace } from '../core/storage/paths';
import { findLatestReport } from '../core/storage/run-folder';
import { readFileState } from './file-state';
import type { EngineRequests, Place } from './protocol';
import type { EngineHandlers } from './server';

export interface CataloguePorts {
  readonly files: FileStore;
  /** Loads the WASM engine on first need. */
  readonly loadEngine: () => Promise<SqliteEngine>;
  /** Bytes that are left for this process. */
  readonly availableMemory: () => number;
}

type CatalogueRequest = Exclude<Extract<keyof EngineRequests, `catalogue.${string}`>, 'catalogue.status'>;

export function createCatalogueHandlers({
  files,
  loadEngine,
  availableMemory,
}: CataloguePorts): Pick<EngineHandlers, CatalogueRequest | 'report.latest'> {
  const reading = async <T>(place: Place, database: string, body: (connection: SqliteConnection) => T): Promise<T> => {
    const engine = await loadEngine();
    const path = fromWorkspace(place.workspace, database);
    const { bytes } = await readFileState({ files, availableMemory }, path, database);
    const connection = engine.open(bytes, database, { access: 'shared' });
    try {
      return body(connection);
    } finally {
      connection.close();
    }
  };

  return {
    'catalogue.findDataFolder': ({ workspace, setting }) => findDataFolder(files, workspace, setting),

    'catalogue.inventory': ({ workspace, dataFolder }) => takeInventory(files, workspace, dataFolder),

    'catalogue.describe': (params) =>
      reading(params, params.database, (connection) => describeDatabase(connection, params.database)),

    'catalogue.countRows': (params) =>
      reading(params, params.database, (connection) => countRows(connection, params.table)),

    'report.latest': ({ workspace, dataFolder }) => findLatestReport(files, resolve(workspace, dataFolder)),
  };
}
