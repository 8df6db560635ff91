/** The Rollback Plan: a command that exists, and the very copies that it works with. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { parseCommand } from '../../../../src/cli/arguments';
import { renderMarkdown } from '../../../../src/core/report/markdown';
import type { RunReport } from '../../../../src/core/report/model';
import { quotePosix } from '../../../../src/core/report/shell-quote';
import { committed, hostileTexts, refused, rolledBack } from './fixtures';
import { parseMarkdown } from './parse';

const hash = 'a'.repeat(64);
const posix = process.platform === 'win32' ? it.skip : it;

function commandOf(report: RunReport): string {
  const { text } = parseMarkdown(renderMarkdown(report)).fences.find(({ lang }) => lang === 'sh') ?? { text: '' };
  return text;
}

describe('report: rollback plan', () => {
  it('gives the command line a command that it understands, and the one of the palette', () => {
    const [program, ...args] = commandOf(committed).split(' ');
    assert.equal(program, 'jarvis-db');
    const parsed = parseCommand(args);
    assert.ok(!('fault' in parsed) && parsed.name === 'rollback');
    assert.equal(parsed.run, committed.run);
    assert.match(renderMarkdown(committed), /Jarvis: Roll Back Last Migration/);
  });

  posix('names a data folder of another name as one word', () => {
    const dataFolder = 'it\'s a $(touch x) `y` & "z"';
    const command = commandOf({ ...committed, dataFolder });
    const { stdout } = spawnSync('sh', ['-c', command.replace('jarvis-db', "printf '%s\\n'")], { encoding: 'utf8' });
    assert.deepEqual(stdout.split('\n').slice(0, -1), ['rollback', committed.run, '--data', dataFolder]);
  });

  posix('quotes every file name as one word of bash', function () {
    if (spawnSync('bash', ['-c', ':']).status !== 0) this.skip();
    for (const text of hostileTexts.filter((t) => !/[\0\uD800]/.test(t))) {
      const { stdout } = spawnSync('bash', ['-c', `printf %s ${quotePosix(`x${text}`)}`], { encoding: 'utf8' });
      assert.equal(stdout, `x${text}`);
    }
  });

  it('offers no command where nothing was published', () => {
    for (const report of [refused, rolledBack]) {
      assert.match(renderMarkdown(report), /## Rollback Plan\n\nNothing to roll back/);
      assert.equal(commandOf(report), '');
    }
  });

  it('warns against copying by hand after an interrupted publication', () => {
    const error = { code: 'publish-failed', message: 'x', path: null, hint: null } as const;
    const markdown = renderMarkdown({ ...committed, outcome: 'rolledBack', error });
    assert.match(markdown, /do not copy files by hand/);
    assert.doesNotMatch(markdown, /nothing was changed|Nothing was published/);
  });

  it('says of each target whether the way back was tried, and never that it was where it was not', () => {
    const [target] = committed.targets;
    assert.ok(target);
    const words = {
      passed: /rows taken out again left every table/,
      failed: /not every table was as before/,
      notRun: /Not tried in memory/,
    };
    for (const undone of ['passed', 'failed', 'notRun'] as const) {
      const markdown = renderMarkdown({ ...committed, targets: [{ ...target, undone }] });
      for (const [other, pattern] of Object.entries(words))
        assert.equal(pattern.test(markdown), other === undone, undone);
    }
  });

  it('names a changed target of which the backup holds no copy', () => {
    assert.match(
      renderMarkdown({ ...committed, backedUp: [] }),
      /no copy of these files.*\n\n- `data\/jarvis_analytics\.db`/,
    );
  });

  it('finds the copies of files outside the workspace where the backup puts them', () => {
    const [target] = committed.targets;
    assert.ok(target);
    const report = {
      ...committed,
      targets: [{ ...target, database: '/srv/a.db' }],
      backedUp: [{ path: '/srv/a.db', size: 1, sha256: hash }],
    };
    assert.ok(
      renderMarkdown(report).includes(
        `\`/srv/a.db\` from \`data/backups/20260126_130239/outside/srv/a.db\`, SHA-256 \`${hash}\``,
      ),
    );
  });

  for (const isNew of [true, false]) {
    it(`lists a configuration file that the run ${isNew ? 'made' : 'changed'}`, () => {
      const [first] = committed.steps;
      assert.ok(first);
      const file = 'config/rate_limits.yaml';
      const markdown = renderMarkdown({
        ...committed,
        steps: [{ ...first, strategy: 'config', target: { file } }],
        backedUp: [...committed.backedUp, ...(isNew ? [] : [{ path: file, size: 1, sha256: hash }])],
      });
      const wanted = isNew
        ? /1 file to be removed, not there before the run:\n\n- `config\/rate_limits\.yaml`/
        : /`config\/rate_limits\.yaml` from `data\/backups\/20260126_130239\/config\/rate_limits\.yaml`/;
      assert.match(markdown, wanted);
    });
  }
});
