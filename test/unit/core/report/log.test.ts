import assert from 'node:assert/strict';
import { renderJson } from '../../../../src/core/report/json';
import { formatSummary, renderLog } from '../../../../src/core/report/log';
import { adopted, committed, large } from './fixtures';

describe('report: log, summary, JSON', () => {
  it('keeps each log entry on one line', () => {
    const log = renderLog(committed, ['one', 'two\nthree\r\nfour']);
    assert.ok(log.endsWith('\none\ntwo\\u{A}three\\u{D}\\u{A}four\n'));
    assert.doesNotMatch(log, /\r/);
  });

  it('has a line per step in the summary, in the words of the report', () => {
    assert.match(
      formatSummary(committed),
      /llm_costs\.db llm_usage +→ jarvis_analytics\.db llm_costs +25 rows {2}inserted 25 {2}✓ schema ✓ counts ✓ cells ✓ rebuilt\n/,
    );
  });

  it('stays short for a plan of hundreds of steps, and still shows the one in trouble', () => {
    const troubled = { ...adopted('data/x.db', 'the_troubled_one', 1, ['id']), conflicts: 1 };
    const report = large(300);
    const summary = formatSummary({ ...report, steps: [...report.steps, troubled] });
    assert.ok(summary.split('\n').length < 40);
    assert.match(summary, /the_troubled_one/);
    assert.match(summary, /and 277 more steps/);
  });

  it('writes the same JSON whatever the order of the keys', () => {
    const reversed = JSON.parse(JSON.stringify(committed), (_key, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).reverse())
        : value,
    ) as typeof committed;
    assert.equal(renderJson(reversed), renderJson(committed));
    assert.deepEqual(JSON.parse(renderJson(committed)), committed);
    assert.ok(renderJson(committed).startsWith('{\n  "format": 1,\n  "run": "20260126_130239",\n'));
    assert.ok(renderJson(committed).endsWith('}\n'));
  });

  it('knows the place of every key of the model', () => {
    const unordered = Object.keys(JSON.parse(renderJson({ ...committed, zzz: 1 } as typeof committed)) as object);
    assert.equal(unordered.at(-1), 'zzz');
    assert.deepEqual(Object.keys((JSON.parse(renderJson(committed)) as typeof committed).steps[0] ?? {}), [
      'domain',
      'strategy',
      'legacy',
      'target',
      'inserted',
      'alreadyPresent',
      'conflicts',
      'rejected',
      'leftBehind',
      'residual',
      'keyOffset',
      'parents',
      'reason',
      'validation',
      'mapping',
      'sample',
    ]);
  });

  it('keeps invisible characters in the JSON: it is data for programs', () => {
    const report = { ...committed, workspace: '/a\u202E\u200B' };
    assert.equal((JSON.parse(renderJson(report)) as typeof report).workspace, report.workspace);
  });
});
