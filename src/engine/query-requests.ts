/** The handlers of queries, and the results that are open: one for each viewer, in a connection of its own. */
import { BrowseSession } from '../core/browse/session';
import { listRelations } from '../core/browse/relation';
import { CoreError } from '../core/errors';
import type { QueryRelation, QueryResult } from '../core/query/model';
import { runQuery } from '../core/query/run-query';
import type { SqliteConnection } from '../core/sqlite/engine';
import { readColumns } from '../core/sqlite/schema';
import type { BrowseDatabase } from './browse-protocol';
import type { BrowsePorts } from './browse-requests';
import { readFileState, stampOf, type FileState } from './file-state';
import type { QueryRequests } from './query-protocol';
import type { EngineHandlers } from './server';

export function createQueryHandlers(
  ports: BrowsePorts,
  results: QueryResults,
): Pick<EngineHandlers, keyof QueryRequests> {
  const { files } = ports;
  const schemas = new Map<string, { readonly version: string; readonly relations: readonly QueryRelation[] }>();
  /** The state that was read last: statements on one database follow each other. Its bytes are shared by connections. */
  let last: (FileState & { readonly path: string }) | null = null;

  const read = async ({ path, database, openAnyway = false }: BrowseDatabase): Promise<FileState> => {
    if (last?.path === path && last.state.version === (await stampOf(files, path))) return last;
    last = null;
    const file = await readFileState(ports, path, database, { openAnyway });
    last = { ...file, path };
    return file;
  };
  const open = async ({ bytes }: FileState, database: string): Promise<SqliteConnection> =>
    (await ports.loadEngine()).open(bytes, database, { access: 'shared' });

  return {
    'query.run': async (params) => {
      // Before the next one is run: two results of one viewer would need twice the memory.
      results.release(params.viewer);
      const file = await read(params);
      const connection = await open(file, params.database);
      const version = versionOfRun(file.state.version, results.next());
      const session = new BrowseSession(connection, file.bytes, { ...file.state, version });
      try {
        const start = performance.now();
        const answer = runQuery(connection, params.sql, params.explain);
        const told = { milliseconds: performance.now() - start, state: session.state };
        if (answer.kind === 'rows') {
          session.adopt(answer.relation);
          results.keep(params.viewer, session);
          return { ...told, kind: 'rows', rows: answer.rows, cut: answer.cut } satisfies QueryResult;
        }
        session.close();
        return { ...told, kind: 'plan', steps: answer.steps } satisfies QueryResult;
      } catch (error) {
        session.close();
        throw error;
      }
    },

    'query.changed': async ({ path, version }) => (await stampOf(files, path)) !== versionOfFile(version),

    'query.schema': async ({ path, database }) => {
      const known = schemas.get(path);
      if (known?.version === (await stampOf(files, path))) return known.relations;
      // Not kept: completion asks where viewers are served, and no query follows.
      const file = await readFileState(ports, path, database);
      const connection = await open(file, database);
      try {
        const relations = listRelations(connection)
          .filter(({ kind }) => kind !== 'shadow')
          .map((relation) => ({ ...relation, columns: columnsOf(connection, relation.name) }));
        schemas.set(path, { version: file.state.version, relations });
        return relations;
      } finally {
        connection.close();
      }
    },
  };
}

export class QueryResults {
  private readonly open = new Map<string, BrowseSession>();
  private runs = 0;

  /** A number that no other run of this engine has. */
  next(): number {
    return ++this.runs;
  }

  keep(viewer: string, session: BrowseSession): void {
    this.release(viewer);
    this.open.set(viewer, session);
  }

  /** @throws CoreError `changed-since` where the result is not in this engine's memory (any more) */
  session({ viewer, database }: BrowseDatabase): BrowseSession {
    const session = this.open.get(viewer);
    if (session !== undefined) return session;
    throw new CoreError('changed-since', 'These rows are no longer in memory.', {
      path: database,
      hint: 'Run the statement again.',
    });
  }

  release(viewer: string): void {
    this.open.get(viewer)?.close();
    this.open.delete(viewer);
  }
}

/** Two runs on one state of a file give different results: a statement may ask for the time. */
function versionOfRun(file: string, run: number): string {
  return `${file} ${run}`;
}

function versionOfFile(run: string): string {
  return run.slice(0, run.lastIndexOf(' '));
}

/** A view that SQLite cannot resolve has none. */
function columnsOf(connection: SqliteConnection, table: string): QueryRelation['columns'] {
  try {
    return readColumns(connection, table).map(({ name, type, primaryKey }) => ({
      name,
      type,
      primaryKey: primaryKey > 0,
    }));
  } catch {
    return [];
  }
}
