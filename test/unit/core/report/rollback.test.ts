/** The copy-back of the Rollback Plan, run for real by a shell on real files. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RunReport } from '../../../../src/core/report/model';
import { renderMarkdown } from '../../../../src/core/report/markdown';
import { quotePosix, quotePowerShell } from '../../../../src/core/report/shell-quote';
import { committed, hostileTexts, refused, rolledBack } from './fixtures';
import { parseMarkdown } from './parse';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('report: rollback plan', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'jarvis-rollback-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

  /** A run that changed `target` from "before" (with a WAL) to "after". */
  function prepare(target: string): RunReport {
    const [only] = committed.targets;
    assert.ok(only);
    const backup = 'data/backups/r';
    write(target, 'after');
    write(`${target}-shm`, 'index');
    write(`${backup}/${target}`, 'before');
    write(`${backup}/${target}-wal`, 'wal');
    return {
      ...committed,
      backup,
      targets: [{ ...only, database: target, sha256Before: sha256('before'), sha256After: sha256('after') }],
      backedUp: [
        { path: target, size: 6, sha256: sha256('before') },
        { path: `${target}-wal`, size: 3, sha256: sha256('wal') },
      ],
    };
  }

  function runPlan(report: RunReport, shell = 'sh'): { readonly status: number | null; readonly stderr: string } {
    const script = parseMarkdown(renderMarkdown(report)).fences.find((fence) => fence.lang === 'sh');
    assert.ok(script, 'the report has a block for sh');
    return spawnSync(shell, ['-c', script.text], { cwd: folder, encoding: 'utf8' });
  }

  const posix = process.platform === 'win32' ? it.skip : it;

  for (const target of ['data/jarvis_analytics.db', 'data/it\'s a $(touch x) `y` & "z".db']) {
    posix(`restores ${target} with its WAL`, () => {
      const result = runPlan(prepare(target));
      assert.equal(result.stderr, '');
      assert.equal(result.status, 0);
      assert.equal(read(target), 'before');
      assert.equal(read(`${target}-wal`), 'wal');
      assert.ok(!existsSync(join(folder, `${target}-shm`)));
      assert.ok(!existsSync(join(folder, 'x')));
    });
  }

  const faults: readonly [name: string, path: string, text: string][] = [
    ['the target changed since the run', 'data/a.db', 'changed'],
    ['the target has a WAL with content', 'data/a.db-wal', 'frames'],
    ['the copy was altered', 'data/backups/r/data/a.db', 'altered'],
  ];
  for (const [name, path, text] of faults) {
    posix(`changes nothing when ${name}`, () => {
      const report = prepare('data/a.db');
      write(path, text);
      const target = read('data/a.db');
      const result = runPlan(report);
      assert.equal(result.status, 1);
      assert.match(result.stderr, /^Stopped/);
      assert.ok(result.stderr.includes(path), 'the message names the file');
      assert.equal(read('data/a.db'), target);
      assert.equal(read('data/a.db-shm'), 'index');
    });
  }

  posix('quotes every file name as one word of bash', function () {
    if (spawnSync('bash', ['-c', ':']).status !== 0) this.skip();
    for (const text of hostileTexts.filter((t) => !/[\0\uD800]/.test(t))) {
      const { stdout } = spawnSync('bash', ['-c', `printf %s ${quotePosix(`x${text}`)}`], { encoding: 'utf8' });
      assert.equal(stdout, `x${text}`);
    }
  });

  it('quotes for PowerShell, typographic quotes and invisible characters included', () => {
    assert.equal(quotePowerShell("it's"), "'it''s'");
    assert.equal(quotePowerShell('a’b\u202Ec'), "('' + 'a' + [char]0x2019 + 'b' + [char]0x202E + 'c')");
  });

  it('offers nothing to copy back where nothing was published', () => {
    for (const report of [refused, rolledBack]) {
      assert.match(renderMarkdown(report), /## Rollback Plan\n\nNothing to roll back/);
    }
  });

  it('warns against copying by hand after an interrupted publication', () => {
    const error = { code: 'publish-failed', message: 'x', path: null, hint: null } as const;
    const markdown = renderMarkdown({ ...committed, outcome: 'rolledBack', error });
    assert.match(markdown, /do not copy files by hand/);
    assert.doesNotMatch(markdown, /nothing was changed|Nothing was published/);
  });

  it('names a changed target of which the backup holds no copy', () => {
    assert.match(
      renderMarkdown({ ...committed, backedUp: [] }),
      /no copy of these files.*\n\n- `data\/jarvis_analytics\.db`/,
    );
  });

  describe('with a configuration file', () => {
    const file = 'config/rate_limits.yaml';

    /** A run that wrote "limits: new", over "limits: old" if there was a file. */
    function prepareConfig(before: string | null): RunReport {
      const report = prepare('data/a.db');
      const [first] = report.steps;
      assert.ok(first);
      write(file, 'limits: new');
      if (before !== null) write(`data/backups/r/${file}`, before);
      const files = [
        { path: 'data/other.yaml', sha256After: sha256('other') },
        { kind: 'file', path: file, size: null, sha256Before: null, copy: null, sha256After: sha256('limits: new') },
      ];
      write('data/backups/r/manifest.json', `${JSON.stringify({ format: 1, run: 'r', files }, null, 2)}\n`);
      return {
        ...report,
        steps: [{ ...first, strategy: 'config', target: { file } }],
        backedUp: [...report.backedUp, ...(before === null ? [] : [{ path: file, size: 1, sha256: sha256(before) }])],
      };
    }

    posix('copies back the one that was there', () => {
      assert.deepEqual(runPlan(prepareConfig('limits: old')).stderr, '');
      assert.equal(read(file), 'limits: old');
      assert.equal(read('data/a.db'), 'before');
    });

    posix('removes the one that the run made', () => {
      const report = prepareConfig(null);
      assert.match(
        renderMarkdown(report),
        /1 file to be removed, not there before the run:\n\n- `config\/rate_limits\.yaml`/,
      );
      assert.deepEqual(runPlan(report).stderr, '');
      assert.ok(!existsSync(join(folder, file)));
      assert.equal(read('data/a.db'), 'before');
    });

    const spoiled: readonly [name: string, path: string, text: string][] = [
      ['it was edited since the run', file, 'limits: mine'],
      ['the manifest is not there to say what the run wrote', 'data/backups/r/manifest.json', '{}'],
    ];
    for (const [name, path, text] of spoiled) {
      for (const before of ['limits: old', null]) {
        posix(`changes nothing when ${name} (${before === null ? 'new' : 'changed'} file)`, () => {
          const report = prepareConfig(before);
          write(path, text);
          const left = read(file);
          const result = runPlan(report);
          assert.equal(result.status, 1);
          assert.match(result.stderr, /^Stopped, not as expected: config\/rate_limits\.yaml\n$/);
          assert.equal(read(file), left);
          assert.equal(read('data/a.db'), 'after');
        });
      }
    }
  });

  it('finds the copies of files outside the workspace where the backup puts them', () => {
    const [target] = committed.targets;
    assert.ok(target);
    const report = {
      ...committed,
      targets: [{ ...target, database: '/srv/a.db' }],
      backedUp: [{ path: '/srv/a.db', size: 1, sha256: sha256('x') }],
    };
    assert.match(renderMarkdown(report), /cp -p data\/backups\/20260126_130239\/outside\/srv\/a\.db \/srv\/a\.db/);
  });

  it('names no command that does not exist', () => {
    assert.doesNotMatch(renderMarkdown(committed), /jarvis-db rollback/);
  });
});
