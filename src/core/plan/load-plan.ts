/** The plan that is in force: a file of the user's, or the built-in one. */
import { join } from 'node:path';
import { CoreError } from '../errors';
import { sameName } from '../sqlite/identifiers';
import type { FileStore } from '../storage/file-store';
import { sha256 } from '../storage/hash';
import { displayPath, fromWorkspace } from '../storage/paths';
import { jarvisPlan } from './jarvis-plan';
import { largestPlan, parsePlan, positionsOf, type ParsedPlan } from './parse-plan';
import { findUnsafePaths } from './plan-paths';
import type { Plan } from './schema';

/** The file that replaces the built-in plan where no other is named. */
export const defaultPlanFile = 'jarvis.plan.json';

export interface PlanRequest {
  /** Absolute. */
  readonly workspace: string;
  /** As it is shown: relative to the workspace folder, or absolute where it lies outside. */
  readonly dataFolder: string;
  /** Relative to the workspace folder, or absolute; null for {@link defaultPlanFile} if it is there, else built in. */
  readonly planFile: string | null;
  /** Where the built-in plan puts `rate_configs`; a file says it itself. */
  readonly rateLimits: 'file' | 'database';
}

export interface LoadedPlan {
  readonly plan: Plan;
  /** The file, as it is shown; null for the built-in plan. */
  readonly source: string | null;
  /** SHA-256 of the file's text; {@link builtIn} for the built-in plan, which changes with the extension only. */
  readonly fingerprint: string;
}

/** What stands for a plan that is no file. */
export const builtIn = 'built in';

/** @throws CoreError `plan-missing`, `plan-invalid`, or `outside-workspace` for a path that a plan may not name */
export async function loadPlan(files: FileStore, request: PlanRequest): Promise<LoadedPlan> {
  const { workspace, dataFolder, planFile } = request;
  const path = planFile === null ? join(workspace, defaultPlanFile) : fromWorkspace(workspace, planFile);
  const source = displayPath(workspace, path);
  const text = await readPlanFile(files, path, source);
  if (text === null) {
    if (planFile === null) {
      const plan = jarvisPlan(dataFolder, { rateLimits: request.rateLimits });
      return { plan, source: null, fingerprint: builtIn };
    }
    throw new CoreError('plan-missing', `The plan file ${source} is not there.`, {
      path: source,
      hint: 'Check its name: jarvis.planFile in the settings, --plan on the command line.',
    });
  }
  const parsed = parsePlan(text);
  if (parsed.plan === null) throw invalid(source, text, parsed);
  const doubled = parsed.plan.steps.findIndex(({ legacy }, index, steps) =>
    steps
      .slice(0, index)
      .some((other) => other.legacy.database === legacy.database && sameName(other.legacy.table, legacy.table)),
  );
  if (doubled >= 0) {
    const { line, column } = positionsOf(text)(parsed.locate(['steps', doubled, 'legacy']).offset);
    throw new CoreError('plan-invalid', `${source}:${line}:${column}: another step names the same legacy table.`, {
      path: source,
      hint: `Leave one of the two; all problems of the plan: jarvis-db plan --check ${source}`,
    });
  }
  const [unsafe] = findUnsafePaths(parsed.plan, dataFolder);
  if (unsafe !== undefined) {
    const { line, column } = positionsOf(text)(parsed.locate(unsafe.at).offset);
    throw new CoreError('outside-workspace', `${source}:${line}:${column}: the path ${unsafe.path} ${unsafe.reason}.`, {
      path: source,
      hint: 'A plan file names files relative to the workspace folder, with forward slashes, and none outside it.',
    });
  }
  return { plan: parsed.plan, source, fingerprint: await sha256(new TextEncoder().encode(text)) };
}

/**
 * The text of a plan file; null where there is none.
 *
 * @throws CoreError `plan-invalid` where it is too large, not a file or not UTF-8; `unreadable`
 */
export async function readPlanFile(files: FileStore, path: string, source: string): Promise<string | null> {
  const stat = await files.stat(path).catch((error: unknown) => {
    throw unreadable(source, error);
  });
  if (stat === null) return null;
  const refuse = (fault: string, hint: string): CoreError =>
    new CoreError('plan-invalid', `The plan file ${source} ${fault}.`, { path: source, hint });
  if (stat.kind !== 'file') throw refuse('is not a file', 'Name a JSON file.');
  // Before it is read: a file of gigabytes would take the memory that the databases need.
  if (stat.size > largestPlan)
    throw refuse(
      `has ${stat.size.toLocaleString('en')} bytes; ${largestPlan.toLocaleString('en')} are read at most`,
      'Split the plan, or check whether it is the right file.',
    );
  const bytes = await files.read(path).catch((error: unknown) => {
    throw unreadable(source, error);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse('is not UTF-8 text', 'Save it as UTF-8.');
  }
}

function unreadable(source: string, cause: unknown): CoreError {
  return new CoreError('unreadable', `The plan file ${source} cannot be read.`, {
    path: source,
    hint: 'Check the permissions of the file and its folder.',
    cause,
  });
}

const shownProblems = 3;

function invalid(source: string, text: string, { problems }: ParsedPlan): CoreError {
  const positionAt = positionsOf(text);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const words = errors.slice(0, shownProblems).map(({ offset, message }) => {
    const { line, column } = positionAt(offset);
    return `${source}:${line}:${column}: ${message}`;
  });
  if (errors.length > shownProblems) words.push(`And ${errors.length - shownProblems} more.`);
  return new CoreError('plan-invalid', words.join(' '), {
    path: source,
    hint: `Correct the plan; all of its problems: jarvis-db plan --check ${source}`,
  });
}
