/**
 * P1, P4, P15: the built command line is killed at random moments and started again.
 *
 * `JARVIS_KILLS` sets how often, `JARVIS_KILL_SEED` which moments; a failure names its own.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '../../src/core/storage/manifest';
import { assertBuilt, cliPath, jarvisDbJson } from '../support/cli';
import { hashTree, withFolder } from '../support/folders';
import { leaveLog } from '../support/leave-log';
import { allRows } from '../support/sqlite';
import { withSample } from '../support/workspace';

const kills = Number(process.env['JARVIS_KILLS'] ?? 6);
const seed = Number(process.env['JARVIS_KILL_SEED'] ?? 1);
const targets = ['data/jarvis_analytics.db', 'data/jarvis_core.db', 'data/jarvis_cache.db'];

/** Every row of every target, without the ledger, which says when. */
async function contentOf(workspace: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const content: Record<string, readonly string[]> = {};
  for (const target of targets) {
    const tables = await allRows(join(workspace, target), ['jarvis_migration_history', 'sqlite_sequence']);
    for (const [table, rows] of tables) content[`${target} ${table}`] = rows;
  }
  return content;
}

type Moment = { readonly after: number } | { readonly onceThere: RegExp; readonly then: number };

/** Pseudo-random, so that a failure can be played again: Mulberry32. */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Half of the moments anywhere, the others where a kill matters: around staging, and around the commit point. */
function chooseMoment(random: () => number, duration: number): Moment {
  const kind = random();
  if (kind < 0.4) return { after: random() * duration };
  return { onceThere: kind < 0.7 ? /\.stage$/ : /^manifest\.json/, then: random() * 60 };
}

/** Whether the file has appeared in the data folder or in the run's. */
function isThere(workspace: string, name: RegExp): boolean {
  const data = join(workspace, 'data');
  const backups = join(data, 'backups');
  const runs = existsSync(backups) ? readdirSync(backups).map((run) => join(backups, run)) : [];
  return [data, ...runs].some((folder) => readdirSync(folder).some((entry) => name.test(entry)));
}

/** @returns whether it was killed before it ended by itself */
async function runAndKill(workspace: string, moment: Moment): Promise<boolean> {
  const child = spawn(process.execPath, [cliPath, 'migrate', '--workspace', workspace], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  if ('after' in moment) await Promise.race([ended, sleep(moment.after)]);
  else {
    while (child.exitCode === null && !isThere(workspace, moment.onceThere)) await sleep(1);
    await sleep(moment.then);
  }
  const killed = child.exitCode === null && child.kill('SIGKILL');
  await ended;
  return killed && child.signalCode === 'SIGKILL';
}

/** Before the next start: without a commitment on disk, no target is new; after the last step, all are. */
async function assertNothingHalf(workspace: string, before: Readonly<Record<string, string>>): Promise<string> {
  const now = await hashTree(workspace);
  const backups = join(workspace, 'data', 'backups');
  const [run] = existsSync(backups) ? readdirSync(backups) : [];
  const path = run === undefined ? '' : join(backups, run, 'manifest.json');
  const manifest = existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as Manifest) : null;
  const publication = manifest?.publication ?? 'none';
  for (const target of targets) {
    const entry = manifest?.files.find((file) => file.path === target);
    const known = [
      before[target],
      ...(publication === 'none' || entry?.kind === 'file' ? [] : [entry?.checkpoint?.sha256, entry?.sha256After]),
    ];
    assert.ok(known.includes(now[target]), `${target} is neither old nor new (${publication})`);
    if (publication === 'done') assert.equal(now[target], entry?.sha256After ?? before[target]);
    if (now[target] === before[target]) assert.equal(now[`${target}-wal`], before[`${target}-wal`]);
  }
  return publication;
}

describe('jarvis-db migrate, killed', function () {
  this.timeout(60_000 + kills * 60_000);
  before(assertBuilt);

  it(`P1, P4, P15: killed at any of ${kills} moments, the next start completes all, no row lost or doubled`, () =>
    withSample(async (original) => {
      // What the application committed last lies in logs: of a database that is read, and of two that are replaced.
      await leaveLog(
        join(original, 'data/llm_costs.db'),
        'CREATE TEMP TABLE last AS SELECT * FROM llm_usage LIMIT 1; UPDATE last SET id = 4711; INSERT INTO llm_usage SELECT * FROM last; DROP TABLE last',
      );
      for (const name of targets.slice(0, 2))
        await leaveLog(join(original, name), 'CREATE TABLE in_the_log (n); INSERT INTO in_the_log VALUES (42)');
      const before = await hashTree(original);
      const started = performance.now();
      const reference = await withFolder(async (workspace) => {
        await cp(original, workspace, { recursive: true, preserveTimestamps: true });
        const { code, report } = await jarvisDbJson(workspace, 'migrate');
        assert.equal(code, 0, report.error?.message);
        return { content: await contentOf(workspace), tree: await hashTree(workspace) };
      });
      const duration = performance.now() - started;
      assert.deepEqual(reference.content['data/jarvis_analytics.db in_the_log'], ['integer:42']);

      const seen: Record<string, number> = {};
      const random = randomFrom(seed);
      for (let number = 1; number <= kills; number++) {
        const moment = chooseMoment(random, duration);
        const what = `kill ${number} of seed ${seed}, ${JSON.stringify(moment)}`;
        await withFolder(async (workspace) => {
          await cp(original, workspace, { recursive: true, preserveTimestamps: true });
          const killed = await runAndKill(workspace, moment);
          const publication = await assertNothingHalf(workspace, before);
          const state = `${killed ? 'killed' : 'ended'}, ${publication}`;
          seen[state] = (seen[state] ?? 0) + 1;

          const { code, report } = await jarvisDbJson(workspace, 'migrate');
          assert.equal(code, 0, `${what}: ${report.error?.message ?? report.outcome}`);
          const wasPublished = publication === 'committed' || publication === 'done';
          assert.equal(report.outcome, wasPublished ? 'nothingToDo' : 'committed', what);
          assert.equal(
            report.warnings.some(({ code: warning }) => warning === 'recovered'),
            publication === 'committed',
            what,
          );
          assert.deepEqual(await contentOf(workspace), reference.content, what);

          // The sources and their logs as they were, and nothing left behind beside the backups.
          const outside = (tree: Readonly<Record<string, string>>): readonly string[] =>
            Object.entries(tree)
              .filter(([path]) => !path.startsWith('data/backups/'))
              .map(([path, hash]) => (targets.includes(path) ? path : `${path} ${hash}`));
          assert.deepEqual(outside(await hashTree(workspace)), outside(reference.tree), what);
        });
      }
      if (kills > 25) console.log(`      ${JSON.stringify(seen)}`);
      // A few kills may all come before the commit point.
      if (kills >= 25) assert.ok(Object.keys(seen).length > 1, JSON.stringify(seen));
    }));
});
