/** P15: windows and command lines on one data folder: who has the lock goes on, the other is told who that is. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreErrorData } from '../../src/core/errors';
import type { RunReport } from '../../src/core/report/model';
import { createEngine } from '../../src/engine/client';
import { inProcess } from '../../src/engine/engine-process';
import { assertBuilt, jarvisDbJson } from '../support/cli';
import { hashTree } from '../support/folders';
import { withSample } from '../support/workspace';

interface Ended {
  readonly outcome: string;
  readonly error: CoreErrorData | null;
}

type Act = (workspace: string) => Promise<Ended>;

const request = (workspace: string) => ({ workspace, dataFolder: 'data', applicationStopped: true }) as const;

/** As each window has it: an engine of its own. */
async function inWindow(act: (engine: ReturnType<typeof createEngine>) => Promise<Ended>): Promise<Ended> {
  const engine = createEngine({ start: inProcess(resolve('dist', 'engine.js')), log: () => undefined });
  try {
    return await act(engine);
  } finally {
    engine.dispose();
  }
}

const migrateInWindow: Act = (workspace) =>
  inWindow(async (engine) => {
    const params = { ...request(workspace), mode: 'migrate', domains: ['analytics'] } as const;
    return (await engine.request('migration.run', params)).report;
  });

const rollBackInWindow: Act = (workspace) =>
  inWindow(async (engine) => {
    const params = { ...request(workspace), dryRun: false, run: null };
    return (await engine.request('undo.rollBack', params)).report;
  });

const onCommandLine =
  (...args: readonly string[]): Act =>
  async (workspace) => {
    const { code, report } = await jarvisDbJson(workspace, ...args, '--application-stopped');
    assert.equal(code, report.error === null ? 0 : 3);
    return report satisfies Pick<RunReport, 'outcome' | 'error'>;
  };

const migrateOnCommandLine = onCommandLine('migrate', '--analytics');

/** Stops the process that makes the lock where it is, so that the lock is held for as long as the body takes. */
async function whileLocked(workspace: string, body: (pid: number) => Promise<void>): Promise<void> {
  const lock = join(workspace, 'data', '.jarvis-db.lock');
  let text: string | null = null;
  while (text === null) {
    await sleep(1);
    text = await readFile(lock, 'utf8').catch(() => null);
  }
  const { pid } = JSON.parse(text) as { readonly pid: number };
  process.kill(pid, 'SIGSTOP');
  try {
    assert.equal(await readFile(lock, 'utf8'), text);
    await body(pid);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

describe('P15: two at once', function () {
  this.timeout(60_000);
  before(function () {
    assertBuilt();
    if (process.platform === 'win32') this.skip();
  });

  const pairs: readonly (readonly [first: string, start: Act, others: Readonly<Record<string, Act>>])[] = [
    [
      'a window migrates',
      migrateInWindow,
      {
        'the command line migrates': migrateOnCommandLine,
        'the command line rolls back': onCommandLine('rollback'),
        'a second window migrates': migrateInWindow,
      },
    ],
    [
      'the command line migrates',
      migrateOnCommandLine,
      { 'a window migrates': migrateInWindow, 'a window rolls back': rollBackInWindow },
    ],
  ];
  for (const [first, start, others] of pairs) {
    it(`${first}: whoever else begins is refused, told its process, and changes nothing; it goes on itself`, () =>
      withSample(async (workspace) => {
        const started = start(workspace);
        await whileLocked(workspace, async (pid) => {
          const stood = await hashTree(workspace);
          for (const [what, act] of Object.entries(others)) {
            const { outcome, error } = await act(workspace);
            assert.deepEqual([outcome, error?.code], ['refused', 'locked'], what);
            assert.match(error?.message ?? '', new RegExp(`process ${pid}\\b`), what);
            assert.match(error?.hint ?? '', /[Ww]ait/, what);
            assert.deepEqual(await hashTree(workspace), stood, what);
          }
        });
        assert.equal((await started).outcome, 'committed');
        // What was refused is done when it is asked for again, by whoever asks.
        const [again] = Object.values(others);
        assert.equal((await again?.(workspace))?.outcome, 'nothingToDo');
      }));
  }
});
