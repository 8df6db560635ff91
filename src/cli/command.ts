/** What the command line can be asked for. */
import type { Domain } from '../core/report/model';

export interface PlaceArguments {
  /** As given; null for the current folder. */
  readonly workspace: string | null;
  /** As given; null to look for it. */
  readonly data: string | null;
}

/** What every command takes. */
export interface Common {
  readonly place: PlaceArguments;
  readonly json: boolean;
}

/** What every command takes that loads whole databases. */
interface Loading extends Common {
  readonly openAnyway: boolean;
}

/** What every command takes that may replace files. */
interface Writing extends Loading {
  readonly applicationStopped: boolean;
}

interface Rehearsable extends Writing {
  readonly dryRun: boolean;
}

interface Planned {
  /** The plan file as given; null where none is named. */
  readonly plan: string | null;
}

interface Chosen extends Planned {
  readonly domains: readonly Domain[];
}

export interface Inventory extends Common {
  readonly name: 'inventory';
}

export interface Validate extends Loading, Chosen {
  readonly name: 'validate';
}

export interface Migrate extends Writing, Chosen {
  readonly name: 'migrate';
  readonly mode: 'migrate' | 'dryRun' | 'backupOnly';
  /** Null where nothing is said. */
  readonly rejects: 'fail' | 'collect' | null;
}

export interface Archive extends Rehearsable, Planned {
  readonly name: 'archive';
}

export interface Restore extends Common {
  readonly name: 'restore';
  /** The archive's name; null for the newest. */
  readonly archive: string | null;
}

export interface Rollback extends Rehearsable {
  readonly name: 'rollback';
  /** Null for the last run that is in force. */
  readonly run: string | null;
}

export interface RestoreBackup extends Rehearsable {
  readonly name: 'restore-backup';
  readonly run: string;
  /** Null for every file of the backup. */
  readonly file: string | null;
}

export interface Backups extends Common {
  readonly name: 'backups';
  readonly verify: boolean;
}

export interface Diff extends Loading {
  readonly name: 'diff';
  /** As given. */
  readonly files: readonly [string, string];
}

export interface PlanCommand extends Common {
  readonly name: 'plan';
  readonly action:
    { readonly kind: 'print' } | { readonly kind: 'schema' } | { readonly kind: 'check'; readonly file: string };
}

/** A command that does something in a workspace. */
export type WorkspaceCommand =
  Inventory | Validate | Migrate | Archive | Restore | Rollback | RestoreBackup | Backups | Diff | PlanCommand;

export type Command = { readonly name: 'help' } | { readonly name: 'version' } | WorkspaceCommand;
