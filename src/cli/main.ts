#!/usr/bin/env node
/** `jarvis-db`: the same core without VS Code, for scripts and CI. */
import { resolve } from 'node:path';
import { version } from '../../package.json';
import { describeError } from '../core/errors';
import { visible } from '../core/report/display';
import { createHandlers } from '../engine/handlers';
import { machinePorts } from '../engine/machine';
import { archive, restore } from './archive-command';
import { parseCommand } from './arguments';
import type { WorkspaceCommand } from './command';
import { errorDocument, errorWords } from './error-words';
import { exitCodes } from './exit-codes';
import { takeInventory } from './inventory-command';
import { PlanFileMissing, type Whereabouts } from './place';
import type { CliPorts } from './ports';
import { migrate, validate } from './run-command';
import { undo } from './undo-command';
import { usage } from './usage';
import { readWorkspaceSettings } from './workspace-settings';

const machine = machinePorts();
let publishing = false;

const ports: CliPorts = {
  handlers: createHandlers(machine),
  files: machine.files,
  /** The report tells everything at the end; a terminal that watches sees the phases go by. */
  events: {
    progress({ message }) {
      if (process.stderr.isTTY) process.stderr.write(`\u001b[2K\r${message}`);
    },
    log: () => undefined,
    beginPublishing() {
      publishing = true;
      return Promise.resolve();
    },
  },
  stdout(text) {
    clearProgress();
    process.stdout.write(text);
  },
  stderr(text) {
    clearProgress();
    process.stderr.write(text);
  },
};

/** Takes the line of progress away before anything else is said. */
function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\u001b[2K\r');
}

async function main(args: readonly string[]): Promise<number> {
  const command = parseCommand(args);
  if ('fault' in command) return refuseUsage(command.fault, wantsJson(args));
  if (command.name === 'help') {
    ports.stdout(usage);
    return exitCodes.done;
  }
  if (command.name === 'version') {
    ports.stdout(`${version}\n`);
    return exitCodes.done;
  }
  return inWorkspace(command);
}

/** The settings of the workspace folder count where no flag says otherwise. */
async function inWorkspace(command: WorkspaceCommand): Promise<number> {
  const workspace = resolve(command.place.workspace ?? '.');
  const read = await readWorkspaceSettings(ports.files, workspace);
  if ('fault' in read) return refuseUsage(read.fault, command.json);
  if (read.warning !== null) ports.stderr(`jarvis-db: ${visible(read.warning)}\n`);
  const { settings } = read;
  try {
    return await perform(command, { workspace, data: command.place.data ?? settings.dataFolder, settings });
  } catch (error) {
    if (error instanceof PlanFileMissing) return refuseUsage(error.message, command.json);
    throw error;
  }
}

async function perform(command: WorkspaceCommand, where: Whereabouts): Promise<number> {
  switch (command.name) {
    case 'inventory':
      return takeInventory(ports, command, where);
    case 'validate':
      return validate(ports, command, where);
    case 'migrate':
      return migrate(ports, command, where);
    case 'archive':
      return archive(ports, command, where);
    case 'restore':
      return restore(ports, command, where);
    case 'rollback':
    case 'restore-backup':
    case 'backups':
      return undo(ports, command, where);
    case 'diff':
      return (await import('./diff-command')).diff(ports, command, where.workspace);
    case 'plan':
      return (await import('./plan-command')).plan(ports, command, where);
  }
}

/** Whether the arguments ask for it, wrong as they are in other things. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).includes('--json');
}

function refuseUsage(fault: string, json: boolean): number {
  const hint = 'jarvis-db --help lists what can be said.';
  if (json) ports.stdout(errorDocument({ code: 'bad-usage', message: fault, path: null, hint }));
  ports.stderr(`jarvis-db: ${visible(fault)}\n\n${usage}`);
  return exitCodes.badUsage;
}

process.on('SIGINT', () => {
  // Publishing takes a moment and is finished; before it, nothing has been changed.
  if (!publishing) process.exit(exitCodes.checkFailed);
});

/** Standard output could not take what was to be said. */
let isUnsaid = false;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read has read enough.
  if (error.code === 'EPIPE') return;
  ports.stderr(`jarvis-db: The output cannot be written: ${visible(error.message)}\n`);
  isUnsaid = true;
  // It comes before the command ends, or after.
  if (process.exitCode === exitCodes.done) process.exitCode = exitCodes.checkFailed;
});
// A terminal that is gone must not end a run.
process.stderr.on('error', () => undefined);

const given = process.argv.slice(2);
main(given).then(
  (code) => {
    process.exitCode = isUnsaid && code === exitCodes.done ? exitCodes.checkFailed : code;
  },
  (error: unknown) => {
    const failure = describeError(error);
    if (wantsJson(given)) ports.stdout(errorDocument(failure));
    ports.stderr(errorWords(failure));
    process.exitCode = exitCodes.checkFailed;
  },
);
