/** What the report claims, and on what grounds; and that every kind of run has a whole report. */
import assert from 'node:assert/strict';
import type { Check, Outcome, RunMode, RunReport } from '../../../../src/core/report/model';
import { renderMarkdown } from '../../../../src/core/report/markdown';
import { committed, large, llmUsage, nothingToDo, refused, rolledBack } from './fixtures';
import { parseMarkdown } from './parse';

const withCells = (cells: Check): RunReport => ({
  ...committed,
  steps: committed.steps.map((step) => ({ ...step, validation: { ...step.validation, cells } })),
});

const resultOf = (report: RunReport): string => renderMarkdown(report).split('\n')[2] ?? '';

describe('report: claims', () => {
  it('says that nothing was lost when every check passed and the losses were measured as 0', () => {
    assert.match(renderMarkdown(committed), /No data loss: 0 rows and 0 values lost, and all 27 checks passed\./);
  });

  const doubtful: readonly [name: string, report: RunReport, result: RegExp][] = [
    ['a tier was not run', withCells('notRun'), /^○ .*21 of 27 checks passed, 6 not run/],
    ['a tier failed', withCells('failed'), /^✗ .*21 of 27 checks passed, 6 failed/],
    ['a row was lost', { ...committed, lost: { rows: 1, values: 0 } }, /^✗ .*1 row and 0 values lost/],
    ['a value was lost', { ...committed, lost: { rows: 0, values: 4 } }, /^✗ .*0 rows and 4 values lost/],
    ['no check was run', { ...committed, steps: [], targets: [] }, /^○ .*no check was run/],
    ['the run was refused', refused, /^✗ \*\*Refused, nothing was changed/],
  ];
  for (const [name, report, result] of doubtful) {
    it(`makes no claim of no loss when ${name}`, () => {
      assert.doesNotMatch(renderMarkdown(report), /No data (loss|would be lost)/);
      assert.match(resultOf(report), result);
    });
  }

  it('says beside the claim how many rows are in no target', () => {
    const skipped = { ...llmUsage, strategy: 'skip', target: null, inserted: 0, leftBehind: 25, mapping: [] } as const;
    const markdown = renderMarkdown({ ...committed, steps: [...committed.steps, skipped] });
    assert.match(markdown, /25 rows are in no target, but left behind where they were/);
    assert.match(markdown, /The plan skips `data\/llm_costs\.db` `llm_usage`/);
    assert.match(markdown, /\| ○ skipped/);
  });

  it('says what to do about conflicts, collected rejects and dropped values', () => {
    const step = {
      ...llmUsage,
      conflicts: 2,
      rejected: 3,
      residual: { columns: ['error'], kept: null, lostValues: 7, lost: [{ column: 'error', values: 7 }] },
    };
    const rejectsFile = 'data/backups/20260126_130239/rejects.db';
    const markdown = renderMarkdown({ ...committed, steps: [step], rejectsFile });
    const advice = markdown.slice(markdown.indexOf('## Recommendations'));
    assert.match(advice, /2 rows of `data\/llm_costs\.db` `llm_usage` changed/);
    assert.match(advice, /3 rows of .* kept in `data\/backups\/20260126_130239\/rejects\.db`/);
    assert.match(advice, /7 values of `error` of .* were dropped/);
    assert.match(resultOf({ ...committed, steps: [step] }), /2 conflicts left alone and 3 rows rejected/);
  });

  const adviceOf = (report: RunReport): string => {
    const markdown = renderMarkdown(report);
    return markdown.slice(markdown.indexOf('## Recommendations'));
  };

  it('speaks of one row as of one', () => {
    const one = { ...llmUsage, conflicts: 1, rejected: 1 };
    const skipped = { ...llmUsage, strategy: 'skip', target: null, inserted: 0, leftBehind: 1, mapping: [] } as const;
    const left = { ...llmUsage, validation: { ...llmUsage.validation, rebuilt: 'notRun' } } as const;
    const advice = adviceOf({ ...committed, steps: [one, skipped, left] });
    assert.match(advice, /since an earlier run migrated it, or another row of the target has its key/);
    assert.match(advice, /refuses 1 row of .*\. Correct it in the legacy table, .* to keep it apart/);
    assert.match(advice, /1 row exists in the legacy databases only/);
    assert.match(advice, /1 check was not run and proves nothing/);
  });

  it('says of a conflict no more than is known: the other row may be the target’s own', () => {
    const advice = adviceOf({ ...committed, steps: [{ ...llmUsage, conflicts: 2 }] });
    assert.match(advice, /migrated them, or another row of the target has their key/);
  });

  it('gives commands that can be run: with the data folder, and whole', () => {
    const plan = `plans/${'of a long name '.repeat(8)}.json`;
    const report = { ...committed, plan, dataFolder: 'var/jarvis data', rejectsFile: 'x/rejects.db' };
    const flags = `--analytics --plan '${plan}' --data 'var/jarvis data'`;
    assert.ok(adviceOf(report).includes(`\`jarvis-db validate ${flags}\``));
    const again = adviceOf({ ...report, mode: 'dryRun', dryRun: true });
    assert.ok(again.includes(`\`jarvis-db migrate ${flags} --rejects collect\``), again);
    const { dataFolder } = { dataFolder: `var/${'deep/'.repeat(20)}data` };
    assert.match(
      renderMarkdown({ ...committed, dataFolder }),
      /Way back:\*\* `jarvis-db rollback \S+ --data \S+\/data`/,
    );
  });
});

describe('report: the answer below the result', () => {
  const answer = (report: RunReport): string => renderMarkdown(report).split('\n## ')[0] ?? '';

  it('says where the rows went, that none was left, what proves it, and the way back', () => {
    const said = answer({ ...committed, warnings: [] });
    assert.match(said, /\*\*Moved:\*\* 28 rows to `data\/jarvis_analytics\.db`\./);
    assert.match(said, /\*\*Not moved:\*\* nothing; all 28 rows/);
    assert.match(said, /\*\*Proof:\*\* all 27 checks passed before a byte was published; 0 rows and 0 values lost/);
    assert.match(said, /\*\*Way back:\*\* `jarvis-db rollback 20260126_130239`, or the 3 verified copies/);
  });

  it('names each kind of row that did not move', () => {
    const step = { ...llmUsage, inserted: 19, conflicts: 2, rejected: 3, leftBehind: 1 };
    const said = answer({ ...committed, steps: [step] });
    assert.match(
      said,
      /Not moved:\*\* 1 row left behind; 3 rows rejected; 2 conflicts left alone; 1 legacy table that/,
    );
  });

  it('has no answer to give where nothing was published', () => {
    for (const report of [refused, rolledBack, nothingToDo]) assert.doesNotMatch(answer(report), /Moved:|Proof:/);
  });
});

describe('report: rejects, differences, losses', () => {
  const many = (count: number): RunReport['rejects'] =>
    Array.from({ length: count }, (_, i) => ({
      database: 'data/llm_costs.db',
      table: 'llm_usage',
      rowid: String(i + 1),
      key: String(i + 1),
      reason: 'CHECK constraint failed',
    }));

  it('lists the first rejected rows, counts the rest as the steps do, and says where all are', () => {
    const steps = [{ ...llmUsage, rejected: 1500 }];
    const rejectsFile = 'data/backups/20260126_130239/rejects.db';
    const markdown = renderMarkdown({ ...committed, steps, rejects: many(1000), rejectsFile });
    assert.match(markdown, /### Rejected Rows\n\n1,500 legacy rows are refused/);
    assert.equal(markdown.match(/CHECK constraint failed/g)?.length, 20);
    assert.match(
      markdown,
      /… and 1,480 more of `data\/llm_costs\.db` `llm_usage`: all are in `data\/backups.*rejects\.db`/,
    );
    assert.match(resultOf({ ...committed, steps, rejectsFile }), /, 1,500 rejected rows kept in `rejects\.db`;/);
  });

  it('does not say that all rows are in a file that has not got them', () => {
    const markdown = renderMarkdown({ ...rolledBack, steps: [{ ...llmUsage, rejected: 1500 }], rejects: many(1000) });
    assert.match(markdown, /… and 1,480 more of `data\/llm_costs\.db` `llm_usage`\./);
    assert.doesNotMatch(markdown, /all are in/);
  });

  it('shows the cells that differ and the conflicts apart, cut values without a length', () => {
    const cell = { database: 'data/llm_costs.db', table: 'llm_usage', key: '7', column: 'cost_usd' };
    const mismatches: RunReport['mismatches'] = [
      { ...cell, tier: 'cells', legacy: '0.1', consolidated: "'0.1'" },
      { ...cell, tier: 'conflict', legacy: `'${'x'.repeat(199)}`, consolidated: 'NULL' },
    ];
    const markdown = renderMarkdown({ ...committed, steps: [{ ...llmUsage, conflicts: 3 }], mismatches });
    assert.match(markdown, /### Cells That Differ[^]*`0\.1` +\| `'0\.1'`[^]*### Conflicts[^]*x…` +\| `NULL`/);
    assert.doesNotMatch(markdown, /\(200 characters\)/);
    assert.match(markdown, /… and 2 more rows in conflict: `data\/llm_costs\.db` `llm_usage`/);
  });

  it('makes no claim of no loss in a later run of a plan that drops columns', () => {
    const dropped = { legacy: 'error', target: null, transformation: 'dropped' };
    const steps = nothingToDo.steps.map((step) => ({ ...step, mapping: [...step.mapping, dropped] }));
    const markdown = renderMarkdown({ ...nothingToDo, steps });
    assert.doesNotMatch(markdown, /No data loss/);
    assert.match(markdown, /6 columns are dropped by the plan and in no target\./);
  });

  it('takes values that the plan drops for no failure, and others for one', () => {
    const lost = [{ column: 'error', values: 7 }];
    const steps = [{ ...llmUsage, residual: { ...llmUsage.residual, lostValues: 7, lost } }];
    assert.match(
      resultOf({ ...committed, steps, lost: { rows: 0, values: 7 } }),
      /^○ .*7 values lost \(dropped as the plan says\)/,
    );
    assert.match(
      resultOf({ ...committed, steps, lost: { rows: 0, values: 9 } }),
      /^✗ .*9 values lost \(7 of them dropped/,
    );
  });
});

describe('report: every kind of run', () => {
  const modes: readonly RunMode[] = ['migrate', 'dryRun', 'backupOnly', 'validate'];
  const outcomes: readonly Outcome[] = ['committed', 'rolledBack', 'refused', 'cancelled', 'nothingToDo'];
  const sections = [
    ...['Pre-Migration State', 'Migration Execution', 'Where the Rows', 'Schema Mapping', 'Warnings'],
    ...['Post-Migration State', 'Data Integrity Checks', 'Success Criteria', 'Errors &amp; Issues', 'Summary'],
    ...['Recommendations', 'Rollback Plan', 'Next Steps'],
  ];

  for (const mode of modes) {
    for (const outcome of outcomes) {
      it(`has all sections in their order: ${mode}, ${outcome}, with steps and without`, () => {
        for (const steps of [committed.steps, []]) {
          const report = { ...committed, mode, dryRun: mode === 'dryRun', outcome, steps };
          const markdown = renderMarkdown(report);
          const titles = Array.from(markdown.matchAll(/^## (.*)$/gm), ([, title = '']) => title);
          assert.equal(titles.length, sections.length);
          for (const [i, section] of sections.entries()) {
            assert.ok(titles[i]?.startsWith(section.replace('&amp;', '&')), `${titles[i] ?? ''} is ${section}`);
          }
          assert.match(resultOf(report), /^[✓✗○] \*\*[^*]+\*\* \S/);
          assert.doesNotMatch(markdown, /undefined|NaN|\[object/);
          if (mode !== 'migrate' || outcome !== 'committed') assert.doesNotMatch(markdown, /cp -p/);
        }
      });
    }
  }

  it('draws hundreds of steps by database and lists each of them', () => {
    const { fences, tables } = parseMarkdown(renderMarkdown(large(300)));
    const arrows = fences.find((fence) => fence.lang === 'mermaid')?.text.match(/-->/g) ?? [];
    assert.equal(arrows.length, 7);
    // The head and 299 steps; the one without rows is in a line beneath.
    assert.ok(tables.some((table) => table.length === 300));
  });
});
