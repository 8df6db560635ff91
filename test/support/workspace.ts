/** Sample workspaces to migrate, and the migration with the machine's own ports: real files, real SQLite. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeSample } from '../../scripts/sample/make-sample';
import type { Domain, RunMode, RunReport } from '../../src/core/report/model';
import { createHandlers } from '../../src/engine/handlers';
import { machinePorts } from '../../src/engine/machine';
import type { HandlerEvents } from '../../src/engine/server';
import { withFolder } from './folders';

export const wasmPath = resolve('node_modules', 'sql.js', 'dist', 'sql-wasm.wasm');

const originals = new Map<string, Promise<string>>();

after(async () => {
  for (const folder of originals.values()) await rm(await folder, { recursive: true, force: true });
  originals.clear();
});

/** A workspace of its own for the body, as it is before the first migration. */
export function withSample<T>(body: (workspace: string) => Promise<T>, variant = 0): Promise<T> {
  return withCopy(`sample ${variant}`, (folder) => makeSample(folder, { variant, all: false }), body);
}

/** A workspace of its own for the body, as one run has left it. */
export function withMigrated<T>(body: (workspace: string) => Promise<T>, variant = 0): Promise<T> {
  const make = async (folder: string): Promise<void> => {
    await makeSample(folder, { variant, all: false });
    const { outcome, error } = await run(folder);
    if (outcome !== 'committed') throw new Error(error?.message ?? outcome);
  };
  return withCopy(`migrated ${variant}`, make, body);
}

/** What is the same for many tests is made once and copied. */
async function withCopy<T>(
  name: string,
  make: (folder: string) => Promise<void>,
  body: (workspace: string) => Promise<T>,
): Promise<T> {
  let original = originals.get(name);
  if (original === undefined) {
    original = mkdtemp(join(tmpdir(), 'jarvis-original-')).then(async (folder) => {
      await make(folder);
      return folder;
    });
    originals.set(name, original);
  }
  const made = await original;
  return withFolder(async (folder) => {
    await cp(made, folder, { recursive: true, preserveTimestamps: true });
    return body(folder);
  });
}

export const handlers = createHandlers(machinePorts(wasmPath));

export const silent: HandlerEvents = {
  progress: () => undefined,
  log: () => undefined,
  beginPublishing: () => Promise.resolve(),
};

/** One run of the built-in plan, and its report. */
export async function run(
  workspace: string,
  mode: RunMode = 'migrate',
  domains: readonly Domain[] = ['analytics'],
): Promise<RunReport> {
  const { report } = await handlers['migration.run'](
    { workspace, dataFolder: 'data', mode, domains, applicationStopped: true },
    silent,
  );
  return report;
}

export function stepOf(report: RunReport, table: string): RunReport['steps'][number] {
  const step = report.steps.find(({ legacy }) => legacy.table === table);
  if (step === undefined) throw new Error(`${table} is not in the report`);
  return step;
}

/** The databases of a sample that the analytics domain touches, by their paths. */
export function pathsOf(workspace: string): {
  readonly llm: string;
  readonly metrics: string;
  readonly target: string;
} {
  return {
    llm: join(workspace, 'data', 'llm_costs.db'),
    metrics: join(workspace, 'data', 'metrics.db'),
    target: join(workspace, 'data', 'jarvis_analytics.db'),
  };
}
