/** The validation report: one run, as Markdown that reads well as text and in a preview. */
import type { RootContent } from 'mdast';
import { gfmTableToMarkdown } from 'mdast-util-gfm-table';
import { toMarkdown } from 'mdast-util-to-markdown';
import { nextSteps, recommendations } from './advice';
import { displayWidth } from './display';
import { headline } from './headline';
import type { RunMode, RunReport } from './model';
import { heading, paragraph, say, words } from './nodes';
import { rollbackPlan } from './rollback';
import { migrationExecution } from './section-execution';
import { atAGlance } from './section-glance';
import { dataIntegrity } from './section-integrity';
import { schemaMapping } from './section-mapping';
import { errorsAndIssues, successCriteria, summary, warnings } from './section-outcome';
import { rowsPicture } from './section-picture';
import { postMigrationState, preMigrationState } from './section-state';

/** The sections in their order; each is written for every outcome and mode. */
const sections: readonly ((report: RunReport) => RootContent[])[] = [
  title,
  atAGlance,
  preMigrationState,
  migrationExecution,
  rowsPicture,
  schemaMapping,
  warnings,
  postMigrationState,
  dataIntegrity,
  successCriteria,
  errorsAndIssues,
  summary,
  recommendations,
  rollbackPlan,
  nextSteps,
];

/** Renders the whole report. Every name and value in it is inert: see {@link say} and `display.ts`. */
export function renderMarkdown(report: RunReport): string {
  return toMarkdownText(sections.flatMap((section) => section(report)));
}

/** The tree as text, whatever report it is of. */
export function toMarkdownText(children: RootContent[]): string {
  return toMarkdown(
    { type: 'root', children },
    {
      bullet: '-',
      rule: '-',
      listItemIndent: 'one',
      extensions: [gfmTableToMarkdown({ stringLength: displayWidth })],
    },
  );
}

const titles: Readonly<Record<RunMode, string>> = {
  migrate: 'Migration Report',
  dryRun: 'Dry-Run Report',
  backupOnly: 'Backup Report',
  validate: 'Validation Report',
};

function title(report: RunReport): RootContent[] {
  return [heading(1, say`${words(titles[report.mode])} ${report.run}`), paragraph(headline(report))];
}
