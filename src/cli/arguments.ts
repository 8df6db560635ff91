/** The command line's grammar. Anything unknown is an error before anything is touched. */
import { parseArgs } from 'node:util';
import type { Domain } from '../core/report/model';

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'version' }
  | { readonly name: 'inventory'; readonly place: PlaceArguments; readonly json: boolean }
  | { readonly name: 'validate'; readonly place: PlaceArguments; readonly json: boolean }
  | {
      readonly name: 'migrate';
      readonly place: PlaceArguments;
      readonly json: boolean;
      readonly domains: readonly Domain[];
      readonly mode: 'migrate' | 'dryRun' | 'backupOnly';
      readonly applicationStopped: boolean;
    };

export interface PlaceArguments {
  /** As given; null for the current folder. */
  readonly workspace: string | null;
  /** As given; null to look for it. */
  readonly data: string | null;
}

export const usage = `usage:
  jarvis-db inventory [--json]
  jarvis-db migrate --analytics [--dry-run | --backup-only] [--application-stopped] [--json]
  jarvis-db validate [--json]

  --workspace DIR         the folder that holds the data folder (default: the current folder)
  --data DIR              the data folder (default: the setting's search)
  --dry-run               migrate in memory, write nothing at all
  --backup-only           copy the databases involved to data/backups/<run>/, verify the copies, change nothing
  --application-stopped   you made sure that Jarvis is stopped (for systems that do not show open files)
  --json                  one JSON document on standard output and nothing else
  --help, --version

exit codes: 0 done, every check passed; 1 a check failed, nothing was published; 2 bad usage; 3 refused, nothing was touched
`;

const placeOptions = {
  workspace: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const options = {
  inventory: placeOptions,
  validate: placeOptions,
  migrate: {
    ...placeOptions,
    analytics: { type: 'boolean' },
    cache: { type: 'boolean' },
    core: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
    'backup-only': { type: 'boolean' },
    'application-stopped': { type: 'boolean' },
  },
} as const;

/** @returns the command, or what is wrong with the arguments, in words */
export function parseCommand(args: readonly string[]): Command | { readonly fault: string } {
  const [name, ...rest] = commandFirst(args);
  if (name === undefined) return { fault: 'Say what to do.' };
  if (name === '--help' || name === '-h' || name === 'help') return { name: 'help' };
  if (name === '--version') return { name: 'version' };
  if (!isCommand(name)) return { fault: `Unknown command: ${name}.` };
  try {
    return name === 'migrate' ? parseMigrate(rest) : parseLook(name, rest);
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

function isCommand(name: string): name is keyof typeof options {
  return Object.hasOwn(options, name);
}

function parseLook(name: 'inventory' | 'validate', args: readonly string[]): Command {
  const { values } = parseArgs({ args: [...args], options: options[name], strict: true, allowPositionals: false });
  if (values.help === true) return { name: 'help' };
  return { name, place: placeOf(values), json: values.json === true };
}

function parseMigrate(args: readonly string[]): Command | { readonly fault: string } {
  const { values } = parseArgs({ args: [...args], options: options.migrate, strict: true, allowPositionals: false });
  if (values.help === true) return { name: 'help' };
  for (const domain of ['cache', 'core'] as const) {
    if (values[domain] === true) return { fault: `--${domain}: this version migrates the analytics domain only.` };
  }
  if (values.analytics !== true) return { fault: 'This version migrates the analytics domain only: say --analytics.' };
  if (values['dry-run'] === true && values['backup-only'] === true)
    return { fault: '--dry-run writes nothing, --backup-only writes copies: choose one.' };
  return {
    name: 'migrate',
    place: placeOf(values),
    json: values.json === true,
    domains: ['analytics'],
    mode: values['dry-run'] === true ? 'dryRun' : values['backup-only'] === true ? 'backupOnly' : 'migrate',
    applicationStopped: values['application-stopped'] === true,
  };
}

function placeOf(values: {
  readonly workspace?: string | undefined;
  readonly data?: string | undefined;
}): PlaceArguments {
  // `--workspace "$UNSET"` must not become the current folder.
  for (const flag of ['workspace', 'data'] as const)
    if (values[flag] === '') throw new Error(`--${flag} needs a folder.`);
  return { workspace: values.workspace ?? null, data: values.data ?? null };
}
