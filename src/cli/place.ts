/** Where a command works: the data folder, the plan file, and the files that a person names at a prompt. */
import { resolve } from 'node:path';
import { CoreError, describeError, type CoreErrorData } from '../core/errors';
import type { Place } from '../engine/protocol';
import type { CliPorts } from './ports';
import type { WorkspaceSettings } from './workspace-settings';

/** What flags and settings say of where to work. */
export interface Whereabouts {
  /** Absolute. */
  readonly workspace: string;
  /** The data folder as a flag or a setting names it; null to look for it. */
  readonly data: string | null;
  readonly settings: WorkspaceSettings;
}

/** A place to work in, or why there is none. */
export type FoundPlace = Place | NoPlace;

export interface NoPlace {
  readonly workspace: string;
  readonly problem: CoreErrorData;
}

export async function findPlace(
  { handlers, events }: CliPorts,
  { workspace, data }: Pick<Whereabouts, 'workspace' | 'data'>,
): Promise<FoundPlace> {
  const found = await handlers['catalogue.findDataFolder']({ workspace, setting: data }, events).catch(
    (error: unknown) => ({ kind: 'none' as const, problem: describeError(error) }),
  );
  switch (found.kind) {
    case 'found':
      return { workspace, dataFolder: found.dataFolder };
    case 'none':
      return { workspace, problem: found.problem };
    case 'ambiguous': {
      const folders = found.candidates.map(({ folder }) => folder).join(', ');
      const problem = new CoreError('data-folder-ambiguous', `Several folders hold Jarvis databases: ${folders}.`, {
        path: workspace,
        hint: 'Say which one: --data DIR.',
      });
      return { workspace, problem: problem.toData() };
    }
  }
}

/** A file that was named and is not there: bad usage. */
export class PlanFileMissing extends Error {
  constructor(file: string) {
    super(`The plan file ${file} is not there.`);
  }
}

/**
 * The plan file that a flag or a setting names, absolute; null where none does.
 *
 * @param given by the flag
 * @throws PlanFileMissing
 */
export async function findPlanFile(
  ports: CliPorts,
  { workspace, settings }: Whereabouts,
  given: string | null,
): Promise<string | null> {
  const named = given ?? settings.planFile;
  if (named === null) return null;
  const path = given === null ? resolve(workspace, named) : await resolveGiven(ports, workspace, named);
  if (await isThere(ports, path)) return path;
  throw new PlanFileMissing(named);
}

/** A file that a person names at a prompt is looked for in the current folder first, then in the workspace folder. */
export async function resolveGiven(ports: CliPorts, workspace: string, file: string): Promise<string> {
  const here = resolve(file);
  return (await isThere(ports, here)) ? here : resolve(workspace, file);
}

async function isThere({ files }: CliPorts, path: string): Promise<boolean> {
  try {
    return (await files.stat(path)) !== null;
  } catch {
    // Something is there that we may not look at: reading it says why.
    return true;
  }
}
