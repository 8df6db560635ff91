/**
 * `npm start`: opens the sample workspace in a real VS Code with this extension in it.
 *
 *     tsx scripts/start.ts [--browser] [--no-open]
 *
 * The VS Code of this desktop is used if there is one, with the extension under development. Otherwise, or with
 * `--browser`, the VS Code of the tests is served on 127.0.0.1 with the packaged extension installed, since only an
 * installed one shows its messages as toasts there. `--no-open` prints what to open, and opens nothing.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from '../test/host/server';
import { packageExtension } from './package';
import { makeSample } from './sample/make-sample';

const root = resolve(__dirname, '..');
const sample = join(root, 'sample');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { browser: { type: 'boolean' }, 'no-open': { type: 'boolean' } } });
  if (!existsSync(sample)) {
    console.log(`Writing the sample workspace to ${sample}`);
    await makeSample(sample);
  }
  const shouldOpen = values['no-open'] !== true;
  if (values.browser !== true && hasDesktop() && hasDesktopCode()) openInDesktopCode(shouldOpen);
  else await serveInBrowser(shouldOpen);
}

function openInDesktopCode(shouldOpen: boolean): void {
  const args = ['--new-window', `--extensionDevelopmentPath=${root}`, sample];
  console.log(`${shouldOpen ? 'Opening' : 'Open it with'}: code ${args.map((arg) => JSON.stringify(arg)).join(' ')}`);
  if (!shouldOpen) return;
  const { status } = spawnCode(args);
  if (status !== 0) throw new Error(`code ended with exit code ${String(status)}; try npm start -- --browser`);
}

async function serveInBrowser(shouldOpen: boolean): Promise<void> {
  const packed = await mkdtemp(join(tmpdir(), 'jarvis-databases-start-'));
  const vsix = join(packed, 'extension.vsix');
  console.log('Packaging the extension...');
  const server = await packageExtension(vsix)
    .then(() => startServer({ installVsix: [vsix], smokeTestDriver: false, workspaceTrust: true }))
    .finally(() => rm(packed, { recursive: true, force: true }));
  const url = server.toWindowUrl({ folder: sample });
  console.log(`\nVS Code with the sample workspace: ${url}\nCtrl+C stops it.`);
  if (shouldOpen && hasDesktop()) openSystemBrowser(url);
  // Ctrl+C ends this process, and with it the server and its folder; it is an error only if the server goes first.
  throw new Error(await server.exited);
}

/** Linux without a display has nothing to open a window on; the others always have. */
function hasDesktop(): boolean {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

/** In the terminal of a remote window `code` talks to the desktop elsewhere, which has no extension at this path. */
function hasDesktopCode(): boolean {
  return process.env['VSCODE_IPC_HOOK_CLI'] === undefined && spawnCode(['--version'], 'ignore').status === 0;
}

function spawnCode(
  args: readonly string[],
  stdio: 'inherit' | 'ignore' = 'inherit',
): { readonly status: number | null } {
  // On Windows `code` is a script, which only a shell starts, and the shell splits unquoted arguments.
  if (process.platform !== 'win32') return spawnSync('code', args, { stdio });
  return spawnSync(`code ${args.map((arg) => `"${arg}"`).join(' ')}`, { stdio, shell: true });
}

function openSystemBrowser(url: string): void {
  const [command, args] = describeOpener(url);
  // Without a browser the printed address is all there is, and enough.
  spawn(command, args, { stdio: 'ignore', detached: true })
    .once('error', () => undefined)
    .unref();
}

function describeOpener(url: string): [string, string[]] {
  if (process.platform === 'darwin') return ['open', [url]];
  if (process.platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', url]];
  return ['xdg-open', [url]];
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
