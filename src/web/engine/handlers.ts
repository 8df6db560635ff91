/** What the engine can do without a disk: look at databases, answer queries and find reports. */
import type { DataFolderResult } from '../../core/catalogue/model';
import { CoreError } from '../../core/errors';
import { createBrowseHandlers, type BrowsePorts } from '../../engine/browse-requests';
import { createCatalogueHandlers } from '../../engine/catalogue-requests';
import { createQueryHandlers, QueryResults } from '../../engine/query-requests';
import type { EngineHandlers } from '../../engine/server';
import type { SqliteEngine } from '../../core/sqlite/engine';
import { createWebFileStore } from './file-store';
import type { HostFiles } from './host-files';

/** @param loadEngine loads the WASM engine on first need */
export function createWebHandlers(host: HostFiles, loadEngine: () => Promise<SqliteEngine>): Partial<EngineHandlers> {
  const results = new QueryResults();
  const ports: BrowsePorts = {
    files: createWebFileStore(host),
    loadEngine,
    // A browser tells no page what is left; it ends the worker, and nothing else.
    availableMemory: () => Infinity,
    // VS Code's file API writes a file in one go, or not at all.
    async writeNewFile(file, database, body) {
      if ((await host.stat(file)).ok) throw cannotExport(database, 'something has that name already.');
      const parts: string[] = [];
      const result = await body({
        write: (text) => {
          parts.push(text);
          return Promise.resolve();
        },
      });
      const answer = await host.write(file, new TextEncoder().encode(parts.join('')));
      if (!answer.ok) throw cannotExport(database, answer.message);
      return result;
    },
  };
  const catalogue = createCatalogueHandlers(ports);
  return {
    ...catalogue,
    'catalogue.findDataFolder': (params, events) =>
      params.setting !== null && isPathOfDisk(params.setting)
        ? Promise.resolve(onDisk(params.setting))
        : catalogue['catalogue.findDataFolder'](params, events),
    // Rehearsing a migration takes the code that runs one.
    'catalogue.status': () => Promise.resolve(null),
    ...createBrowseHandlers(ports, results),
    ...createQueryHandlers(ports, results),
  };
}

/** An absolute path of a computer, with its rules: one of `resource-paths.web.ts` begins with a scheme. */
function isPathOfDisk(path: string): boolean {
  return /^([A-Za-z]:|~?[\\/])/.test(path) && !/^\/[a-z][a-z0-9+.-]*:/i.test(path);
}

function onDisk(setting: string): DataFolderResult {
  const problem = new CoreError(
    'data-folder-missing',
    `The data folder ${setting} is a path on a computer's disk, which cannot be seen here.`,
    { path: setting, hint: 'Give the setting jarvis.dataFolder as a path from the workspace folder on, such as data.' },
  );
  return { kind: 'none', problem: problem.toData() };
}

function cannotExport(database: string, cause: string): CoreError {
  return new CoreError('unreadable', `The rows of ${database} cannot be written: ${cause}`, {
    path: database,
    hint: 'Choose another place.',
  });
}
