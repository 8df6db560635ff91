/** Recommendations and Next Steps: what the facts of the run ask for, and nothing else. */
import type { RootContent } from 'mdast';
import {
  auxiliary,
  collectsRejects,
  isInterrupted,
  isKeptAsJson,
  isPublished,
  migrateFlags,
  tallyChecks,
  targetFile,
  targetFiles,
  totalRows,
  validateFlags,
} from './facts';
import { formatCount } from './format';
import { reportFiles, type RunReport, type StepReport } from './model';
import { code, command, heading, join, list, message, namesOf, paragraph, say, words, type Inline } from './nodes';

/** Names that a recommendation spells out; the others are counted. */
const namedLimit = 8;

export function recommendations(report: RunReport): RootContent[] {
  const items = [
    ...aboutError(report),
    ...aboutConflicts(report),
    ...aboutRejects(report),
    ...aboutLeftBehind(report),
    ...aboutUnplanned(report),
    ...aboutResiduals(report),
    ...aboutChecks(report),
    ...aboutConfig(report),
  ];
  return [
    heading(2, words('Recommendations')),
    items.length === 0 ? paragraph(words('None: nothing in this run asks for one.')) : list(items),
  ];
}

function aboutError({ error }: RunReport): Inline[] {
  // Rejected rows have a recommendation of their own.
  return error?.hint == null || error.code === 'rejected-rows' ? [] : [message(error.hint)];
}

function aboutConflicts(report: RunReport): Inline[] {
  const steps = report.steps.filter((step) => step.conflicts > 0);
  if (steps.length === 0) return [];
  const { conflicts } = totalRows(steps);
  const rows = formatCount(conflicts, 'row');
  const [them, their] = conflicts === 1 ? ['it', 'its'] : ['them', 'their'];
  return [
    say`${words(rows)} of ${tables(steps)} changed on one side since an earlier run migrated ${words(them)}, or another row of the target has ${words(their)} key. Both sides were left alone: compare them and edit the one that is wrong; a later run then finds them equal.`,
  ];
}

function aboutRejects(report: RunReport): Inline[] {
  const steps = report.steps.filter((step) => step.rejected > 0);
  if (steps.length === 0) return [];
  const { rejected } = totalRows(steps);
  const rows = formatCount(rejected, 'row');
  const [they, are, them] = rejected === 1 ? ['It', 'is', 'it'] : ['They', 'are', 'them'];
  const which = say`The target refuses ${words(rows)} of ${tables(steps)}.`;
  if (report.rejectsFile !== null) {
    return [
      say`${which} ${words(`${they} ${are}`)} kept in ${report.rejectsFile}: correct ${words(them)} in the legacy table and run again to add ${words(them)}.`,
    ];
  }
  if (collectsRejects(report)) {
    return [
      say`${which} ${words(they)} would be collected apart: correct ${words(them)} in the legacy table first, to have ${words(them)} in the target.`,
    ];
  }
  return [
    say`${which} Correct ${words(them)} in the legacy table, change the plan's expression for the column, or set ${'jarvis.rejects'} to ${'collect'} (on the command line ${'--rejects collect'}) to keep ${words(them)} apart and migrate the rest.`,
  ];
}

function aboutLeftBehind(report: RunReport): Inline[] {
  const steps = report.steps.filter((step) => step.strategy === 'skip' && step.leftBehind > 0);
  if (steps.length === 0) return [];
  const rows = formatCount(totalRows(steps).leftBehind, 'row exists', 'rows exist');
  return [
    say`The plan skips ${tables(steps)}: ${words(rows)} in the legacy databases only. Keep those, or give the steps a strategy that moves the rows.`,
  ];
}

/** Unplanned tables are reported as warnings; their messages name them. */
function aboutUnplanned(report: RunReport): Inline[] {
  const unplanned = report.warnings.filter((warning) => /unplanned/i.test(warning.code)).length;
  if (unplanned === 0) return [];
  const noun = formatCount(unplanned, 'warning is', 'warnings are');
  return [
    say`${words(noun)} about unplanned tables, which no step names: add a step for each (${'skip'} with a reason, if the rows are not wanted) before the legacy database is put away.`,
  ];
}

/** Steps whose columns without a home are told one by one; of more, the places alone. */
const toldApart = 3;

function aboutResiduals(report: RunReport): Inline[] {
  const published = isPublished(report) || report.outcome === 'nothingToDo';
  const kept = report.steps.filter(({ residual }) => residual.columns.length > 0 && residual.kept !== null);
  const isKept = published && report.mode !== 'backupOnly' && kept.length > 0;
  return [...(isKept ? aboutKept(report, kept) : []), ...aboutDropped(report)];
}

function aboutKept(report: RunReport, steps: readonly StepReport[]): Inline[] {
  const verb = report.dryRun ? 'would be kept' : 'are kept';
  if (steps.length > toldApart) {
    const places = steps.map((step) => say`${step.residual.kept ?? ''} of ${targetFile(step) ?? words('no file')}`);
    return [
      say`${words(formatCount(steps.length, 'legacy table has', 'legacy tables have'))} columns without a column in the target; the values ${words(verb)} in ${join(places)}. Schema Mapping says how to find each.`,
    ];
  }
  return steps.map((step) => {
    const { columns } = step.residual;
    const named = namesOf(
      columns.map((column) => code(column)),
      namedLimit,
    );
    const file = targetFile(step);
    const from = say`${named} of ${step.legacy.database} ${step.legacy.table} ${words(columns.length === 1 ? 'has' : 'have')} no column in the target: the values ${words(verb)} in`;
    const place = step.residual.kept ?? '';
    return isKeptAsJson(step)
      ? say`${from} the JSON column ${place} of the target table, under the key ${'legacy'}. Read them from there where they are needed.`
      : say`${from} ${place}${file === null ? [] : say` of ${file}`}, under the key of the target row. Join it where they are needed.`;
  });
}

function aboutDropped(report: RunReport): Inline[] {
  return report.steps
    .filter(({ residual }) => residual.lost.length > 0)
    .map((step) => {
      const { lost } = step.residual;
      const values = lost.reduce((sum, column) => sum + column.values, 0);
      const named = namesOf(
        lost.map(({ column }) => code(column)),
        namedLimit,
      );
      const verb = `${auxiliary(report, values)} dropped`;
      return say`${words(formatCount(values, 'value'))} of ${named} of ${step.legacy.database} ${step.legacy.table} ${words(verb)}. Set ${'residual'} to ${'sidecar'} in that step of the plan to keep them.`;
    });
}

function aboutChecks(report: RunReport): Inline[] {
  const { failed, notRun, total } = tallyChecks(report);
  const items: Inline[] = [];
  if (failed > 0 && (report.mode === 'validate' || isPublished(report))) {
    items.push(
      say`${words(formatCount(failed, 'check'))} failed: do not rely on the targets named under Errors & Issues before the cause is known.`,
    );
  }
  const ran = notRun < total && (report.mode === 'validate' || isPublished(report));
  if (notRun > 0 && ran) {
    items.push(
      say`${words(formatCount(notRun, 'check was not run and proves', 'checks were not run and prove'))} nothing; the warnings say why.`,
    );
  }
  return items;
}

function aboutConfig(report: RunReport): Inline[] {
  if (!isPublished(report) || report.dryRun) return [];
  const files = report.steps.filter((step) => step.strategy === 'config' && step.inserted > 0).map(targetFile);
  const named = [...new Set(files.filter((file) => file !== null))].map((file) => code(file));
  if (named.length === 0) return [];
  return [say`Review ${join(named)}: the application must read its settings there from now on.`];
}

export function nextSteps(report: RunReport): RootContent[] {
  const items = stepsFor(report);
  return [heading(2, words('Next Steps')), items.length === 0 ? paragraph(words('None.')) : list(items, true)];
}

function stepsFor(report: RunReport): Inline[] {
  const migrate = `jarvis-db migrate${migrateFlags(report)}`;
  if (isInterrupted(report)) {
    return [
      words('Stop every program that uses the databases, and copy nothing by hand.'),
      say`Run ${command(migrate)}: it finds the interrupted publication by ${reportFiles.manifest} and completes it, or says which file stands in the way.`,
    ];
  }
  switch (report.outcome) {
    case 'refused':
      return [
        report.error?.hint == null
          ? words('Remove the cause named under Errors & Issues.')
          : words('Follow the recommendation above.'),
        say`Run ${command(again(report))} again.`,
      ];
    case 'rolledBack':
      return [
        words('Work through Errors & Issues above.'),
        ...(report.mode === 'validate' ? [] : [say`See what a run would do now: ${command(`${migrate} --dry-run`)}.`]),
        say`Run ${command(again(report))} again.`,
      ];
    case 'cancelled':
      return [say`Run ${command(again(report))} when it suits: it starts from the beginning.`];
    case 'committed':
    case 'nothingToDo':
      return afterSuccess(report, migrate);
  }
}

function afterSuccess(report: RunReport, migrate: string): Inline[] {
  const targets = namesOf(
    targetFiles(report).map((file) => code(file)),
    namedLimit,
  );
  const validate = `jarvis-db validate${validateFlags(report)}`;
  const failed = tallyChecks(report).failed > 0;
  switch (report.mode) {
    case 'backupOnly':
      return [say`See what a run would do: ${command(`${migrate} --dry-run`)}.`, say`Then run ${command(migrate)}.`];
    case 'validate':
      return failed ? [words('Work through Errors & Issues above.'), say`Run ${command(validate)} again.`] : [];
    case 'dryRun':
      return report.outcome === 'nothingToDo'
        ? []
        : [
            words('Read the warnings and recommendations above.'),
            words('Stop the programs that use the databases.'),
            say`Run ${command(migrate)}.`,
          ];
    case 'migrate':
      if (report.outcome === 'nothingToDo') {
        return [say`Rows that are added to the legacy databases later are picked up by the next ${command(migrate)}.`];
      }
      return [
        say`Start the application on ${targets} and check that it finds its data.`,
        say`Compare what is on disk with the legacy databases at any time: ${command(validate)}.`,
        ...(report.backup === null
          ? []
          : [say`Keep the legacy databases and ${report.backup} until the application has proved itself.`]),
      ];
  }
}

function again(report: RunReport): string {
  switch (report.mode) {
    case 'validate':
      return `jarvis-db validate${validateFlags(report)}`;
    case 'dryRun':
      return `jarvis-db migrate${migrateFlags(report)} --dry-run`;
    case 'backupOnly':
      return `jarvis-db migrate${migrateFlags(report)} --backup-only`;
    case 'migrate':
      return `jarvis-db migrate${migrateFlags(report)}`;
  }
}

function tables(steps: readonly StepReport[]): Inline {
  return namesOf(
    steps.map(({ legacy }) => say`${legacy.database} ${legacy.table}`),
    namedLimit,
  );
}
