/** `jarvis-db plan`, `--plan` and the settings of the workspace folder: the built command line on real workspaces. */
import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assertBuilt, jarvisDb } from '../support/cli';
import { photograph, withFolder } from '../support/folders';
import { withSample } from '../support/workspace';

interface CheckDocument {
  readonly format: 1;
  readonly file: string;
  readonly problems: readonly {
    readonly severity: string;
    readonly code: string;
    readonly message: string;
    readonly line: number;
    readonly column: number;
  }[];
}

const small = {
  version: 1,
  steps: [
    {
      domain: 'analytics',
      strategy: 'adopt',
      legacy: { database: 'data/metrics.db', table: 'metrics_1m' },
      target: { database: 'data/jarvis_analytics.db' },
    },
  ],
};

async function check(workspace: string, plan: unknown): Promise<{ code: number | null; document: CheckDocument }> {
  await writeFile(join(workspace, 'x.json'), typeof plan === 'string' ? plan : JSON.stringify(plan, null, 2));
  const stood = await photograph(workspace);
  const { code, stdout, stderr } = await jarvisDb(['plan', '--check', 'x.json', '--json'], { cwd: workspace });
  assert.equal(stderr, '');
  assert.deepEqual(await photograph(workspace), stood);
  return { code, document: JSON.parse(stdout) as CheckDocument };
}

describe('jarvis-db plan', function () {
  this.timeout(30_000);
  before(assertBuilt);

  it('prints the built-in plan, which checks without an error and prints again as it is', () =>
    withSample(async (workspace) => {
      const stood = await photograph(workspace);
      const printed = await jarvisDb(['plan', '--workspace', workspace]);
      assert.deepEqual([printed.code, printed.stderr], [0, '']);
      assert.deepEqual(await photograph(workspace), stood);
      const { code, document } = await check(workspace, printed.stdout);
      assert.deepEqual(
        document.problems.filter(({ severity }) => severity === 'error'),
        [],
      );
      assert.equal(code, 0);
      await writeFile(join(workspace, 'jarvis.plan.json'), `// a comment\n${printed.stdout}`);
      assert.equal((await jarvisDb(['plan', '--print'], { cwd: workspace })).stdout, printed.stdout);
    }));

  it('prints a plan where there is no data yet', () =>
    withFolder(async (workspace) => {
      const { code, stdout } = await jarvisDb(['plan', '--print'], { cwd: workspace });
      assert.equal(code, 0);
      assert.match(stdout, /"data\/llm_costs\.db"/);
    }));

  it('prints the JSON Schema that is shipped', async () => {
    const { code, stdout } = await jarvisDb(['plan', '--schema']);
    assert.deepEqual([code, stdout], [0, await readFile(join('dist', 'jarvis.plan.schema.json'), 'utf8')]);
  });

  it('tells problems by line and column; warnings alone are no failure', () =>
    withSample(async (workspace) => {
      const warned = await check(workspace, small);
      assert.equal(warned.code, 0);
      assert.deepEqual(
        [...new Set(warned.document.problems.map(({ severity, code }) => `${severity} ${code}`))],
        ['warning unplanned-table'],
      );
      const [step] = small.steps;
      const bad = { ...small, steps: [{ ...step, legacy: { database: 'data/metrics.db', table: 'metrics' } }] };
      const failed = await check(workspace, bad);
      assert.equal(failed.code, 1);
      assert.deepEqual(
        failed.document.problems.filter(({ severity }) => severity === 'error'),
        [
          {
            severity: 'error',
            code: 'unknown-table',
            message: 'data/metrics.db has no table metrics.',
            line: 9,
            column: 18,
          },
        ],
      );
      const people = await jarvisDb(['plan', '--check', 'x.json'], { cwd: workspace });
      assert.equal(people.code, 1);
      assert.match(people.stdout, /^x\.json:9:18: error: data\/metrics\.db has no table metrics\. \[unknown-table\]$/m);
      assert.match(people.stdout, /^x\.json: 1 error, /m);
    }));

  it('X1: an unsafe path exits with 3, and what a link outside holds is not read', () =>
    withSample(async (workspace) => {
      const legacy = (database: string): unknown => ({
        ...small,
        steps: [{ ...small.steps[0], legacy: { database, table: 't' } }],
      });
      for (const database of ['../x.db', '/etc/passwd', 'C:/x.db', 'data/x.db:s', 'NUL', 'data/backups/x.db']) {
        const { code, document } = await check(workspace, legacy(database));
        assert.equal(code, 3, database);
        assert.ok(document.problems.some((problem) => problem.code === 'unsafe-path'));
      }
      await withFolder(async (outside) => {
        await writeFile(join(outside, 'secret.db'), await readFile(join(workspace, 'data', 'metrics.db')));
        await symlink(join(outside, 'secret.db'), join(workspace, 'data', 'linked.db'));
        const { document } = await check(workspace, legacy('data/linked.db'));
        assert.deepEqual(
          document.problems.map(({ code }) => code),
          ['unreadable-database'],
        );
      });
    }));

  it('X4: a hostile plan file ends in problems', () =>
    withSample(async (workspace) => {
      for (const text of [
        '',
        '[',
        '['.repeat(1e6),
        ' '.repeat(5e6),
        '{"__proto__": {"version": 1, "steps": []}}',
        '\u0000',
      ])
        assert.equal((await check(workspace, text)).code, 1);
    }));

  it('a plan file that is not there is bad usage, and nothing is written', () =>
    withSample(async (workspace) => {
      const stood = await photograph(workspace);
      for (const args of [
        ['plan', '--check', 'gone.json'],
        ['plan', '--check', 'gone.json', '--json'],
        ['migrate', '--plan', 'gone.json'],
        ['migrate', '--dry-run', '--plan', 'gone.json', '--json'],
        ['validate', '--plan', 'gone.json'],
      ]) {
        const { code, stdout, stderr } = await jarvisDb(args, { cwd: workspace });
        assert.equal(code, 2, args.join(' '));
        assert.match(stderr, /gone\.json is not there/, args.join(' '));
        if (args.includes('--json'))
          assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, 'bad-usage');
        else assert.equal(stdout, '', args.join(' '));
      }
      assert.deepEqual(await photograph(workspace), stood);
    }));
});

describe('jarvis-db and .vscode/settings.json', function () {
  this.timeout(30_000);
  before(assertBuilt);

  const set = async (workspace: string, settings: unknown): Promise<void> => {
    await mkdir(join(workspace, '.vscode'), { recursive: true });
    await writeFile(
      join(workspace, '.vscode', 'settings.json'),
      typeof settings === 'string' ? settings : JSON.stringify(settings),
    );
  };

  it('counts where no flag says otherwise', () =>
    withSample(async (workspace) => {
      await writeFile(join(workspace, 'mine.json'), JSON.stringify(small));
      await set(workspace, { 'jarvis.planFile': 'mine.json', 'jarvis.dataFolder': 'data' });
      const { code, stdout } = await jarvisDb(['plan'], { cwd: workspace });
      assert.deepEqual([code, JSON.parse(stdout)], [0, small]);
      await set(workspace, { 'jarvis.rateLimits.strategy': 'database' });
      assert.doesNotMatch((await jarvisDb(['plan'], { cwd: workspace })).stdout, /rate_limits\.yaml/);
      await set(workspace, {});
      assert.match((await jarvisDb(['plan'], { cwd: workspace })).stdout, /rate_limits\.yaml/);
      await set(workspace, { 'jarvis.dataFolder': 'nowhere' });
      assert.equal((await jarvisDb(['inventory'], { cwd: workspace })).code, 3);
      assert.equal((await jarvisDb(['inventory', '--data', 'data'], { cwd: workspace })).code, 0);
    }));

  it('a wrong value is bad usage, a broken file is told and left alone', () =>
    withSample(async (workspace) => {
      await set(workspace, { 'jarvis.rejects': 'ignore' });
      const stood = await photograph(workspace);
      for (const args of [['migrate'], ['inventory'], ['plan']]) {
        const { code, stdout, stderr } = await jarvisDb(args, { cwd: workspace });
        assert.deepEqual([code, stdout], [2, '']);
        assert.match(stderr, /jarvis\.rejects is "fail" or "collect", not "ignore"/);
      }
      assert.deepEqual(await photograph(workspace), stood);
      await set(workspace, '{ "jarvis.rejects": ');
      const { code, stderr } = await jarvisDb(['inventory', '--json'], { cwd: workspace });
      assert.equal(code, 0);
      assert.match(stderr, /settings\.json is not used: it is not JSON/);
      await set(workspace, { 'jarvis.planFile': 'gone.json' });
      assert.equal((await jarvisDb(['migrate'], { cwd: workspace })).code, 2);
    }));
});
