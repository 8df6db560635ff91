import { formatSummary, renderLog } from '../../../../src/core/report/log';
import { renderMarkdown } from '../../../../src/core/report/markdown';
import { allDomains, committed, dryRun, hostileTexts, nothingToDo, refused, rolledBack, withNames } from './fixtures';
import { assertGolden } from './golden';

const runs = {
  committed,
  'all-domains': allDomains,
  'dry-run': dryRun,
  'nothing-to-do': nothingToDo,
  refused,
  'rolled-back': rolledBack,
  hostile: withNames(hostileTexts),
};

describe('report: golden files', () => {
  for (const [name, report] of Object.entries(runs)) {
    it(`renders the ${name} run`, () => assertGolden(`${name}.md`, renderMarkdown(report)));
    it(`summarises the ${name} run`, () => assertGolden(`${name}.summary.txt`, formatSummary(report)));
  }

  it('writes the log', () => {
    const lines = [
      '13:02:39.120  read data/llm_costs.db',
      '13:02:39.260  plan: 6 steps',
      'a table named "x\n\u001B[31my"',
    ];
    assertGolden('committed.log.txt', renderLog(committed, lines));
  });
});
