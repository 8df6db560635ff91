import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreError, type CoreErrorCode } from '../../../src/core/errors';
import { createEngine, type EngineClient, type EngineOptions } from '../../../src/engine/client';
import type { StartEngine } from '../../../src/engine/engine-child';
import { inProcess } from '../../../src/engine/engine-process';
import type { ProgressEvent, RunParams, RunResult } from '../../../src/engine/protocol';

const place = (dataFolder: string) => ({ workspace: '', dataFolder });
const run = (dataFolder: string, workspace = ''): RunParams => ({
  workspace,
  dataFolder,
  mode: 'migrate',
  domains: ['analytics'],
  applicationStopped: false,
});
const failsWith =
  (code: CoreErrorCode, text = /./) =>
  (error: unknown) => {
    assert.ok(error instanceof CoreError, String(error));
    assert.equal(error.code, code);
    assert.match(`${error.message} ${error.hint ?? ''}`, text);
    return true;
  };

describe('the engine client', function () {
  this.timeout(20_000);
  let engine: EngineClient;
  const children: ChildProcess[] = [];
  const lines: string[] = [];

  const start = (enginePath: string): StartEngine =>
    inProcess(enginePath, (modulePath, forkOptions) => {
      const child = fork(modulePath, { ...forkOptions, execArgv: ['--import', 'tsx'] });
      children.push(child);
      return child;
    });
  const create = (options: Partial<EngineOptions> = {}): EngineClient =>
    (engine = createEngine({
      start: start(join(__dirname, 'fake-engine.ts')),
      log: (level, line) => lines.push(`${level} ${line}`),
      ...options,
    }));

  beforeEach(() => {
    children.length = 0;
    lines.length = 0;
  });
  afterEach(() => engine.dispose());

  it('starts no child before the first request, and one child for many', async () => {
    create();
    assert.equal(engine.starts, 0);
    assert.equal(engine.running, false);
    const [first, second] = await Promise.all([
      engine.request('catalogue.inventory', place('a')),
      engine.request('catalogue.inventory', place('b')),
    ]);
    assert.equal(engine.starts, 1);
    assert.equal(engine.running, true);
    assert.notEqual(first.dataFolder, second.dataFolder);
  });

  it('hands over errors with their code, path and hint, and log lines', async () => {
    create();
    await assert.rejects(
      engine.request('catalogue.describe', { ...place('a'), database: 'x.db' }),
      (error: unknown) => {
        assert.ok(error instanceof CoreError);
        assert.deepEqual(error.toData(), {
          code: 'damaged',
          message: 'x.db is damaged.',
          path: 'x.db',
          hint: 'Restore it.',
        });
        return true;
      },
    );
    assert.deepEqual(lines, ['info describing x.db']);
  });

  it('turns a bare string that was thrown into an error that shows it', async () => {
    create();
    const count = engine.request('catalogue.countRows', { ...place('a'), database: 'x.db', table: 't' });
    await assert.rejects(count, failsWith('internal', /a bare string/));
  });

  it('gives each run its own progress and never runs two at a time', async () => {
    create();
    const seen: string[] = [];
    const follow = (name: string) => ({
      onProgress: ({ phase, message }: ProgressEvent) => seen.push(`${name}: ${phase} ${message}`),
    });
    await Promise.all([
      engine.request('migration.run', run('short'), follow('first')),
      engine.request('migration.run', run('publish'), follow('second')),
    ]);
    assert.deepEqual(seen, [
      'first: read short alone=true',
      'second: read publish alone=true',
      'second: publish publishing',
    ]);
  });

  it('ends the child when it has been idle, and starts another when asked again', async () => {
    create({ idleMilliseconds: 50 });
    await engine.request('catalogue.inventory', place('a'));
    await exitOf(children[0]);
    assert.equal(engine.running, false);
    await engine.request('catalogue.inventory', place('a'));
    assert.equal(engine.starts, 2);
  });

  it('does not end a child that is working for longer than the idle time', async () => {
    create({ idleMilliseconds: 50 });
    await engine.request('catalogue.inventory', place('slow'));
    assert.equal(engine.starts, 1);
  });

  it('kills the child to cancel a run, at once', async () => {
    create();
    const abort = new AbortController();
    const pending = engine.request('migration.run', run('hang'), {
      signal: abort.signal,
      onProgress: () => abort.abort(),
    });
    await assert.rejects(pending, failsWith('cancelled'));
    await exitOf(children[0]);
    assert.equal(children[0]?.signalCode, 'SIGKILL');
    assert.equal(engine.running, false);
  });

  it('sends reading requests again when another request was cancelled', async () => {
    create();
    const abort = new AbortController();
    const hanging = engine.request('catalogue.inventory', place('hang'), { signal: abort.signal });
    const slow = engine.request('catalogue.inventory', place('slow'));
    await engine.request('report.latest', place('a'));
    abort.abort();
    await assert.rejects(hanging, failsWith('cancelled'));
    const { dataFolder } = await slow;
    assert.equal(dataFolder.split('/')[0], String(children[1]?.pid));
    assert.equal(engine.starts, 2);
  });

  it('sends reading requests again however often others are cancelled', async () => {
    create();
    const slow = engine.request('catalogue.inventory', place('slow'));
    for (let cancelled = 0; cancelled < 3; cancelled++) {
      const abort = new AbortController();
      const hanging = engine.request('catalogue.inventory', place('hang'), { signal: abort.signal });
      abort.abort();
      await assert.rejects(hanging, failsWith('cancelled'));
    }
    const { dataFolder } = await slow;
    assert.equal(dataFolder.split('/')[0], String(children[3]?.pid));
  });

  it('leaves a run alone when a reading request is cancelled', async () => {
    create();
    const abort = new AbortController();
    let running: Promise<RunResult> | undefined;
    await new Promise<void>((resolve) => {
      running = engine.request('migration.run', run('short'), { onProgress: () => resolve() });
    });
    const hanging = engine.request('catalogue.inventory', place('hang'), { signal: abort.signal });
    abort.abort();
    await assert.rejects(hanging, failsWith('cancelled'));
    assert.equal((await running)?.markdown, '# short');
    assert.equal(engine.starts, 1);
  });

  it('does not start what was cancelled before it was sent', async () => {
    create();
    await assert.rejects(
      engine.request('catalogue.inventory', place('a'), { signal: AbortSignal.abort() }),
      failsWith('cancelled'),
    );
    await assert.rejects(
      engine.request('migration.run', run('short'), { signal: AbortSignal.abort() }),
      failsWith('cancelled'),
    );
    assert.equal(engine.starts, 0);
  });

  it('never starts a run that was cancelled while it waited for another', async () => {
    create();
    const abort = new AbortController();
    const seen: string[] = [];
    const first = engine.request('migration.run', run('short'));
    const second = engine.request('migration.run', run('publish'), {
      signal: abort.signal,
      onProgress: ({ message }) => seen.push(message),
    });
    abort.abort();
    await assert.rejects(second, failsWith('cancelled'));
    await first;
    await engine.request('migration.run', run('short'));
    assert.deepEqual(seen, []);
    assert.equal(engine.starts, 1);
  });

  it('ignores a cancellation once publishing has begun', async () => {
    create();
    const abort = new AbortController();
    const result = await engine.request('migration.run', run('publish'), {
      signal: abort.signal,
      onProgress: ({ phase }) => {
        if (phase === 'publish') abort.abort();
      },
    });
    assert.equal(result.markdown, '# publish');
    assert.equal(engine.starts, 1);
  });

  it('names the exit code of an engine that died, and does not run a run again', async () => {
    create();
    await assert.rejects(
      engine.request('migration.run', run('die-reading')),
      failsWith('engine-died', /exit code 3.*memory.*No file was changed/),
    );
    assert.equal(engine.starts, 1);
  });

  it('says that publishing had begun when the engine died after that', async () => {
    create();
    await assert.rejects(
      engine.request('migration.run', run('die-publishing')),
      failsWith('engine-died', /exit code 4.*Publishing had begun.*manifest/),
    );
    assert.equal(engine.starts, 1);
  });

  it('asks a second child once what the first died of, and then gives up', async () => {
    create();
    await assert.rejects(engine.request('catalogue.inventory', place('die')), failsWith('engine-died', /exit code 7/));
    assert.equal(engine.starts, 2);
    await assert.rejects(
      engine.request('catalogue.inventory', place('die-of-signal')),
      failsWith('engine-died', /signal SIGABRT/),
    );
    assert.equal((await engine.request('catalogue.inventory', place('a'))).dataFolder.split('/')[1], '1');
  });

  it('says so when the engine cannot be started', async () => {
    create({ start: start(join(__dirname, 'no-such-engine.js')) });
    await assert.rejects(engine.request('catalogue.inventory', place('a')), failsWith('engine-died', /exit code 1/));
    assert.match(lines.join('\n'), /Cannot find module/);
  });

  it('rejects everything and kills the child when disposed, and answers nothing afterwards', async () => {
    create();
    const hanging = engine.request('catalogue.inventory', place('hang'));
    await engine.request('report.latest', place('a'));
    engine.dispose();
    await assert.rejects(hanging, failsWith('cancelled'));
    await exitOf(children[0]);
    await assert.rejects(engine.request('report.latest', place('a')), failsWith('cancelled'));
    assert.equal(engine.starts, 1);
  });

  it('lets a publication finish when disposed in the middle of it', async () => {
    create();
    const folder = mkdtempSync(join(tmpdir(), 'jarvis-client-'));
    try {
      const marker = join(folder, 'published');
      const pending = engine.request('migration.run', run('publish', marker), {
        onProgress: ({ phase }) => {
          if (phase === 'publish') engine.dispose();
        },
      });
      await assert.rejects(pending, failsWith('cancelled'));
      assert.equal(existsSync(marker), false);
      await exitOf(children[0]);
      assert.equal(children[0]?.exitCode, 0);
      assert.equal(existsSync(marker), true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('ends by itself when its caller is gone', async () => {
    create();
    const hanging = engine.request('catalogue.inventory', place('hang'));
    await engine.request('report.latest', place('a'));
    children[0]?.disconnect();
    await exitOf(children[0]);
    // The request was sent again; it hangs in the second child.
    await sleep(50);
    engine.dispose();
    await assert.rejects(hanging, failsWith('cancelled'));
  });
});

async function exitOf(child: ChildProcess | undefined): Promise<void> {
  assert.ok(child !== undefined);
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('exit', resolve));
}
