/** `jarvis-db`: the same core without VS Code, for scripts and CI. */
import { resolve } from 'node:path';
import { version } from '../../package.json';
import { CoreError, describeError, type CoreErrorData } from '../core/errors';
import { formatSummary } from '../core/report/log';
import { renderJson } from '../core/report/json';
import type { Domain, RunMode, RunReport } from '../core/report/model';
import { createHandlers } from '../engine/handlers';
import { machinePorts } from '../engine/machine';
import type { HandlerEvents } from '../engine/server';
import { parseCommand, usage, type Command, type PlaceArguments } from './arguments';
import { formatInventory } from './format-inventory';
import { collectInventory } from './inventory';

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
    if (json)
      process.stdout.write(
        `${JSON.stringify({ format: 1, workspace: found.workspace, error: found.problem }, null, 2)}\n`,
      );
    tellError(found.problem);
    return exitCodes.refused;
  }
  const inventory = await collectInventory(handlers, found, events);
  clearProgress();
  process.stdout.write(json ? `${JSON.stringify(inventory, null, 2)}\n` : formatInventory(inventory));
  return exitCodes.done;
}

async function run(
  command: { readonly place: PlaceArguments; readonly json: boolean },
  mode: RunMode,
  domains: readonly Domain[],
  applicationStopped: boolean,
): Promise<number> {
  const found = await findPlace(command.place);
  const place =
    'problem' in found
      ? { workspace: found.workspace, dataFolder: command.place.data ?? 'data', refusal: found.problem }
      : found;
  const { report, reportPath } = await handlers['migration.run'](
    { ...place, mode, domains, applicationStopped },
    events,
  );
  clearProgress();
  if (command.json) process.stdout.write(renderJson(report));
  (command.json ? process.stderr : process.stdout).write(formatSummary(report));
  if (report.backup !== null && reportPath === null) {
    process.stderr.write(
      `The report could not be written to ${report.backup}. Free some space or allow writing there; --json prints the same facts.\n`,
    );
  }
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

/** Takes the line of progress away before anything else is said. */
function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\u001b[2K\r');
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
