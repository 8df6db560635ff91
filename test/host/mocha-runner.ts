/**
 * Runs Mocha inside the extension host. Bundle the test entry with `vscode` and `mocha` external:
 *
 *     export const run = (): Promise<void> => runMocha(findTestFiles(__dirname));
 *
 * What it prints goes through the window's log, between the lines of VS Code itself: marks tell `run-suite.ts` which
 * lines are the suite's, and the counts prove that the suite ran. VS Code's exit code does not: it is 0 as well when the
 * extension host was killed.
 */
import Mocha from 'mocha';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import { countsMark, lineMark, type Counts } from './suite-marks';

/** The built test files below `folder`, in a fixed order: no list to keep, so none to forget a test in. */
export function findTestFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.js'))
    .sort()
    .map((name) => join(folder, name));
}

/** Runs the tests of all `files`; rejects if one failed. `.only` is refused: it would hide the rest. */
export async function runMocha(files: readonly string[], options: Mocha.MochaOptions = {}): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 20_000, forbidOnly: true, ...options });
  Mocha.reporters.Base.consoleLog = printMarked;
  for (const file of files) mocha.addFile(file);
  const counts = await countOutcomes(mocha).catch((error: unknown) => {
    printMarked(error); // a test file that does not load, or a forbidden `.only`: there are no counts to report
    throw error;
  });
  console.log(`${countsMark}${JSON.stringify(counts)}`);
  if (counts.failures > 0) throw new Error(`${counts.failures} failed`);
}

function countOutcomes(mocha: Mocha): Promise<Counts> {
  const counts = { passes: 0, failures: 0, pending: 0 };
  return new Promise((resolve) => {
    mocha
      .run(() => resolve(counts))
      .on('pass', () => (counts.passes += 1))
      .on('fail', () => (counts.failures += 1))
      .on('pending', () => (counts.pending += 1));
  });
}

function printMarked(...args: unknown[]): void {
  for (const line of format(...args).split('\n')) console.log(`${lineMark}${line}`);
}
