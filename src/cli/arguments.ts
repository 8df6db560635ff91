/** The command line's grammar. Anything unknown is an error before anything is touched. */
import { parseArgs } from 'node:util';
import { isArchiveName } from '../core/archive/archive-folder';
import type { Domain } from '../core/report/model';

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | { readonly name: 'inventory'; readonly place: PlaceArguments; readonly json: boolean }
  | {
      readonly name: 'validate';
      readonly place: PlaceArguments;
      readonly json: boolean;
      readonly domains: readonly Domain[];
      readonly openAnyway: boolean;
      readonly plan: string | null;
    }
  | {
      readonly name: 'migrate';
      readonly place: PlaceArguments;
      readonly json: boolean;
      readonly domains: readonly Domain[];
      readonly mode: 'migrate' | 'dryRun' | 'backupOnly';
      readonly applicationStopped: boolean;
      readonly openAnyway: boolean;
      /** As given; null where no file is named. */
      readonly plan: string | null;
      /** Null where nothing is said. */
      readonly rejects: 'fail' | 'collect' | null;
    }
  | {
      readonly name: 'archive';
      readonly place: PlaceArguments;
      readonly json: boolean;
      readonly dryRun: boolean;
      readonly applicationStopped: boolean;
      readonly openAnyway: boolean;
      /** As given; null where no file is named. */
      readonly plan: string | null;
    }
  | {
      readonly name: 'restore';
      readonly place: PlaceArguments;
      readonly json: boolean;
      /** The archive's name; null for the newest. */
      readonly archive: string | null;
    }
  | {
      readonly name: 'rollback';
      readonly place: PlaceArguments;
      readonly json: boolean;
      readonly dryRun: boolean;
      readonly applicationStopped: boolean;
      readonly openAnyway: boolean;
      /** Null for the last run that is in force. */
      readonly run: string | null;
    }
  | {
      readonly name: 'restore-backup';
      readonly place: PlaceArguments;
      readonly json: boolean;
      readonly dryRun: boolean;
      readonly applicationStopped: boolean;
      readonly openAnyway: boolean;
      readonly run: string;
      /** Null for every file of the backup. */
      readonly file: string | null;
    }
  | { readonly name: 'backups'; readonly place: PlaceArguments; readonly json: boolean; readonly verify: boolean }
  | {
      readonly name: 'diff';
      readonly place: PlaceArguments;
      readonly json: boolean;
      readonly openAnyway: boolean;
      /** As given. */
      readonly files: readonly [string, string];
    }
  | {
      readonly name: 'plan';
      readonly place: PlaceArguments;
      readonly json: boolean;
      readonly action:
        { readonly kind: 'print' } | { readonly kind: 'schema' } | { readonly kind: 'check'; readonly file: string };
    };

export interface PlaceArguments {
  /** As given; null for the current folder. */
  readonly workspace: string | null;
  /** As given; null to look for it. */
  readonly data: string | null;
}

export const usage = `usage:
  jarvis-db inventory [--json]
  jarvis-db migrate [--analytics] [--cache] [--core] [--dry-run | --backup-only] [--plan FILE]
                    [--rejects fail|collect] [--application-stopped] [--open-anyway] [--json]
  jarvis-db validate [--analytics] [--cache] [--core] [--plan FILE] [--open-anyway] [--json]
  jarvis-db archive [--dry-run] [--plan FILE] [--application-stopped] [--open-anyway] [--json]
  jarvis-db restore [DATE] [--json]
  jarvis-db rollback [RUN] [--dry-run] [--application-stopped] [--open-anyway] [--json]
  jarvis-db backups [--verify] [--json]
  jarvis-db restore-backup RUN [--file DB] [--dry-run] [--application-stopped] [--open-anyway] [--json]
  jarvis-db plan [--print | --check FILE | --schema] [--json]
  jarvis-db diff A.db B.db [--open-anyway] [--json]

  --workspace DIR         the folder that holds the data folder (default: the current folder)
  --data DIR              the data folder (default: the setting's search)
  --analytics --cache --core
                          the domains (default: all three)
  --dry-run               do it in memory, or list what would be done: write nothing at all
  --backup-only           copy the databases involved to data/backups/<run>/, verify the copies, change nothing
  --plan FILE             a plan file, looked for in the current folder, then in the workspace folder
                          (default: jarvis.plan.json in the workspace folder, else the built-in plan)
  --rejects fail|collect  rows that a target refuses: fail the run (default), or collect them in rejects.db
  --application-stopped   you made sure that Jarvis is stopped (for systems that do not show open files)
  DATE                    the archive, as its folder below data/archive is named (default: the newest that is complete)
  --open-anyway           load databases of up to 2 GiB, where 1 GiB is the most, and more than fits the free memory;
                          about 3.1 times as much memory is needed
  --verify                read every copy of every backup and compare its hash
  --file DB               one file of the backup, as jarvis-db backups names it (default: all of them)
  --print                 write the plan in force as a plan file (what plan alone does)
  --check FILE            list what is wrong with a plan file, by line and column
  --schema                write the JSON Schema of plan files
  A.db B.db               two databases, whose schemas and rows are compared; equal or not is the exit code, 0 or 1
  --json                  one JSON document on standard output and nothing else
  --help, --version

Where no flag says otherwise, .vscode/settings.json of the workspace folder counts: jarvis.dataFolder, jarvis.planFile,
jarvis.rejects, jarvis.rateLimits.strategy.

exit codes: 0 done, every check passed; 1 a check failed, nothing was published; 2 bad usage; 3 refused, nothing was touched
`;

const placeOptions = {
  workspace: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const domainOptions = {
  analytics: { type: 'boolean' },
  cache: { type: 'boolean' },
  core: { type: 'boolean' },
} as const;

const options = {
  inventory: placeOptions,
  validate: { ...placeOptions, ...domainOptions, plan: { type: 'string' }, 'open-anyway': { type: 'boolean' } },
  migrate: {
    ...placeOptions,
    ...domainOptions,
    plan: { type: 'string' },
    rejects: { type: 'string' },
    'dry-run': { type: 'boolean' },
    'backup-only': { type: 'boolean' },
    'application-stopped': { type: 'boolean' },
    'open-anyway': { type: 'boolean' },
  },
  archive: {
    ...placeOptions,
    plan: { type: 'string' },
    'dry-run': { type: 'boolean' },
    'application-stopped': { type: 'boolean' },
    'open-anyway': { type: 'boolean' },
  },
  restore: placeOptions,
  rollback: {
    ...placeOptions,
    'dry-run': { type: 'boolean' },
    'application-stopped': { type: 'boolean' },
    'open-anyway': { type: 'boolean' },
  },
  'restore-backup': {
    ...placeOptions,
    file: { type: 'string' },
    'dry-run': { type: 'boolean' },
    'application-stopped': { type: 'boolean' },
    'open-anyway': { type: 'boolean' },
  },
  backups: { ...placeOptions, verify: { type: 'boolean' } },
  diff: { ...placeOptions, 'open-anyway': { type: 'boolean' } },
  plan: {
    ...placeOptions,
    print: { type: 'boolean' },
    check: { type: 'string' },
    schema: { type: 'boolean' },
  },
} as const;

type Parsed = Command | { readonly fault: string };

const parsers = {
  inventory: parseInventory,
  validate: parseValidate,
  migrate: parseMigrate,
  archive: parseArchive,
  restore: parseRestore,
  rollback: parseRollback,
  'restore-backup': parseRestoreBackup,
  backups: parseBackups,
  diff: parseDiff,
  plan: parsePlanCommand,
} as const;

/** @returns the command, or what is wrong with the arguments, in words */
export function parseCommand(args: readonly string[]): Parsed {
  const [name, ...rest] = commandFirst(args);
  if (name === undefined) return { fault: 'Say what to do.' };
  if (name === '--help' || name === '-h' || name === 'help') return { name: 'help' };
  if (name === '--version') return { name: 'version' };
  if (!isCommand(name)) return { fault: `Unknown command: ${name}.` };
  try {
    return parsers[name](rest);
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** `--workspace` and `--data` go everywhere, before the command too: they are moved behind it. */
function commandFirst(args: readonly string[]): readonly string[] {
  let start = 0;
  for (let arg = args[start]; arg !== undefined && /^--(?:workspace|data)(?:=|$)/.test(arg); arg = args[start]) {
    start += arg.includes('=') ? 1 : 2;
  }
  return [...args.slice(start, start + 1), ...args.slice(0, start), ...args.slice(start + 1)];
}

function isCommand(name: string): name is keyof typeof parsers {
  return Object.hasOwn(parsers, name);
}

function parseInventory(args: readonly string[]): Parsed {
  const { values } = parseArgs({ args: [...args], options: options.inventory, strict: true, allowPositionals: false });
  if (values.help === true) return { name: 'help' };
  return { name: 'inventory', place: placeOf(values), json: values.json === true };
}

function parseValidate(args: readonly string[]): Parsed {
  const { values } = parseArgs({ args: [...args], options: options.validate, strict: true, allowPositionals: false });
  if (values.help === true) return { name: 'help' };
  return {
    name: 'validate',
    place: placeOf(values),
    json: values.json === true,
    domains: domainsOf(values),
    openAnyway: values['open-anyway'] === true,
    plan: textOf('plan', values.plan, 'a file'),
  };
}

function parseMigrate(args: readonly string[]): Parsed {
  const { values } = parseArgs({ args: [...args], options: options.migrate, strict: true, allowPositionals: false });
  if (values.help === true) return { name: 'help' };
  if (values['dry-run'] === true && values['backup-only'] === true)
    return { fault: '--dry-run writes nothing, --backup-only writes copies: choose one.' };
  const { rejects } = values;
  if (rejects !== undefined && rejects !== 'fail' && rejects !== 'collect')
    return { fault: `--rejects is "fail" or "collect", not ${JSON.stringify(rejects)}.` };
  return {
    name: 'migrate',
    place: placeOf(values),
    json: values.json === true,
    domains: domainsOf(values),
    mode: values['dry-run'] === true ? 'dryRun' : values['backup-only'] === true ? 'backupOnly' : 'migrate',
    applicationStopped: values['application-stopped'] === true,
    openAnyway: values['open-anyway'] === true,
    plan: textOf('plan', values.plan, 'a file'),
    rejects: rejects ?? null,
  };
}

function parseArchive(args: readonly string[]): Parsed {
  const { values } = parseArgs({ args: [...args], options: options.archive, strict: true, allowPositionals: false });
  if (values.help === true) return { name: 'help' };
  return {
    name: 'archive',
    place: placeOf(values),
    json: values.json === true,
    dryRun: values['dry-run'] === true,
    applicationStopped: values['application-stopped'] === true,
    openAnyway: values['open-anyway'] === true,
    plan: textOf('plan', values.plan, 'a file'),
  };
}

function parseRestore(args: readonly string[]): Parsed {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: options.restore,
    strict: true,
    allowPositionals: true,
  });
  if (values.help === true) return { name: 'help' };
  const [archive = null, ...others] = positionals;
  if (others.length > 0) return { fault: 'restore takes one archive at a time.' };
  if (archive !== null && !isArchiveName(archive))
    return { fault: `An archive is named YYYY-MM-DD, or YYYY-MM-DD-2, not ${JSON.stringify(archive)}.` };
  return { name: 'restore', place: placeOf(values), json: values.json === true, archive };
}

function parseRollback(args: readonly string[]): Parsed {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: options.rollback,
    strict: true,
    allowPositionals: true,
  });
  if (values.help === true) return { name: 'help' };
  const run = oneOf('run', positionals);
  if (typeof run === 'object' && run !== null) return run;
  return {
    name: 'rollback',
    place: placeOf(values),
    json: values.json === true,
    dryRun: values['dry-run'] === true,
    applicationStopped: values['application-stopped'] === true,
    openAnyway: values['open-anyway'] === true,
    run,
  };
}

function parseRestoreBackup(args: readonly string[]): Parsed {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: options['restore-backup'],
    strict: true,
    allowPositionals: true,
  });
  if (values.help === true) return { name: 'help' };
  const run = oneOf('run', positionals);
  if (run === null) return { fault: 'Say which backup: jarvis-db backups lists them.' };
  if (typeof run === 'object') return run;
  return {
    name: 'restore-backup',
    place: placeOf(values),
    json: values.json === true,
    dryRun: values['dry-run'] === true,
    applicationStopped: values['application-stopped'] === true,
    openAnyway: values['open-anyway'] === true,
    run,
    file: textOf('file', values.file, 'a file'),
  };
}

function parseBackups(args: readonly string[]): Parsed {
  const { values } = parseArgs({ args: [...args], options: options.backups, strict: true, allowPositionals: false });
  if (values.help === true) return { name: 'help' };
  return { name: 'backups', place: placeOf(values), json: values.json === true, verify: values.verify === true };
}

function parseDiff(args: readonly string[]): Parsed {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: options.diff,
    strict: true,
    allowPositionals: true,
  });
  if (values.help === true) return { name: 'help' };
  const [left = '', right = '', ...others] = positionals;
  if (left === '' || right === '' || others.length > 0) return { fault: 'Name two databases: diff A.db B.db.' };
  return {
    name: 'diff',
    place: placeOf(values),
    json: values.json === true,
    openAnyway: values['open-anyway'] === true,
    files: [left, right],
  };
}

/** `rollback "$UNSET"` must not become the rollback of the last run. */
function oneOf(what: string, given: readonly string[]): string | null | { readonly fault: string } {
  if (given.length > 1) return { fault: `Name one ${what}, not ${given.length}.` };
  return given[0] === '' ? { fault: `The name of the ${what} is empty.` } : (given[0] ?? null);
}

function parsePlanCommand(args: readonly string[]): Parsed {
  const { values } = parseArgs({ args: [...args], options: options.plan, strict: true, allowPositionals: false });
  if (values.help === true) return { name: 'help' };
  const file = textOf('check', values.check, 'a file');
  if ([values.print === true, file !== null, values.schema === true].filter(Boolean).length > 1)
    return { fault: '--print, --check and --schema: choose one.' };
  return {
    name: 'plan',
    place: placeOf(values),
    json: values.json === true,
    action: file !== null ? { kind: 'check', file } : { kind: values.schema === true ? 'schema' : 'print' },
  };
}

/** In the order of a full migration; no flag means all. */
function domainsOf(values: Readonly<Partial<Record<Domain, boolean | undefined>>>): readonly Domain[] {
  const all = ['analytics', 'cache', 'core'] as const;
  const chosen = all.filter((domain) => values[domain] === true);
  return chosen.length === 0 ? all : chosen;
}

function placeOf(values: {
  readonly workspace?: string | undefined;
  readonly data?: string | undefined;
}): PlaceArguments {
  return {
    workspace: textOf('workspace', values.workspace, 'a folder'),
    data: textOf('data', values.data, 'a folder'),
  };
}

/** `--workspace "$UNSET"` must not become the current folder. */
function textOf(flag: string, value: string | undefined, what: string): string | null {
  if (value === '') throw new Error(`--${flag} needs ${what}.`);
  return value ?? null;
}
