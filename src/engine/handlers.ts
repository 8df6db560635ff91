/** What each request does: the core, with the machine's own ports plugged in. The command line calls the same handlers. */
import { resolve } from 'node:path';
import { describeDatabase } from '../core/catalogue/describe';
import { findDataFolder } from '../core/catalogue/find-data-folder';
import { takeInventory } from '../core/catalogue/inventory';
import { messageOf } from '../core/errors';
import type { IntegrityChecker } from '../core/migration/integrity';
import { runMigration } from '../core/migration/run';
import { renderMarkdown } from '../core/report/markdown';
import { writeReport } from '../core/report/write-report';
import type { RunReport } from '../core/report/model';
import type { SqliteConnection, SqliteEngine } from '../core/sqlite/engine';
import { countRows } from '../core/sqlite/schema';
import type { FileStore } from '../core/storage/file-store';
import type { HolderProbe } from '../core/storage/holders';
import { fromWorkspace } from '../core/storage/paths';
import { findLatestReport } from '../core/storage/run-folder';
import type { ProcessIdentity } from '../core/storage/run-lock';
import { readSnapshot } from '../core/storage/snapshot';
import { createBrowseHandlers } from './browse-requests';
import { createPlanHandlers } from './plan-requests';
import type { Place } from './protocol';
import type { EngineHandlers, HandlerEvents } from './server';

export interface HandlerPorts {
  readonly files: FileStore;
  readonly holders: HolderProbe;
  /** Loads the WASM engine on first need. */
  readonly loadEngine: () => Promise<SqliteEngine>;
  /** A second thread for integrity checks; null where there is none. */
  readonly checker: IntegrityChecker | null;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly self: ProcessIdentity;
  readonly version: string;
}

export function createHandlers(ports: HandlerPorts): EngineHandlers {
  const { files } = ports;

  const open = async (place: Place, database: string): Promise<SqliteConnection> => {
    const engine = await ports.loadEngine();
    const snapshot = await readSnapshot(files, fromWorkspace(place.workspace, database), database);
    return engine.open(snapshot.bytes, database, { access: 'shared' });
  };

  return {
    'catalogue.findDataFolder': ({ workspace, setting }) => findDataFolder(files, workspace, setting),

    'catalogue.inventory': ({ workspace, dataFolder }) => takeInventory(files, workspace, dataFolder),

    'catalogue.describe': async (params) => {
      const connection = await open(params, params.database);
      try {
        return describeDatabase(connection, params.database);
      } finally {
        connection.close();
      }
    },

    'catalogue.countRows': async (params) => {
      const connection = await open(params, params.database);
      try {
        return countRows(connection, params.table);
      } finally {
        connection.close();
      }
    },

    ...createPlanHandlers(ports),

    ...createBrowseHandlers(ports),

    'migration.run': async (params, events) => {
      const { report, folder, lines } = await runMigration(
        {
          workspace: params.workspace,
          dataFolder: params.dataFolder,
          mode: params.mode,
          domains: params.domains,
          applicationStopped: params.applicationStopped,
          refusal: params.refusal ?? null,
          expected: params.expected ?? null,
          planFile: params.planFile ?? null,
          rateLimits: params.rateLimits ?? 'file',
          rejects: params.rejects ?? null,
        },
        {
          ...ports,
          engine: await ports.loadEngine(),
          beginPublishing: () => events.beginPublishing(),
          onProgress: (phase, message) => tellProgress(events, phase, message),
          onLog: (level, line) => events.log(level, line),
        },
      );
      const markdown = renderMarkdown(report);
      const reportPath =
        folder === null ? null : await tryWriteReport(files, folder, { report, markdown, lines }, events);
      return { report, markdown, reportPath };
    },

    'report.latest': ({ workspace, dataFolder }) => findLatestReport(files, resolve(workspace, dataFolder)),
  };
}

/** Lets the message leave the process before the next long statement blocks it. */
async function tellProgress(
  events: HandlerEvents,
  phase: Parameters<HandlerEvents['progress']>[0]['phase'],
  message: string,
): Promise<void> {
  events.progress({ phase, message });
  await new Promise((done) => setImmediate(done));
}

/** What was published stays published if its report cannot be written: the failure is told, the result is returned. */
async function tryWriteReport(
  files: FileStore,
  folder: string,
  {
    report,
    markdown,
    lines,
  }: { readonly report: RunReport; readonly markdown: string; readonly lines: readonly string[] },
  events: HandlerEvents,
): Promise<string | null> {
  try {
    return await writeReport(files, folder, report, markdown, lines);
  } catch (error) {
    events.log('error', `The report could not be written to ${folder}: ${messageOf(error)}`);
    return null;
  }
}
