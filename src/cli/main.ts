#!/usr/bin/env node
/** `jarvis-db`: the same core without VS Code, for scripts and CI. */
import { resolve } from 'node:path';
import { version } from '../../package.json';
import { CoreError, describeError, type CoreErrorData } from '../core/errors';
import { visible } from '../core/report/display';
import { formatSummary } from '../core/report/log';
import { renderJson } from '../core/report/json';
import type { Domain, RunMode, RunReport } from '../core/report/model';
import { createHandlers } from '../engine/handlers';
import { machinePorts } from '../engine/machine';
import type { HandlerEvents } from '../engine/server';
import { runArchive, runRestore, type ArchiveCommandPorts } from './archive-command';
import { parseCommand, usage, type Command, type PlaceArguments } from './arguments';
import { exitCodes } from './exit-codes';
import { formatInventory } from './format-inventory';
import { collectInventory } from './inventory';
import type { PlanCommandPorts } from './plan-command';
import { undoCommand, type UndoCommandPorts } from './rollback-command';
import { readWorkspaceSettings, type WorkspaceSettings } from './workspace-settings';

const ports = machinePorts();
const handlers = createHandlers(ports);
let publishing = false;

async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args);
  if ('fault' in command) return refuseUsage(command.fault);
  switch (command.name) {
    case 'help':
      process.stdout.write(usage);
      return exitCodes.done;
    case 'version':
      process.stdout.write(`${version}\n`);
      return exitCodes.done;
    case 'inventory':
    case 'validate':
    case 'migrate':
    case 'archive':
    case 'restore':
    case 'rollback':
    case 'restore-backup':
    case 'backups':
    case 'diff':
    case 'plan':
      return inWorkspace(command);
  }
}

type WorkCommand = Extract<Command, { readonly place: PlaceArguments }>;

/** The settings of the workspace folder count where no flag says otherwise. */
async function inWorkspace(command: WorkCommand): Promise<number> {
  const workspace = resolve(command.place.workspace ?? '.');
  const read = await readWorkspaceSettings(ports.files, workspace);
  if ('fault' in read) return refuseUsage(read.fault);
  if (read.warning !== null) process.stderr.write(`jarvis-db: ${visible(read.warning)}\n`);
  const { settings } = read;
  const data = command.place.data ?? settings.dataFolder;
  switch (command.name) {
    case 'inventory':
      return takeInventory(workspace, data, command.json);
    case 'validate':
      return run({ ...command, mode: 'validate', applicationStopped: true, rejects: null }, workspace, data, settings);
    case 'migrate':
      return run(command, workspace, data, settings);
    case 'archive':
      return archive(command, workspace, data, settings);
    case 'restore':
      return runRestore(commandPorts, command, await findPlace(workspace, data));
    case 'rollback':
    case 'restore-backup':
    case 'backups':
      return undoCommand(commandPorts, command, await findPlace(workspace, data));
    case 'diff':
      return diff(command, workspace);
    case 'plan':
      return plan(command, workspace, data, settings);
  }
}

async function takeInventory(workspace: string, data: string | null, json: boolean): Promise<number> {
  const found = await findPlace(workspace, data);
  const inventory = 'problem' in found ? found : await collectInventory(handlers, found, events).catch(asProblem);
  clearProgress();
  if ('problem' in inventory) {
    const { problem } = inventory;
    if (json) process.stdout.write(`${JSON.stringify({ format: 1, workspace, error: problem }, null, 2)}\n`);
    tellError(problem);
    return exitCodes.refused;
  }
  process.stdout.write(json ? `${JSON.stringify(inventory, null, 2)}\n` : formatInventory(inventory));
  return exitCodes.done;
}

interface RunCommand {
  readonly json: boolean;
  readonly mode: RunMode;
  readonly domains: readonly Domain[];
  readonly applicationStopped: boolean;
  readonly openAnyway: boolean;
  readonly plan: string | null;
  readonly rejects: 'fail' | 'collect' | null;
}

async function run(
  command: RunCommand,
  workspace: string,
  data: string | null,
  settings: WorkspaceSettings,
): Promise<number> {
  const planFile = await findPlanFile(workspace, command.plan, settings);
  if (planFile !== null && 'missing' in planFile) return refuseUsage(`The plan file ${planFile.missing} is not there.`);
  const found = await findPlace(workspace, data);
  const place = 'problem' in found ? { workspace, dataFolder: data ?? 'data', refusal: found.problem } : found;
  const rejects = command.rejects ?? settings.rejects;
  const { report, reportPath } = await handlers['migration.run'](
    {
      ...place,
      mode: command.mode,
      domains: command.domains,
      applicationStopped: command.applicationStopped,
      openAnyway: command.openAnyway,
      planFile: planFile?.path ?? null,
      rateLimits: settings.rateLimits ?? 'file',
      ...(rejects === null ? {} : { rejects }),
    },
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

async function archive(
  command: Extract<WorkCommand, { readonly name: 'archive' }>,
  workspace: string,
  data: string | null,
  settings: WorkspaceSettings,
): Promise<number> {
  const planFile = await findPlanFile(workspace, command.plan, settings);
  if (planFile !== null && 'missing' in planFile) return refuseUsage(`The plan file ${planFile.missing} is not there.`);
  const found = await findPlace(workspace, data);
  const plan = { planFile: planFile?.path ?? null, rateLimits: settings.rateLimits ?? 'file' } as const;
  return runArchive(commandPorts, command, { ...found, ...plan });
}

async function diff(
  { files: [left, right], json, openAnyway }: Extract<WorkCommand, { readonly name: 'diff' }>,
  workspace: string,
): Promise<number> {
  const { diffDatabases } = await import('./diff-command');
  const paths = [await resolveGiven(workspace, left), await resolveGiven(workspace, right)] as const;
  return diffDatabases(commandPorts, workspace, paths, { json, openAnyway });
}

async function plan(
  { action, json }: Extract<WorkCommand, { readonly name: 'plan' }>,
  workspace: string,
  data: string | null,
  settings: WorkspaceSettings,
): Promise<number> {
  const { checkPlanFile, printPlanInForce, printSchema } = await import('./plan-command');
  if (action.kind === 'schema') return printSchema(commandPorts);
  const found = await findPlace(workspace, data);
  // A plan can be written before there is any data; a wish for a certain folder is not guessed around.
  if ('problem' in found && (data !== null || found.problem.code === 'workspace-missing')) {
    tellError(found.problem);
    return exitCodes.refused;
  }
  const place = { workspace, dataFolder: 'problem' in found ? 'data' : found.dataFolder };
  if (action.kind === 'print') {
    const planFile = await findPlanFile(workspace, null, settings);
    if (planFile !== null && 'missing' in planFile)
      return refuseUsage(`The plan file ${planFile.missing} is not there.`);
    return printPlanInForce(commandPorts, place, planFile?.path ?? null, settings.rateLimits ?? 'file');
  }
  return checkPlanFile(commandPorts, place, await resolveGiven(workspace, action.file), json);
}

/** The plan file that a flag or a setting names; null where none does. */
async function findPlanFile(
  workspace: string,
  given: string | null,
  settings: WorkspaceSettings,
): Promise<{ readonly path: string } | { readonly missing: string } | null> {
  const named = given ?? settings.planFile;
  if (named === null) return null;
  const path = given === null ? resolve(workspace, named) : await resolveGiven(workspace, named);
  return (await isThere(path)) ? { path } : { missing: named };
}

/** A file that a person names at a prompt is looked for in the current folder first, then in the workspace folder. */
async function resolveGiven(workspace: string, file: string): Promise<string> {
  const here = resolve(file);
  return (await isThere(here)) ? here : resolve(workspace, file);
}

async function isThere(path: string): Promise<boolean> {
  try {
    return (await ports.files.stat(path)) !== null;
  } catch {
    // Something is there that we may not look at: reading it says why.
    return true;
  }
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

async function findPlace(
  workspace: string,
  data: string | null,
): Promise<
  | { readonly workspace: string; readonly dataFolder: string }
  | { readonly workspace: string; readonly problem: CoreErrorData }
> {
  const found = await handlers['catalogue.findDataFolder']({ workspace, setting: data }, events).catch(asProblem);
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

function asProblem(error: unknown): { readonly kind: 'none'; readonly problem: CoreErrorData } {
  return { kind: 'none', problem: describeError(error) };
}

function refuseUsage(fault: string): number {
  process.stderr.write(`jarvis-db: ${visible(fault)}\n\n${usage}`);
  return exitCodes.badUsage;
}

function tellError({ message, hint }: CoreErrorData): void {
  process.stderr.write(`jarvis-db: ${visible(message)}${hint === null ? '' : `\n${visible(hint)}`}\n`);
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

const commandPorts: PlanCommandPorts & ArchiveCommandPorts & UndoCommandPorts = {
  handlers,
  clearProgress,
  files: ports.files,
  events,
  stdout(text) {
    clearProgress();
    process.stdout.write(text);
  },
  stderr(text) {
    clearProgress();
    process.stderr.write(text);
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
