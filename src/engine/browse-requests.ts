/** The handlers of table viewers: which files are open for whom, and how long a request may work before others are heard. */
import { ClipboardText, writeRows, type TextSink } from '../core/browse/copy-rows';
import { readDiagram } from '../core/browse/diagram';
import { describeTable } from '../core/browse/describe-table';
import type { RefreshResult } from '../core/browse/model';
import { listRelations } from '../core/browse/relation';
import { stale, type RowOrder } from '../core/browse/row-order';
import { BrowseSession } from '../core/browse/session';
import { describeError } from '../core/errors';
import type { SqliteEngine } from '../core/sqlite/engine';
import type { FileStore } from '../core/storage/file-store';
import { breathe } from './breathe';
import type { BrowseDatabase, BrowseQuery, BrowseRequests, BrowseTable } from './browse-protocol';
import { readFileState, stampOf } from './file-state';
import type { EngineHandlers, HandlerEvents } from './server';

export interface BrowsePorts {
  readonly files: FileStore;
  readonly loadEngine: () => Promise<SqliteEngine>;
  readonly availableMemory: () => number;
  readonly writeNewFile: WriteNewFile;
}

/**
 * Makes a file that is there only if all of it was written.
 *
 * @param database what messages call the database that is exported
 * @throws CoreError where something is there already, or cannot be written
 */
export type WriteNewFile = <T>(path: string, database: string, body: (sink: TextSink) => Promise<T>) => Promise<T>;

/** Where the rows of queries are. */
export interface OpenResults {
  session(params: BrowseDatabase): BrowseSession;
  release(viewer: string): void;
}

/** Work between two looks at what else is asked. Milliseconds. */
const sliceTime = 20;
/** How long `browse.status` and `browse.find` work before they tell how far they are. Milliseconds. */
const patience = 200;
/** Characters of text that the clipboard gets at most. */
const mostCopied = 64 * 1024 ** 2;

export function createBrowseHandlers(
  ports: BrowsePorts,
  results: OpenResults,
): Pick<EngineHandlers, keyof BrowseRequests> {
  const files = new OpenFiles(ports);
  const sessionOf = async (params: BrowseDatabase): Promise<BrowseSession> =>
    params.result === true ? results.session(params) : files.session(params);

  /** Runs on the present state of the file, and once more where that was replaced meanwhile. */
  const reading = async <T>(params: BrowseDatabase, body: (session: BrowseSession) => Promise<T> | T): Promise<T> => {
    for (let tries = 0; ; tries++) {
      const session = await sessionOf(params);
      try {
        return await body(session);
      } catch (error) {
        if (!session.closed || tries >= 2) throw error;
        // Opened anew for a viewer that has closed it meanwhile, the file would stay open for good.
        if (params.result !== true && !files.isOpenFor(params)) throw error;
      }
    }
  };
  const querying = <T>(
    params: BrowseQuery,
    body: (session: BrowseSession, order: RowOrder) => Promise<T> | T,
  ): Promise<T> =>
    reading(params, (session) => body(session, session.order(params.viewer, params.table, params.query)));
  const onTable = <T>(params: BrowseTable, body: (session: BrowseSession) => T): Promise<T> =>
    reading(params, (session) => body(session));

  return {
    'browse.tables': (params) => reading(params, ({ connection }) => listRelations(connection)),

    'browse.open': (params) => onTable(params, (session) => session.openTable(params.table)),

    'browse.rows': (params) =>
      querying(params, async (session, order) => {
        const { from, count } = params;
        await workUntil(session, order, () => order.reached >= from + count);
        const rows = session.displayedRows(params.table, order, from, count);
        return { version: session.state.version, from, rows };
      }),

    'browse.status': (params) =>
      querying(params, async (session, order) => {
        const end = performance.now() + patience;
        await workUntil(session, order, () => performance.now() > end);
        const total = session.totalOf(params.table);
        return { version: session.state.version, rows: order.rows, complete: order.complete, total };
      }),

    'browse.locate': (params) =>
      querying(params, async (session, order) => {
        await workUntil(session, order, () => false);
        return { version: session.state.version, position: order.locate(params.key) };
      }),

    'browse.find': (params) =>
      querying(params, async (session) => {
        const { viewer, table, query, text, columns, from, backwards } = params;
        const matches = session.matches(viewer, table, query, text, columns);
        const start = performance.now();
        const found = (): number | null =>
          backwards ? (matches.reached > from ? matches.previous(from) : null) : matches.next(from);
        // Asked again for the same match, it goes on counting.
        await workUntil(session, matches, () => {
          const spent = performance.now() - start;
          return spent > patience || (spent > sliceTime && found() !== null);
        });
        const wrapped = matches.complete
          ? backwards
            ? matches.previous(Number.MAX_SAFE_INTEGER)
            : matches.next(0)
          : null;
        const position = found() ?? wrapped;
        return {
          version: session.state.version,
          position,
          ordinal: position === null ? 0 : matches.ordinal(position),
          matches: matches.count,
          complete: matches.complete,
        };
      }),

    'browse.cell': (params) =>
      querying(params, async (session, order) => {
        await workUntil(session, order, () => order.reached > params.position);
        return session.cellContent(params.table, order, params.position, params.column);
      }),

    'browse.copy': (params) =>
      querying(params, async (session, order) => {
        const { table, format, columns, from, to } = params;
        const sink = new ClipboardText(mostCopied);
        await writeRows(session, table, order, format, columns, { from, to }, sink, breathe);
        return sink.text;
      }),

    'browse.export': async (params, events) => {
      const session = await sessionOf(params);
      const { table, query, format, columns, file } = params;
      // A viewer of its own: what the user does in the grid meanwhile changes another query.
      const order = session.order(`${params.viewer} export`, table, query);
      return ports
        .writeNewFile(file, params.database, async (sink) => ({
          rows: await writeRows(
            session,
            table,
            order,
            format,
            columns,
            { from: 0, to: null },
            sink,
            breathe,
            tellEvery(events),
          ),
          limit: session.limitReached(table),
        }))
        .finally(() => {
          if (!session.closed) session.release(`${params.viewer} export`);
        });
    },

    'browse.diagram': (params) => reading(params, ({ connection }) => readDiagram(connection)),

    'browse.describe': (params) => onTable(params, ({ connection }) => describeTable(connection, params.table)),

    'browse.profile': (params) => onTable(params, (session) => session.profile(params.table, params.column)),

    'browse.refresh': (params) => files.refresh(params),

    'browse.close': (params) => {
      if (params.result === true) results.release(params.viewer);
      else files.release(params);
      return Promise.resolve(null);
    },
  };
}

interface OpenFile {
  readonly viewers: Set<string>;
  session: Promise<BrowseSession>;
  refreshing: Promise<RefreshResult> | null;
}

class OpenFiles {
  private readonly open = new Map<string, OpenFile>();

  constructor(private readonly ports: BrowsePorts) {}

  session(params: BrowseDatabase): Promise<BrowseSession> {
    const known = this.open.get(params.path);
    if (known !== undefined) {
      known.viewers.add(params.viewer);
      return known.session;
    }
    const file: OpenFile = { viewers: new Set([params.viewer]), session: this.read(params), refreshing: null };
    this.open.set(params.path, file);
    // What could not be read is asked for anew; by then it may have been.
    file.session.catch(() => {
      if (this.open.get(params.path) === file) this.open.delete(params.path);
    });
    return file.session;
  }

  isOpenFor({ path, viewer }: BrowseDatabase): boolean {
    return this.open.get(path)?.viewers.has(viewer) === true;
  }

  /** Where the present state cannot be read, the one before stays, with the reason. */
  async refresh(params: BrowseDatabase): Promise<RefreshResult> {
    await this.session(params);
    const file = this.open.get(params.path);
    if (file === undefined) throw stale(params.database);
    file.refreshing ??= this.readAgain(file, params).finally(() => (file.refreshing = null));
    return file.refreshing;
  }

  private async readAgain(file: OpenFile, params: BrowseDatabase): Promise<RefreshResult> {
    const before = await file.session;
    if ((await stampOf(this.ports.files, params.path)) === before.state.version)
      return { state: before.state, problem: null };
    try {
      const next = await this.read(params);
      if (this.open.get(params.path) !== file) {
        next.close();
        throw stale(params.database);
      }
      file.session = Promise.resolve(next);
      before.close();
      return { state: next.state, problem: null };
    } catch (error) {
      return { state: before.state, problem: describeError(error) };
    }
  }

  release({ path, viewer }: BrowseDatabase): void {
    const file = this.open.get(path);
    if (file === undefined) return;
    file.viewers.delete(viewer);
    const last = file.viewers.size === 0;
    if (last) this.open.delete(path);
    file.session.then(
      (session) => (last ? session.close() : session.release(viewer)),
      // It was never open.
      () => undefined,
    );
  }

  private async read({ path, database, openAnyway = false }: BrowseDatabase): Promise<BrowseSession> {
    const engine = await this.ports.loadEngine();
    const { bytes, state } = await readFileState(this.ports, path, database, { openAnyway });
    return new BrowseSession(engine.open(bytes, database, { access: 'shared' }), bytes, state);
  }
}

interface Workable {
  readonly complete: boolean;
  work(): void;
}

async function workUntil(session: BrowseSession, task: Workable, enough: () => boolean): Promise<void> {
  let slice = performance.now() + sliceTime;
  while (!task.complete && !enough()) {
    task.work();
    if (performance.now() < slice) continue;
    await breathe();
    session.assertOpen();
    slice = performance.now() + sliceTime;
  }
}

function tellEvery(events: HandlerEvents): (rows: number) => void {
  let next = 0;
  return (rows) => {
    if (performance.now() < next) return;
    next = performance.now() + patience;
    events.progress({ phase: 'read', message: String(rows) });
  };
}
