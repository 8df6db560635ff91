/** Starts a VS Code server on 127.0.0.1 with folders of its own, so that no run sees what another left. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { runAtExit } from './at-exit';
import { installTestHost } from './install';
import { vscodeFolder } from './paths';
import { findServerNode } from './server-node';
import { quietSettings, writeSettings, type Settings } from './settings';

export interface ServerOptions {
  /** User settings on top of the quiet ones. */
  readonly settings?: Settings;
  /** Packaged extensions to install first. */
  readonly installVsix?: readonly string[];
  /**
   * Whether VS Code takes an extension under development and a test entry from the window's address (default true).
   * The price: toasts never show. Without it, install the packaged extension instead.
   */
  readonly smokeTestDriver?: boolean;
  /** Whether folders start untrusted and VS Code asks, as it does for users (default false). */
  readonly workspaceTrust?: boolean;
  /** A fixed port; by default the system picks a free one, so that runs never clash. */
  readonly port?: number;
}

export interface Server {
  readonly port: number;
  /** `127.0.0.1:<port>` */
  readonly authority: string;
  /** Everything this server writes; removed by `stop()`, unless `TEST_HOST_KEEP` is set. */
  readonly folder: string;
  readonly logFile: string;
  readonly extensionsFolder: string;
  /** Resolves with the reason when the server process is gone, wanted or not. */
  readonly exited: Promise<string>;
  /** The address of a file or folder as the window's extension host sees it. */
  toRemoteUri(path: string): string;
  /** The address that opens a window; see `openWindow` for what goes into it. */
  toWindowUrl(options?: {
    readonly folder?: string;
    readonly payload?: readonly (readonly [string, string])[];
  }): string;
  /** Changes the user settings of the windows opened from now on; the server does not tell the open ones. */
  updateSettings(changes: Settings): Promise<void>;
  readLog(): Promise<string>;
  stop(): Promise<void>;
}

const startTimeoutMs = 60_000;

export async function startServer(options: ServerOptions = {}): Promise<Server> {
  await installTestHost();
  const folder = await mkdtemp(join(tmpdir(), 'vscode-test-host-'));
  try {
    return await startServerIn(folder, options);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startServerIn(folder: string, options: ServerOptions): Promise<Server> {
  const userFolder = join(folder, 'user', 'User');
  const settingsFile = join(userFolder, 'settings.json');
  const extensionsFolder = join(folder, 'extensions');
  const logFile = join(folder, 'server.log');
  await mkdir(userFolder, { recursive: true });
  // The server keeps the user settings on its own side, so a file is enough.
  const trust = options.workspaceTrust === true ? {} : { 'security.workspace.trust.enabled': false };
  await writeSettings(settingsFile, { ...quietSettings, ...trust, ...options.settings });

  const folderArgs = ['--user-data-dir', join(folder, 'user'), '--server-data-dir', join(folder, 'server')];
  const baseArgs = ['--accept-server-license-terms', ...folderArgs, '--extensions-dir', extensionsFolder];
  for (const vsix of options.installVsix ?? []) await installExtension(baseArgs, vsix, logFile);

  const child = spawnServer(logFile, [
    ...baseArgs,
    ...['--host', '127.0.0.1', '--port', String(options.port ?? 0), '--without-connection-token'],
    ...(options.smokeTestDriver === false ? [] : ['--enable-smoke-test-driver']),
    ...(options.workspaceTrust === true ? [] : ['--disable-workspace-trust']),
    '--disable-telemetry',
  ]);
  const exited = watchExit(child);
  const forget = runAtExit(() => {
    signalGroup(child, 'SIGKILL');
    if (!process.env['TEST_HOST_KEEP']) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  const stop = async (): Promise<void> => {
    await endGroup(child, exited);
    forget();
    if (!process.env['TEST_HOST_KEEP']) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const readLog = (): Promise<string> => readFile(logFile, 'utf8').catch(() => '');

  let port: number;
  try {
    port = await waitUntilReady(exited, readLog);
  } catch (error) {
    await stop();
    throw error;
  }
  const authority = `127.0.0.1:${port}`;
  const toRemoteUri = (path: string): string => `vscode-remote://${authority}${pathToFileURL(resolve(path)).pathname}`;
  return {
    port,
    authority,
    folder,
    logFile,
    extensionsFolder,
    exited,
    toRemoteUri,
    toWindowUrl: ({ folder: opened, payload } = {}) => {
      const query = new URLSearchParams();
      if (opened !== undefined) {
        const kind = opened.endsWith('.code-workspace') ? 'workspace' : 'folder';
        query.set(kind, decodeURIComponent(pathToFileURL(resolve(opened)).pathname));
      }
      // Without a folder VS Code would open the last one of this server.
      else query.set('ew', 'true');
      if (payload !== undefined && payload.length > 0) query.set('payload', JSON.stringify(payload));
      return `http://${authority}/?${query.toString()}`;
    },
    updateSettings: (changes) => writeSettings(settingsFile, changes),
    readLog,
    stop,
  };
}

async function installExtension(baseArgs: readonly string[], vsix: string, logFile: string): Promise<void> {
  const child = spawnServer(logFile, [...baseArgs, '--install-extension', resolve(vsix)]);
  const reason = await watchExit(child);
  if (child.exitCode === 0) return;
  throw new Error(`VS Code did not install ${vsix} (${reason})\n${await readFile(logFile, 'utf8')}`);
}

function spawnServer(logFile: string, args: readonly string[]): ChildProcess {
  // No marketplace: the server would ask it for updates, and write an error into every log of a machine without network.
  const env: NodeJS.ProcessEnv = { ...process.env, EXTENSIONS_GALLERY: '{}' };
  // These two would change the server's own Node: a loader of the test runner, or Electron's.
  delete env['NODE_OPTIONS'];
  delete env['ELECTRON_RUN_AS_NODE'];
  const log = openSync(logFile, 'a');
  try {
    return spawn(findServerNode(), ['out/server-main.js', ...args], {
      cwd: vscodeFolder,
      env,
      stdio: ['ignore', log, log],
      // A process group of its own: the server starts extension hosts and watchers, which must end with it.
      detached: process.platform !== 'win32',
    });
  } finally {
    closeSync(log);
  }
}

function watchExit(child: ChildProcess): Promise<string> {
  return new Promise((resolveReason) => {
    child.once('exit', (code, signal) =>
      resolveReason(`the server process ended: ${signal ?? `exit code ${String(code)}`}`),
    );
    child.once('error', (error) => resolveReason(`the server process did not start: ${error.message}`));
  });
}

/** The port, once the server answers on it. The server prints it, since it may have been chosen by the system. */
async function waitUntilReady(exited: Promise<string>, readLog: () => Promise<string>): Promise<number> {
  const ended = exited.then((reason) => ({ reason }));
  const deadline = Date.now() + startTimeoutMs;
  while (Date.now() < deadline) {
    const log = await readLog();
    // The server stays alive without a port.
    if (log.includes('listen EADDRINUSE')) throw new Error(`the port is taken by another program\n${log}`);
    const port = /Extension host agent listening on (\d+)/.exec(log)?.[1];
    if (port !== undefined && (await answers(Number(port)))) return Number(port);
    const outcome = await Promise.race([ended, sleep(50)]);
    if (outcome !== undefined) throw new Error(`${outcome.reason}\n${await readLog()}`);
  }
  throw new Error(`the server did not answer within ${startTimeoutMs / 1000} s\n${await readLog()}`);
}

async function answers(port: number): Promise<boolean> {
  const request = get({ host: '127.0.0.1', port, path: '/version', timeout: 1_000 });
  request.once('timeout', () => request.destroy());
  try {
    const [response] = (await once(request, 'response')) as [{ readonly statusCode?: number; resume(): void }];
    response.resume();
    return response.statusCode === 200;
  } catch {
    return false;
  }
}

async function endGroup(child: ChildProcess, exited: Promise<string>): Promise<void> {
  signalGroup(child, 'SIGTERM');
  await Promise.race([exited, sleep(3_000, undefined, { ref: false })]);
  // What the server started may outlive it for a moment, and would write into a folder about to be removed.
  signalGroup(child, 'SIGKILL');
  await exited;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is gone already, which is what was wanted.
  }
}
