/** `jarvis-db`: the same core without VS Code, for scripts and CI. */
import { resolve } from 'node:path';
import { version } from '../../package.json';
import type { DatabaseDescription, Inventory } from '../core/catalogue/model';
import { CoreError, describeError, type CoreErrorData } from '../core/errors';
import { formatSummary } from '../core/report/log';
import { renderJson } from '../core/report/json';
import type { RunMode, RunReport } from '../core/report/model';
import { createHandlers } from '../engine/handlers';
import { machinePorts } from '../engine/machine';
import type { HandlerEvents } from '../engine/server';
import { parseCommand, usage, type Command, type PlaceArguments } from './arguments';
import { formatInventory } from './format-inventory';

/** Done, a check failed, bad usage, refused before anything was touched. */
const exitCodes = { done: 0, checkFailed: 1, badUsage: 2, refused: 3 } as const;

const handlers = createHandlers(machinePorts());
let publishing = false;

async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args);
  if ('fault' in command) {
    process.stderr.write(`jarvis-db: ${command.fault}\n\n${usage}`);
    return exitCodes.badUsage;
  }
  switch (command.name) {
    case 'help':
      process.stdout.write(usage);
      return exitCodes.done;
    case 'version':
      process.stdout.write(`${version}\n`);
      return exitCodes.done;
    case 'inventory':
      return takeInventory(command);
    case 'validate':
      return run(command, 'validate', ['analytics'], true);
    case 'migrate':
      return run(command, command.mode, command.domains, command.applicationStopped);
  }
}

async function takeInventory({ place, json }: Extract<Command, { name: 'inventory' }>): Promise<number> {
  const found = await findPlace(place);
  if ('problem' in found) {
    tellError(found.problem);
    return exitCodes.refused;
  }
  const inventory = await handlers['catalogue.inventory'](found, events);
  const descriptions = new Map<string, DatabaseDescription | CoreErrorData>();
  for (const { database, state } of inventory.databases) {
    if (state !== 'ready') continue;
    try {
      descriptions.set(database, await handlers['catalogue.describe']({ ...found, database }, events));
    } catch (error) {
      descriptions.set(database, describeError(error));
    }
  }
  process.stdout.write(
    json
      ? `${JSON.stringify(merge(inventory, descriptions), null, 2)}\n`
      : formatInventory(merge(inventory, descriptions)),
  );
  return exitCodes.done;
}

/** One document: each database with its tables, or with the reason why they cannot be shown. */
function merge(
  inventory: Inventory,
  descriptions: ReadonlyMap<string, DatabaseDescription | CoreErrorData>,
): InventoryDocument {
  return {
    format: 1,
    ...inventory,
    databases: inventory.databases.map((entry) => {
      const found = descriptions.get(entry.database);
      if (found === undefined) return { ...entry, tables: [] };
      return 'tables' in found
        ? { ...entry, tables: found.tables }
        : { ...entry, state: 'damaged', problem: found, tables: [] };
    }),
  };
}

export type InventoryDocument = Omit<Inventory, 'databases'> & {
  readonly format: 1;
  readonly databases: readonly (Inventory['databases'][number] & { readonly tables: DatabaseDescription['tables'] })[];
};

async function run(
  command: { readonly place: PlaceArguments; readonly json: boolean },
  mode: RunMode,
  domains: readonly ['analytics'] | readonly RunReport['steps'][number]['domain'][],
  applicationStopped: boolean,
): Promise<number> {
  const found = await findPlace(command.place);
  const place =
    'problem' in found
      ? { workspace: found.workspace, dataFolder: command.place.data ?? 'data', refusal: found.problem }
      : found;
  const { report } = await handlers['migration.run']({ ...place, mode, domains, applicationStopped }, events);
  if (command.json) process.stdout.write(renderJson(report));
  (command.json ? process.stderr : process.stdout).write(formatSummary(report));
  return exitCodeOf(report);
}

function exitCodeOf({ outcome, error }: RunReport): number {
  switch (outcome) {
    case 'committed':
    case 'nothingToDo':
      return error === null ? exitCodes.done : exitCodes.checkFailed;
    case 'rolledBack':
    case 'cancelled':
      return exitCodes.checkFailed;
    case 'refused':
      return exitCodes.refused;
  }
}

async function findPlace({
  workspace: given,
  data,
}: PlaceArguments): Promise<
  | { readonly workspace: string; readonly dataFolder: string }
  | { readonly workspace: string; readonly problem: CoreErrorData }
> {
  const workspace = resolve(given ?? '.');
  const found = await handlers['catalogue.findDataFolder']({ workspace, setting: data }, events);
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

function tellError({ message, hint }: CoreErrorData): void {
  process.stderr.write(`jarvis-db: ${message}${hint === null ? '' : `\n${hint}`}\n`);
}

/** The report tells everything at the end; a terminal that watches sees the phases go by. */
const events: HandlerEvents = {
  progress({ message }) {
    if (process.stderr.isTTY) process.stderr.write(`\u001b[2K\r${message}`);
  },
  log: () => undefined,
  beginPublishing() {
    publishing = true;
    return Promise.resolve();
  },
};

process.on('SIGINT', () => {
  // Publishing takes a moment and is finished; before it, nothing has been changed.
  if (!publishing) process.exit(exitCodes.checkFailed);
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    tellError(describeError(error));
    process.exitCode = exitCodes.checkFailed;
  },
);
