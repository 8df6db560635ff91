/** The built `dist/engine.js`, driven as the extension host drives it: a real child process on a real workspace. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeSample } from '../../scripts/sample/make-sample';
import { CoreError } from '../../src/core/errors';
import { createEngine, type EngineClient } from '../../src/engine/client';
import { inProcess } from '../../src/engine/engine-process';
import type { ProgressEvent, RunParams } from '../../src/engine/protocol';

const enginePath = resolve(__dirname, '..', '..', 'dist', 'engine.js');

describe('the built engine', function () {
  this.timeout(30_000);
  let workspace: string;
  let engine: EngineClient;

  beforeEach(async () => {
    workspace = await mkdtemp(join(tmpdir(), 'jarvis-engine-'));
    await makeSample(workspace);
    engine = createEngine({ start: inProcess(enginePath), log: () => undefined });
  });
  afterEach(async () => {
    engine.dispose();
    await rm(workspace, { recursive: true, force: true, maxRetries: 5 });
  });

  const run = (mode: RunParams['mode']): RunParams => ({
    workspace,
    dataFolder: 'data',
    mode,
    domains: ['analytics'],
    applicationStopped: true,
  });

  it('starts no process before the first request', () => {
    assert.equal(engine.starts, 0);
  });

  it('lists and describes databases', async () => {
    const inventory = await engine.request('catalogue.inventory', { workspace, dataFolder: 'data' });
    assert.deepEqual(
      inventory.databases.filter(({ role }) => role === 'consolidated').map(({ database }) => database),
      ['data/jarvis_analytics.db', 'data/jarvis_cache.db', 'data/jarvis_core.db'],
    );
    const description = await engine.request('catalogue.describe', {
      workspace,
      dataFolder: 'data',
      database: 'data/llm_costs.db',
    });
    const usage = description.tables.find(({ name }) => name === 'llm_usage');
    assert.equal(usage?.rows, 25);
    assert.equal(usage.columns[0]?.primaryKey, 1);
    assert.equal(engine.starts, 1);
  });

  it('migrates, reports each phase in order and writes the report', async () => {
    const phases: string[] = [];
    const onProgress = ({ phase }: ProgressEvent): void => {
      if (phases.at(-1) !== phase) phases.push(phase);
    };
    const { report, reportPath } = await engine.request('migration.run', run('migrate'), { onProgress });
    assert.equal(report.outcome, 'committed');
    assert.equal(report.steps[0]?.inserted, 25);
    assert.deepEqual(
      phases.filter((phase, index) => phases.indexOf(phase) === index),
      ['read', 'apply', 'validate', 'backup', 'publish'],
    );
    assert.match(await readFile(reportPath ?? '', 'utf8'), /^# Migration Report/);
  });

  it('keeps code, path and hint of an error across the process boundary', async () => {
    await writeFile(
      join(workspace, 'data', 'broken.db'),
      'this is no database, although it is long enough to have a header'.repeat(4),
    );
    const describing = engine.request('catalogue.describe', {
      workspace,
      dataFolder: 'data',
      database: 'data/broken.db',
    });
    await assert.rejects(
      describing,
      (error: unknown) =>
        error instanceof CoreError &&
        error.code === 'not-sqlite' &&
        error.path === 'data/broken.db' &&
        error.hint !== null,
    );
  });

  it('B8: cancelling a run kills it; no file changes and the next request works', async () => {
    const before = await hashFolder(workspace);
    const controller = new AbortController();
    const cancelled = engine.request('migration.run', run('dryRun'), {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await assert.rejects(cancelled, (error: unknown) => error instanceof CoreError && error.code === 'cancelled');
    assert.deepEqual(await hashFolder(workspace), before);
    const { report } = await engine.request('migration.run', run('dryRun'));
    assert.equal(report.outcome, 'committed');
    assert.equal(engine.starts, 2);
  });

  it('a cancelled migration before the commit point leaves every database as it was and can be run again', async () => {
    const before = await hashFolder(workspace, '.db');
    const controller = new AbortController();
    const cancelled = engine.request('migration.run', run('migrate'), {
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'backup') controller.abort();
      },
    });
    await assert.rejects(cancelled, (error: unknown) => error instanceof CoreError && error.code === 'cancelled');
    assert.deepEqual(await hashFolder(workspace, '.db'), before);
    const { report } = await engine.request('migration.run', run('migrate'));
    assert.equal(report.outcome, 'committed');
  });

  it('P15: two engines at once: the second run is refused while the first holds the lock', async () => {
    await writeFile(
      join(workspace, 'data', '.jarvis-db.lock'),
      JSON.stringify({ pid: process.pid, host: (await import('node:os')).hostname(), nonce: 'x' }),
    );
    const { report } = await engine.request('migration.run', run('migrate'));
    assert.equal(report.outcome, 'refused');
    assert.equal(report.error?.code, 'locked');
  });
});

/** Contents by name, below a folder, without the backups. */
async function hashFolder(folder: string, ending = ''): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && path.endsWith(ending) && !path.includes('backups'))
      files[path] = (await readFile(path)).toString('base64');
  }
  return files;
}
