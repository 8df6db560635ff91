/**
 * One installer at a time, across processes: `npm test` may start several test hosts at once, and two `npm ci` in one
 * folder destroy each other's work.
 */
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkoutId } from './paths';

const lockFile = join(tmpdir(), `vscode-test-host-${checkoutId}.lock`);
const heartbeatMs = 2_000;
const silenceMs = 30_000;
const patienceMs = 15 * 60_000;

/** Runs `work` while no other process of this checkout does; waits for the other one first. */
export async function withInstallLock<T>(work: () => Promise<T>): Promise<T> {
  await acquireLock();
  // The heartbeat tells a slow installer from a dead one whose process id was given to somebody else.
  const heartbeat = setInterval(
    () => void utimes(lockFile, new Date(), new Date()).catch(() => undefined),
    heartbeatMs,
  );
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(lockFile, { force: true });
  }
}

async function acquireLock(): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await tryCreateLock())) {
    if (await isAbandoned()) await removeAbandonedLock();
    else if (Date.now() > deadline)
      throw new Error(`another process has been installing the test host for too long: delete ${lockFile}`);
    else await sleep(250);
  }
}

async function tryCreateLock(): Promise<boolean> {
  try {
    await writeFile(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isAbandoned(): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(lockFile);
    const silentFor = Date.now() - mtimeMs;
    if (silentFor > silenceMs) return true;
    // A lock just created may not hold its process id yet.
    return silentFor > heartbeatMs && !isAlive(Number(await readFile(lockFile, 'utf8')));
  } catch {
    return false; // released meanwhile: the next attempt to create it decides
  }
}

/** Renaming first means that of several waiting processes only one removes the old lock, and none a new one. */
async function removeAbandonedLock(): Promise<void> {
  const aside = `${lockFile}.${process.pid}`;
  await rename(lockFile, aside).catch(() => undefined);
  await rm(aside, { force: true });
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
