/** The command line's grammar. Anything unknown is an error before anything is touched. */
import { parseArgs } from 'node:util';
import { isArchiveName } from '../core/archive/archive-folder';
import type { Domain } from '../core/report/model';
import type { Command, Common, WorkspaceCommand } from './command';

const flags = {
  workspace: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  analytics: { type: 'boolean' },
  cache: { type: 'boolean' },
  core: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  'backup-only': { type: 'boolean' },
  plan: { type: 'string' },
  rejects: { type: 'string' },
  'application-stopped': { type: 'boolean' },
  'open-anyway': { type: 'boolean' },
  file: { type: 'string' },
  verify: { type: 'boolean' },
  print: { type: 'boolean' },
  check: { type: 'string' },
  schema: { type: 'boolean' },
} as const;

type Flag = keyof typeof flags;
type Values = { readonly [F in Flag]?: (typeof flags)[F]['type'] extends 'string' ? string : boolean };

interface Grammar<C> {
  /** Beside those that every command takes. */
  readonly flags: readonly Flag[];
  /** Words that are no flags; none where nothing is said. */
  readonly takesWords?: true;
  /** @throws Error with what is wrong, in words */
  readonly build: (common: Common, values: Values, words: readonly string[]) => C;
}

const everywhere = ['workspace', 'data', 'json', 'help'] as const;
const domains = ['analytics', 'cache', 'core'] as const;
const rehearsable = ['dry-run', 'application-stopped', 'open-anyway'] as const;

const commands: { readonly [Name in WorkspaceCommand['name']]: Grammar<Extract<WorkspaceCommand, { name: Name }>> } = {
  inventory: {
    flags: [],
    build: (common) => ({ name: 'inventory', ...common }),
  },
  validate: {
    flags: [...domains, 'plan', 'open-anyway'],
    build: (common, values) => ({
      name: 'validate',
      ...common,
      domains: domainsOf(values),
      openAnyway: values['open-anyway'] === true,
      plan: textOf(values, 'plan', 'a file'),
    }),
  },
  migrate: {
    flags: [...domains, ...rehearsable, 'backup-only', 'plan', 'rejects'],
    build: (common, values) => {
      const { dryRun, ...writing } = writingOf(values);
      const backupOnly = values['backup-only'] === true;
      if (dryRun && backupOnly) throw new Error('--dry-run writes nothing, --backup-only writes copies: choose one.');
      return {
        name: 'migrate',
        ...common,
        ...writing,
        domains: domainsOf(values),
        mode: dryRun ? 'dryRun' : backupOnly ? 'backupOnly' : 'migrate',
        plan: textOf(values, 'plan', 'a file'),
        rejects: rejectsOf(values),
      };
    },
  },
  archive: {
    flags: [...rehearsable, 'plan'],
    build: (common, values) => ({
      name: 'archive',
      ...common,
      ...writingOf(values),
      plan: textOf(values, 'plan', 'a file'),
    }),
  },
  restore: {
    flags: [],
    takesWords: true,
    build: (common, _, words) => {
      const archive = oneOf('archive', words);
      if (archive !== null && !isArchiveName(archive))
        throw new Error(`An archive is named YYYY-MM-DD, or YYYY-MM-DD-2, not ${JSON.stringify(archive)}.`);
      return { name: 'restore', ...common, archive };
    },
  },
  rollback: {
    flags: rehearsable,
    takesWords: true,
    build: (common, values, words) => ({
      name: 'rollback',
      ...common,
      ...writingOf(values),
      run: oneOf('run', words),
    }),
  },
  'restore-backup': {
    flags: [...rehearsable, 'file'],
    takesWords: true,
    build: (common, values, words) => {
      const run = oneOf('run', words);
      if (run === null) throw new Error('Say which backup: jarvis-db backups lists them.');
      return {
        name: 'restore-backup',
        ...common,
        ...writingOf(values),
        run,
        file: textOf(values, 'file', 'a file'),
      };
    },
  },
  backups: {
    flags: ['verify'],
    build: (common, values) => ({ name: 'backups', ...common, verify: values.verify === true }),
  },
  diff: {
    flags: ['open-anyway'],
    takesWords: true,
    build: (common, values, [left = '', right = '', ...others]) => {
      if (left === '' || right === '' || others.length > 0) throw new Error('Name two databases: diff A.db B.db.');
      return { name: 'diff', ...common, openAnyway: values['open-anyway'] === true, files: [left, right] };
    },
  },
  plan: {
    flags: ['print', 'check', 'schema'],
    build: (common, values) => {
      const file = textOf(values, 'check', 'a file');
      if ([values.print === true, file !== null, values.schema === true].filter(Boolean).length > 1)
        throw new Error('--print, --check and --schema: choose one.');
      return {
        name: 'plan',
        ...common,
        action: file !== null ? { kind: 'check', file } : { kind: values.schema === true ? 'schema' : 'print' },
      };
    },
  },
};

/** @returns the command, or what is wrong with the arguments, in words */
export function parseCommand(args: readonly string[]): Command | { readonly fault: string } {
  const [name, ...rest] = commandFirst(args);
  if (name === undefined) return { fault: 'Say what to do.' };
  if (name === '--help' || name === '-h' || name === 'help') return { name: 'help' };
  if (name === '--version') return { name: 'version' };
  if (!isCommand(name)) return { fault: `Unknown command: ${name}.` };
  try {
    return parse(commands[name], rest);
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** `--workspace`, `--data` and `--json` go everywhere, before the command too: they are moved behind it. */
function commandFirst(args: readonly string[]): readonly string[] {
  let start = 0;
  for (
    let arg = args[start];
    arg !== undefined && /^--(?:(?:workspace|data)(?:=|$)|json$)/.test(arg);
    arg = args[start]
  ) {
    start += arg === '--json' || arg.includes('=') ? 1 : 2;
  }
  return [...args.slice(start, start + 1), ...args.slice(0, start), ...args.slice(start + 1)];
}

function isCommand(name: string): name is keyof typeof commands {
  return Object.hasOwn(commands, name);
}

function parse(grammar: Grammar<WorkspaceCommand>, args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: Object.fromEntries([...everywhere, ...grammar.flags].map((flag) => [flag, flags[flag]])),
    strict: true,
    allowPositionals: grammar.takesWords === true,
  });
  const given = values as Values;
  if (given.help === true) return { name: 'help' };
  const place = { workspace: textOf(given, 'workspace', 'a folder'), data: textOf(given, 'data', 'a folder') };
  return grammar.build({ place, json: given.json === true }, given, positionals);
}

function writingOf(values: Values): {
  readonly dryRun: boolean;
  readonly applicationStopped: boolean;
  readonly openAnyway: boolean;
} {
  return {
    dryRun: values['dry-run'] === true,
    applicationStopped: values['application-stopped'] === true,
    openAnyway: values['open-anyway'] === true,
  };
}

/** No flag means all. */
function domainsOf(values: Values): readonly Domain[] {
  const chosen = domains.filter((domain) => values[domain] === true);
  return chosen.length === 0 ? domains : chosen;
}

function rejectsOf({ rejects }: Values): 'fail' | 'collect' | null {
  if (rejects === undefined || rejects === 'fail' || rejects === 'collect') return rejects ?? null;
  throw new Error(`--rejects is "fail" or "collect", not ${JSON.stringify(rejects)}.`);
}

/** `rollback "$UNSET"` must not become the rollback of the last run. */
function oneOf(what: string, words: readonly string[]): string | null {
  if (words.length > 1) throw new Error(`Name one ${what}, not ${words.length}.`);
  if (words[0] === '') throw new Error(`The name of the ${what} is empty.`);
  return words[0] ?? null;
}

/** `--workspace "$UNSET"` must not become the current folder. */
function textOf(values: Values, flag: 'workspace' | 'data' | 'plan' | 'file' | 'check', what: string): string | null {
  const value = values[flag];
  if (value === '') throw new Error(`--${flag} needs ${what}.`);
  return value ?? null;
}
