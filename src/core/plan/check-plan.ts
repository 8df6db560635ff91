/**
 * What is wrong with a plan's meaning, given the real schemas: each problem at the place of the plan that it is about.
 *
 * What cannot be checked (a database that is missing or cannot be read) is said once and never counts as wrong.
 */
import { foldName, sameName } from '../sqlite/identifiers';
import { checkCriteria } from './check-criteria';
import { checkMapStep } from './check-map-step';
import type { ParsedPlan, PlanProblem } from './parse-plan';
import { findTable, type PlanCatalogue, type PlanTable } from './plan-catalogue';
import { Examination } from './plan-examination';
import { findUnsafePaths } from './plan-paths';
import { targetDatabaseOf, type AdoptStep, type MapStep, type Plan, type PlanStep } from './schema';

/** @returns problems of meaning, in the order of the text; those of syntax and shape are `parsed.problems` */
export function checkPlan(parsed: ParsedPlan, catalogue: PlanCatalogue): readonly PlanProblem[] {
  const { plan } = parsed;
  if (plan === null) return [];
  const scratch = catalogue.openScratch();
  try {
    const examination = new Examination(parsed, plan, catalogue, scratch);
    for (const { path, at, reason } of findUnsafePaths(plan, catalogue.dataFolder))
      examination.error('unsafe-path', at, `${path} ${reason}.`);
    checkSteps(examination);
    checkCriteria(examination);
    return examination.problems();
  } finally {
    scratch.close();
  }
}

function checkSteps(examination: Examination): void {
  const { plan } = examination;
  checkOneFile(examination);
  checkNoneTwice(examination);
  checkSharedTargets(examination);
  plan.steps.forEach((step, index) => {
    const at = ['steps', index] as const;
    const legacy = findLegacy(examination, index);
    if (step.strategy === 'map' || step.strategy === 'adopt') {
      examination.tables(step.target.database, [...at, 'target', 'database'], 'target');
    }
    if (step.strategy === 'adopt') checkAdopt(examination, step, index, legacy);
    if (step.strategy === 'map') checkMapStep(examination, step, index, legacy);
  });
  findUnplanned(examination);
}

/** The step's legacy table; null where it is not there, or cannot be the table of such a step. */
function findLegacy(examination: Examination, index: number): PlanTable | null {
  const step = examination.plan.steps[index];
  if (step === undefined) return null;
  const { database, table } = step.legacy;
  const at = ['steps', index, 'legacy', 'table'] as const;
  const tables = examination.tables(database, ['steps', index, 'legacy', 'database'], 'legacy');
  if (tables === null) return null;
  const found = findTable(tables, table);
  if (found === null) {
    examination.error('unknown-table', at, `${database} has no table ${table}.`);
    return null;
  }
  if (step.strategy === 'skip' || found.kind === 'table') return found;
  if (found.kind === 'virtual' && step.strategy === 'adopt') return found;
  const words = {
    virtual: 'a virtual table, which can be adopted or skipped',
    shadow: 'a shadow table, which goes with its virtual table',
    view: 'a view, which has no rows of its own',
  };
  examination.error('not-a-table', at, `${table} is ${words[found.kind]}.`);
  return null;
}

/** A database that is legacy here and consolidated there would be migrated into itself. */
function checkOneFile(examination: Examination): void {
  const { plan } = examination;
  const targets = new Map<string, string>();
  for (const step of plan.steps) {
    const target = targetDatabaseOf(step);
    if (target === null) continue;
    for (const identity of examination.identitiesOf(target)) targets.set(identity, target);
  }
  plan.steps.forEach(({ legacy }, index) => {
    const [target] = examination.identitiesOf(legacy.database).flatMap((identity) => targets.get(identity) ?? []);
    if (target === undefined) return;
    const message =
      target === legacy.database
        ? `${legacy.database} is a consolidated database of this plan: it cannot be a legacy one too.`
        : `${legacy.database} and ${target}, a consolidated database of this plan, are the same file.`;
    examination.error('same-file', ['steps', index, 'legacy', 'database'], message);
  });
}

function checkNoneTwice(examination: Examination): void {
  const seen = new Map<string, number>();
  const names = new Map<string, number>();
  examination.plan.steps.forEach((step, index) => {
    const legacy = `${examination.identityOf(step.legacy.database)}\n${foldName(step.legacy.table)}`;
    const first = seen.get(legacy);
    if (first === undefined) seen.set(legacy, index);
    else
      examination.error(
        'duplicate-step',
        ['steps', index, 'legacy', 'table'],
        `${step.legacy.database} ${step.legacy.table} has a step already: number ${first + 1}.`,
      );
    if (step.strategy !== 'adopt' || step.target.table === undefined) return;
    const name = `${examination.identityOf(step.target.database)}\n${foldName(step.target.table)}`;
    const other = names.get(name);
    if (other === undefined) names.set(name, index);
    else
      examination.error(
        'duplicate-target',
        ['steps', index, 'target', 'table'],
        `Step ${other + 1} adopts a table under the name ${step.target.table} already.`,
      );
  });
}

/** Two steps that bring their own integer keys into one table: where they collide, the second is shifted. */
function checkSharedTargets(examination: Examination): void {
  const first = new Map<string, number>();
  examination.plan.steps.forEach((step, index) => {
    if (step.strategy !== 'map' || !hasIntegerKey(examination, step)) return;
    const target = `${examination.identityOf(step.target.database)}\n${foldName(step.target.table)}`;
    const other = first.get(target);
    if (other === undefined) {
      first.set(target, index);
      return;
    }
    const fate =
      step.takenKeys === 'shift'
        ? 'the keys of this step are shifted by one offset'
        : 'the rows of this step are left as conflicts';
    examination.warning(
      'shared-target',
      ['steps', index, 'target', 'table'],
      `Step ${other + 1} fills ${step.target.table} too, with keys of its own: where they are taken, ${fate}.`,
    );
  });
}

function hasIntegerKey(examination: Examination, step: MapStep): boolean {
  const table = findTable(examination.known(step.target.database) ?? [], step.target.table);
  const alias = table?.rowidAlias;
  if (alias == null) return false;
  const key = step.key ?? [alias];
  return (
    key.length === 1 &&
    key.every((name) => sameName(name, alias)) &&
    Object.keys(step.columns).some((name) => sameName(name, alias))
  );
}

function checkAdopt(examination: Examination, step: AdoptStep, index: number, legacy: PlanTable | null): void {
  const at = ['steps', index] as const;
  const name = step.target.table;
  if (name !== undefined && /^sqlite_/i.test(name))
    examination.error('reserved-name', [...at, 'target', 'table'], 'SQLite keeps names with sqlite_ for itself.');
  if (legacy === null) return;
  const targetTables = examination.known(step.target.database);
  for (const { parent } of legacy.foreignKeys) {
    if (sameName(parent, legacy.name) || targetTables === null || findTable(targetTables, parent) !== null) continue;
    const isMapped = (other: PlanStep): boolean =>
      other.strategy === 'map' &&
      other.legacy.database === step.legacy.database &&
      sameName(other.legacy.table, parent);
    const isAdopted = (other: PlanStep): boolean =>
      other.strategy === 'adopt' && sameName(other.target.table ?? other.legacy.table, parent);
    const moves = examination.plan.steps.some(
      (other) => targetDatabaseOf(other) === step.target.database && (isAdopted(other) || isMapped(other)),
    );
    if (!moves)
      examination.warning(
        'parent-not-adopted',
        [...at, 'legacy', 'table'],
        `${legacy.name} refers to ${parent}, which is neither in ${step.target.database} nor adopted into it: its rows would refer to nothing.`,
      );
  }
}

function findUnplanned(examination: Examination): void {
  const { plan } = examination;
  const planned = new Set(plan.steps.map(({ legacy }) => key(legacy.database, legacy.table)));
  for (const database of new Set(plan.steps.map(({ legacy }) => legacy.database))) {
    for (const { name, kind } of examination.known(database) ?? []) {
      if ((kind === 'table' || kind === 'virtual') && !planned.has(key(database, name)))
        examination.warning(
          'unplanned-table',
          ['steps'],
          `${database} ${name} is in no step of the plan: it stays where it is.`,
          'key',
        );
    }
  }
}

function key(database: string, table: string): string {
  return `${database}\n${foldName(table)}`;
}

/** Every database that the plan names and that may be looked at: unsafe paths are left out. */
export function databasesToRead(plan: Plan, dataFolder: string): readonly string[] {
  const unsafe = new Set(findUnsafePaths(plan, dataFolder).map(({ path }) => path));
  const named = plan.steps.flatMap((step) => [step.legacy.database, targetDatabaseOf(step) ?? step.legacy.database]);
  const measured = plan.criteria.flatMap(({ database }) => (database === undefined ? [] : [database]));
  return [...new Set([...named, ...measured])].filter((path) => !unsafe.has(path));
}
