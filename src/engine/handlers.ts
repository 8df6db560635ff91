/** What each request does: the core, with the machine's own ports plugged in. The command line calls the same handlers. */
import { takeInventory } from '../core/catalogue/inventory';
import { messageOf } from '../core/errors';
import { statusOfTables } from '../core/catalogue/table-status';
import type { RunRequest } from '../core/migration/run';
import { writeReport } from '../core/report/write-report';
import type { Domain, RunReport } from '../core/report/model';
import type { FileStore } from '../core/storage/file-store';
import { browseReadOnly, type BrowseRequests } from './browse-protocol';
import { createCatalogueHandlers } from './catalogue-requests';
import { deferred } from './deferred';
import type { HandlerPorts } from './handler-ports';
import type { RunParams } from './protocol';
import { queryReadOnly, type QueryRequests } from './query-protocol';
import { runPorts } from './run-ports';
import type { EngineHandlers, HandlerEvents } from './server';

/** Bytes of all databases up to which they are compared unasked, whenever one of them changed. */
const unaskedBytes = 64 * 1024 ** 2;

const allDomains: readonly Domain[] = ['core', 'analytics', 'cache'];

export function createHandlers(ports: HandlerPorts): EngineHandlers {
  const { files } = ports;

  return {
    ...createCatalogueHandlers(ports),

    'catalogue.status': async (params) => {
      const { databases } = await takeInventory(files, params.workspace, params.dataFolder);
      if (databases.reduce((sum, { size, walSize }) => sum + size + walSize, 0) > unaskedBytes) return null;
      const { runMigration } = await import('../core/migration/run');
      const look: RunParams = { ...params, mode: 'validate', domains: allDomains, applicationStopped: true };
      // One that cannot be read says so in the tree; the others are looked at all the same.
      const without = databases.filter(({ state }) => state !== 'ready').map(({ database }) => database);
      const { report } = await runMigration({ ...requestOf(look), without }, await runPorts(ports, unheard));
      return statusOfTables(report);
    },

    // What follows is most of the code, and loading it takes longer than a whole inventory.
    ...deferred(['plan.check', 'plan.print', 'plan.describe'], async () => {
      const { createPlanHandlers } = await import('./plan-requests');
      return createPlanHandlers(ports);
    }),

    ...deferred(['compare.databases', 'compare.row'], async () => {
      const { createCompareHandlers } = await import('./compare-requests');
      return createCompareHandlers(ports);
    }),

    ...deferred(['archive.plan', 'archive.run', 'archive.list', 'archive.restore'], async () => {
      const { createArchiveHandlers } = await import('./archive-requests');
      return createArchiveHandlers(ports);
    }),

    ...deferred(['undo.rollBack', 'backups.list', 'backups.restore', 'report.standing'], async () => {
      const { createUndoHandlers } = await import('./undo-requests');
      return createUndoHandlers(ports);
    }),

    ...deferred(
      Object.keys({ ...browseReadOnly, ...queryReadOnly }) as (keyof BrowseRequests | keyof QueryRequests)[],
      async () => {
        const { createBrowseHandlers } = await import('./browse-requests');
        const { createQueryHandlers, QueryResults } = await import('./query-requests');
        const { writeNewFile } = await import('./new-file');
        const browsing = { ...ports, writeNewFile };
        const results = new QueryResults();
        return { ...createBrowseHandlers(browsing, results), ...createQueryHandlers(browsing, results) };
      },
    ),

    'migration.run': async (params, events) => {
      const { runMigration } = await import('../core/migration/run');
      const { renderMarkdown } = await import('../core/report/markdown');
      const { report, folder, lines, planFingerprint } = await runMigration(
        requestOf(params),
        await runPorts(ports, events),
      );
      const markdown = renderMarkdown(report);
      const reportPath =
        folder === null ? null : await tryWriteReport(files, folder, { report, markdown, lines }, events);
      return { report, markdown, reportPath, planFingerprint };
    },
  };
}

function requestOf(params: RunParams): RunRequest {
  return {
    workspace: params.workspace,
    dataFolder: params.dataFolder,
    mode: params.mode,
    domains: params.domains,
    applicationStopped: params.applicationStopped,
    openAnyway: params.openAnyway ?? false,
    refusal: params.refusal ?? null,
    expected: params.expected ?? null,
    planFile: params.planFile ?? null,
    rateLimits: params.rateLimits ?? 'file',
    rejects: params.rejects ?? null,
  };
}

/** Nobody waits for what is looked at in passing. */
const unheard: HandlerEvents = {
  progress: () => undefined,
  log: () => undefined,
  beginPublishing: () => Promise.resolve(),
};

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
