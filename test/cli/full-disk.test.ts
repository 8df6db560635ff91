/**
 * P7 on a file system that really is full: a tmpfs in a namespace of its own, which needs no rights on Linux.
 *
 * Each run has room for a few files more than the one before, so the disk is full at the run's folder, at copies, at stages
 * and at the manifest. Bytes alone would not do: those are counted before the first one is written.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunReport } from '../../src/core/report/model';
import { assertBuilt, cliPath, execute } from '../support/cli';
import { hashTree, listFiles, pick, withFolder } from '../support/folders';
import { leaveLog } from '../support/leave-log';
import { pathsOf, withSample } from '../support/workspace';

/** Why this machine cannot mount a file system of ours; null where it can. */
const obstacle =
  process.platform === 'linux'
    ? spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0
      ? null
      : 'no user namespaces'
    : 'no Linux';

/** How many files and folders more each run has room for than the one before; what that left is cleared away. */
const more = 4;

/** @param limit the options of the mount, by the entries that there are: `$entries` */
const script = (limit: string, runs: number): string => `
set -e
disk="$1" original="$2" results="$3" cli="$4"
entries=$(find "$original" | wc -l)
mount -t tmpfs -o ${limit} tmpfs "$disk"
cp -a "$original/." "$disk"
for number in $(seq 1 ${runs}); do
  test $number = 1 || mount -o remount,nr_inodes=$((entries + number * ${more})) "$disk"
  code=0
  ${process.execPath} "$cli" migrate --analytics --application-stopped --json --workspace "$disk" \\
    > "$results/$number.json" 2> /dev/null || code=$?
  cp -a "$disk" "$results/$number"
  test $code = 3 || break
  rm -rf "$disk/data/backups"
done
exit $code`;

interface Attempt {
  readonly report: RunReport;
  /** By path; without what runs leave below the backups. */
  readonly files: Readonly<Record<string, string>>;
}

/** What runs on a small disk come to, until one does not end refused. */
async function fill(
  workspace: string,
  limit: string,
  runs = 12,
): Promise<{ readonly code: number | null; readonly attempts: readonly Attempt[] }> {
  return withFolder(async (folder) => {
    const [disk, results] = [join(folder, 'disk'), join(folder, 'results')];
    await mkdir(disk);
    await mkdir(results);
    const { code } = await execute('unshare', [
      '-rm',
      'sh',
      '-c',
      script(limit, runs),
      'sh',
      disk,
      workspace,
      results,
      cliPath,
    ]);
    const attempts = [];
    const names = await listFiles(results);
    for (let number = 1; names.includes(`${number}.json`); number++) {
      const report = JSON.parse(await readFile(join(results, `${number}.json`), 'utf8')) as RunReport;
      const tree = await hashTree(join(results, String(number)));
      attempts.push({ report, files: pick(tree, (path) => !path.startsWith('data/backups/')) });
    }
    return { code, attempts };
  });
}

describe('a disk that is full', function () {
  this.timeout(120_000);
  before(assertBuilt);

  const when = obstacle === null ? it : it.skip;
  const why = obstacle === null ? '' : ` (skipped: ${obstacle} here)`;

  when(`P7: at any file, it changes nothing and leaves nothing; with room again, the run is made${why}`, () =>
    withSample(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await leaveLog(llm, 'UPDATE llm_usage SET cost_usd = 7 WHERE id = 1');
      await leaveLog(target, 'CREATE TABLE of_the_application (x)');
      const stood = await hashTree(workspace);
      const { code, attempts } = await fill(workspace, 'size=20m,nr_inodes=$((entries + 1))');
      assert.equal(code, 0);
      const full = attempts.slice(0, -1);
      const codes = new Set(full.map(({ report }) => report.error?.code));
      assert.deepEqual(codes, new Set(['no-space', 'backup-failed']));
      for (const { report, files } of full) {
        assert.equal(report.outcome, 'refused');
        assert.match(report.error?.hint ?? '', /space/);
        assert.deepEqual(files, stood, report.error?.message);
      }
      const done = attempts.at(-1);
      assert.equal(done?.report.outcome, 'committed');
      assert.deepEqual(
        Object.keys(done.files).sort(),
        Object.keys(stood)
          .filter((path) => !path.includes('analytics.db-'))
          .sort(),
      );
    }),
  );

  when(`P7: with too few bytes left, nothing is written${why}`, () =>
    withSample(async (workspace) => {
      const stood = await hashTree(workspace);
      const room = Math.ceil((await sizeOf(workspace)) / 1024) + 200;
      const { code, attempts } = await fill(workspace, `size=${room}k`, 1);
      assert.equal(code, 3);
      const [first] = attempts;
      assert.equal(first?.report.error?.code, 'no-space');
      assert.match(first.report.error.message, /bytes/);
      assert.deepEqual(first.files, stood);
    }),
  );
});

async function sizeOf(workspace: string): Promise<number> {
  let size = 0;
  for (const path of await listFiles(workspace)) size += (await readFile(join(workspace, path))).length;
  return size;
}
