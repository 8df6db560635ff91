/**
 * Installs the test host: `npm ci` in this folder, the links VS Code's browser side needs, Chromium unpacked.
 *
 * Everything calls it first and pays nothing when it is done already: a stamp holds the hash of the lockfile. From the
 * command line: `tsx test/host/install.ts`.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unpackChromium } from './chromium';
import { withInstallLock } from './install-lock';
import { hostFolder, hostModules, vscodeFolder } from './paths';

/** Raise it when a step below changes, so that existing installations are made again. */
const recipeVersion = 1;
const stampFile = join(hostModules, '.test-host-stamp');

let installation: Promise<void> | undefined;

/** Installs the test host unless it is there. Safe to call from several places and several processes at once. */
export async function installTestHost(): Promise<void> {
  installation ??= installIfNeeded();
  return installation;
}

async function installIfNeeded(): Promise<void> {
  if (await isInstalled()) return;
  await withInstallLock(async () => {
    if (await isInstalled()) return; // by the process this one waited for
    const start = performance.now();
    console.log('Installing the test host (a VS Code and a Chromium from npm, once)...');
    await rm(stampFile, { force: true });
    await installPackages();
    await linkPackagesForBrowser();
    // The Copilot extension asks to sign in and calls out; nothing under test needs it.
    await rm(join(vscodeFolder, 'extensions', 'copilot'), { recursive: true, force: true });
    await unpackChromium();
    await writeFile(stampFile, await computeStamp());
    console.log(`Test host installed in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  });
}

async function isInstalled(): Promise<boolean> {
  const stamp = await readFile(stampFile, 'utf8').catch(() => undefined);
  return stamp !== undefined && stamp === (await computeStamp());
}

async function computeStamp(): Promise<string> {
  const lockfile = await readFile(join(hostFolder, 'package-lock.json'));
  return `${recipeVersion}-${createHash('sha256').update(lockfile).digest('hex')}`;
}

/** No install scripts: they would compile native modules, for which `stubs/` has stand-ins in plain JavaScript. */
async function installPackages(): Promise<void> {
  const args = ['ci', '--ignore-scripts', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = findNpm();
  const child =
    npm === undefined
      ? spawn('npm', args, { cwd: hostFolder, env: npmEnv(), stdio: 'inherit', shell: process.platform === 'win32' })
      : spawn(process.execPath, [npm, ...args], { cwd: hostFolder, env: npmEnv(), stdio: 'inherit' });
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve));
  if (code !== 0) throw new Error(`npm ci in ${hostFolder} failed with exit code ${String(code)}`);
}

/** The npm that runs us, if one does. Under `npx` the variable names `npx-cli.js`, which would take `ci` for a package. */
function findNpm(): string | undefined {
  const running = process.env['npm_execpath'];
  if (running === undefined || !/^np[mx]-cli\.js$/.test(basename(running))) return undefined;
  const npm = join(dirname(running), 'npm-cli.js');
  return existsSync(npm) ? npm : undefined;
}

/** What npm tells its scripts about the root package must not reach the npm of another folder. */
function npmEnv(): NodeJS.ProcessEnv {
  const isAboutRoot = /^npm_(package|lifecycle|command|config_local_prefix)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isAboutRoot.test(name)));
}

/**
 * Node finds the packages by walking up to this folder, but the browser fetches xterm, textmate and oniguruma from
 * `<appRoot>/node_modules`. One link per package: a link to the whole folder would contain itself.
 */
async function linkPackagesForBrowser(): Promise<void> {
  const manifest = JSON.parse(await readFile(join(hostFolder, 'package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  for (const name of Object.keys(manifest.dependencies)) {
    const link = join(vscodeFolder, 'node_modules', name);
    if (name === 'code-server' || existsSync(link)) continue;
    await mkdir(dirname(link), { recursive: true });
    await symlink(await realpath(join(hostModules, name)), link, 'junction');
  }
}

if (require.main === module) {
  installTestHost().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
