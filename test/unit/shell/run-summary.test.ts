import assert from 'node:assert/strict';
import type { RunReport, StepReport } from '../../../src/core/report/model';
import { confirmedBy, summarize } from '../../../src/shell/run-summary';

const step = (table: string, change: Partial<StepReport> = {}): StepReport => ({
  domain: 'analytics',
  strategy: 'map',
  legacy: { database: 'data/llm_costs.db', table, rows: 25 },
  target: { database: 'data/jarvis_analytics.db', table },
  inserted: 25,
  alreadyPresent: 0,
  conflicts: 0,
  rejected: 0,
  leftBehind: 0,
  residual: { columns: [], kept: null, lostValues: 0, lost: [] },
  keyOffset: '0',
  parents: [],
  reason: null,
  validation: { schema: 'passed', counts: 'passed', cells: 'passed', rebuilt: 'passed' },
  mapping: [],
  sample: null,
  ...change,
});

const report = (change: Partial<RunReport>): RunReport => ({
  format: 1,
  run: '20260126_130239',
  mode: 'migrate',
  dryRun: false,
  outcome: 'committed',
  workspace: '/w',
  dataFolder: 'data',
  backup: null,
  steps: [],
  targets: [],
  criteria: [],
  lost: { rows: 0, values: 0 },
  warnings: [],
  rejects: [],
  rejectsFile: null,
  mismatches: [],
  plan: 'built in',
  error: null,
  startedAt: '',
  finishedAt: '',
  databases: [],
  backedUp: [],
  phases: [],
  versions: { extension: '', sqlite: '' },
  ...change,
});

describe('the summary of a run', () => {
  it('adds up the steps and names each target once', () => {
    const summary = summarize(report({ steps: [step('a'), step('b', { inserted: 2, leftBehind: 3 })] }));
    assert.equal(summary.inserted, 27);
    assert.equal(summary.leftBehind, 3);
    assert.deepEqual(summary.targets, ['jarvis_analytics.db']);
    assert.equal(summary.everyCellChecked, true);
  });

  it('does not claim that every cell was checked where one step was not', () => {
    const unchecked = step('b', {
      validation: { schema: 'passed', counts: 'passed', cells: 'notRun', rebuilt: 'passed' },
    });
    assert.equal(summarize(report({ steps: [step('a'), unchecked] })).everyCellChecked, false);
    assert.equal(summarize(report({ steps: [] })).everyCellChecked, false);
  });

  it('names the checks that failed, of steps, targets and criteria', () => {
    const failing = step('llm_usage', {
      validation: { schema: 'passed', counts: 'passed', cells: 'failed', rebuilt: 'notRun' },
    });
    const target = {
      database: 'data/jarvis_analytics.db',
      sizeBefore: 1,
      sizeAfter: 1,
      sha256Before: '',
      sha256After: '',
      untouchedRows: 'failed',
      integrity: 'passed',
      foreignKeys: 'notRun',
      undone: 'notRun',
    } as const;
    const criterion = { label: '0 rows lost', expected: '0', actual: 1, status: 'failed', required: true } as const;
    const summary = summarize(report({ steps: [failing], targets: [target], criteria: [criterion] }));
    assert.deepEqual(summary.failedChecks, ['llm_usage: cells', 'jarvis_analytics.db: untouchedRows', '0 rows lost']);
    assert.equal(summary.passedChecks, 3);
  });

  it('keeps the fingerprint of every database that the rehearsal read, which a sidecar is part of', () => {
    const database = (name: string, fingerprint: string) =>
      ({
        database: name,
        role: 'legacy',
        size: 1,
        sizeAfter: 1,
        sha256: 'of the main file',
        fingerprint,
        tables: [],
      }) as const;
    assert.deepEqual(
      confirmedBy({
        report: report({ databases: [database('data/a.db', 'aa'), database('data/b.db', 'bb')] }),
        planFingerprint: 'pp',
      }),
      { databases: { 'data/a.db': 'aa', 'data/b.db': 'bb' }, plan: 'pp' },
    );
  });
});
