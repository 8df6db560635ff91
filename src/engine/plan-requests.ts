/** The requests about plan files: the core's checks over the schemas that are really there. */
import { resolve } from 'node:path';
import { CoreError, describeError } from '../core/errors';
import { checkPlan, databasesToRead } from '../core/plan/check-plan';
import { loadPlan } from '../core/plan/load-plan';
import { parsePlan, type PlanProblem } from '../core/plan/parse-plan';
import { readPlanTables, type PlanDatabase } from '../core/plan/plan-catalogue';
import { unsafePath } from '../core/plan/plan-paths';
import { printPlan } from '../core/plan/print-plan';
import type { SqliteEngine } from '../core/sqlite/engine';
import type { FileStat, FileStore } from '../core/storage/file-store';
import { fromWorkspace, isInside } from '../core/storage/paths';
import { readImage } from '../core/storage/snapshot';
import type { Place } from './protocol';
import type { EngineHandlers } from './server';

interface PlanPorts {
  readonly files: FileStore;
  readonly loadEngine: () => Promise<SqliteEngine>;
}

export type PlanHandlers = Pick<EngineHandlers, 'plan.check' | 'plan.print' | 'plan.describe'>;

export function createPlanHandlers(ports: PlanPorts): PlanHandlers {
  const reader = new SchemaReader(ports);
  return {
    'plan.check': async (params) => ({ problems: await examine(ports, reader, params, params.text) }),

    'plan.print': async (params) => {
      const { plan, source } = await loadPlan(ports.files, params);
      return { text: printPlan(plan), source };
    },

    'plan.describe': async (params) => {
      const { database } = params;
      const reason = unsafePath(database, params.dataFolder);
      if (reason !== null)
        throw new CoreError('outside-workspace', `The path ${database} ${reason}.`, { path: database });
      const found = await reader.read(params, database);
      switch (found.state) {
        case 'missing':
          throw new CoreError('file-missing', `${database} is not there.`, { path: database });
        case 'unreadable':
          throw new CoreError('unreadable', found.reason, { path: database });
        case 'read':
          return {
            tables: found.tables.map(({ name, columns }) => ({
              name,
              columns: columns.map(({ name: column, type, notNull, primaryKey, generated }) => ({
                name: column,
                type,
                notNull,
                primaryKey,
                generated,
              })),
            })),
          };
      }
    },
  };
}

async function examine(
  ports: PlanPorts,
  reader: SchemaReader,
  place: Place,
  text: string,
): Promise<readonly PlanProblem[]> {
  const parsed = parsePlan(text);
  if (parsed.plan === null) return parsed.problems;
  const databases = new Map<string, PlanDatabase>();
  for (const database of databasesToRead(parsed.plan, place.dataFolder))
    databases.set(database, await reader.read(place, database));
  const engine = await ports.loadEngine();
  const openScratch = (): ReturnType<SqliteEngine['open']> => engine.open(new Uint8Array(), 'plan');
  const meaning = checkPlan(parsed, { dataFolder: place.dataFolder, databases, openScratch });
  return [...parsed.problems, ...meaning];
}

/** Schemas that are kept at most: a plan is checked while somebody types, and the files do not change meanwhile. */
const mostKept = 100;

class SchemaReader {
  private readonly kept = new Map<string, { readonly version: string; readonly database: PlanDatabase }>();

  constructor(private readonly ports: PlanPorts) {}

  async read(place: Place, database: string): Promise<PlanDatabase> {
    const { files } = this.ports;
    const path = fromWorkspace(place.workspace, database);
    try {
      const stat = await files.stat(path);
      if (stat === null) return { state: 'missing' };
      const outside = await this.linksOutside(place, path);
      if (outside !== null)
        return { state: 'unreadable', reason: `${database} is a link to ${outside}, outside the workspace folder.` };
      const version = await this.versionOf(path, stat);
      const known = this.kept.get(path);
      if (known?.version === version) return known.database;
      const read = await this.readSchema(path, database);
      if (this.kept.size >= mostKept) this.kept.clear();
      this.kept.set(path, { version, database: read });
      return read;
    } catch (error) {
      return { state: 'unreadable', reason: describeError(error).message };
    }
  }

  /** Changes with the file and with its sidecars, in which a new schema may still lie. */
  private async versionOf(path: string, { identity, size, modified }: FileStat): Promise<string> {
    const real = await this.ports.files.realPath(path);
    const sidecars = await Promise.all(['-wal', '-journal'].map((suffix) => this.ports.files.stat(real + suffix)));
    const parts = sidecars.map((sidecar) => (sidecar === null ? 'none' : `${sidecar.size} ${sidecar.modified}`));
    return [identity, size, modified, ...parts].join(' ');
  }

  private async readSchema(path: string, database: string): Promise<PlanDatabase> {
    const engine = await this.ports.loadEngine();
    const { bytes, stat } = await readImage(this.ports.files, path, database);
    const connection = engine.open(bytes, database);
    try {
      return { state: 'read', tables: readPlanTables(connection), identity: stat.identity };
    } finally {
      connection.close();
    }
  }

  /** Where a path really leads, if that is outside; the user's own choice of a data folder counts as inside. */
  private async linksOutside({ workspace, dataFolder }: Place, path: string): Promise<string | null> {
    const { files } = this.ports;
    const real = await files.realPath(path);
    for (const root of [workspace, resolve(workspace, dataFolder)]) {
      if ((await files.stat(root)) !== null && isInside(await files.realPath(root), real)) return null;
    }
    return real;
  }
}
