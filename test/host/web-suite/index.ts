/**
 * What VS Code calls inside its web worker host. There is no file to load at run time: the tests, their assertions and
 * Mocha's build for browsers are one bundle with this.
 */
import { countsMark, type Counts } from '../suite-marks';
import './mocha';
import './web.test';

export function run(): Promise<void> {
  const counts: { -readonly [K in keyof Counts]: number } = { passes: 0, failures: 0, pending: 0 };
  return new Promise((resolve, reject) => {
    mocha
      .run(() => {
        console.log(`${countsMark}${JSON.stringify(counts)}`);
        if (counts.failures > 0) reject(new Error(`${counts.failures} failed`));
        else resolve();
      })
      .on('pass', () => (counts.passes += 1))
      .on('fail', () => (counts.failures += 1))
      .on('pending', () => (counts.pending += 1));
  });
}
