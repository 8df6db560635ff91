import assert from 'node:assert/strict';
import { reportAt } from '../../../../src/shell/report/report-path';

describe('where a report lies', () => {
  it('says whose it is', () => {
    assert.deepEqual(reportAt('/home/me/work/data/backups/20260126_130239/MIGRATION-REPORT.md'), {
      dataFolder: '/home/me/work/data',
      run: '20260126_130239',
    });
    assert.equal(reportAt('/c:/w/data/backups/20260126_130239-2/MIGRATION-REPORT.md')?.run, '20260126_130239-2');
  });

  for (const path of [
    '/home/me/work/docs/MIGRATION-REPORT.md',
    '/home/me/work/data/backups/MIGRATION-REPORT.md',
    '/home/me/work/data/backups/20260126_130239/README.md',
    '/home/me/work/data/backups/20260126_130239/data/MIGRATION-REPORT.md',
    '/home/me/work/data/backups/latest/MIGRATION-REPORT.md',
  ])
    it(`is no report of a run: ${path}`, () => assert.equal(reportAt(path), null));
});
