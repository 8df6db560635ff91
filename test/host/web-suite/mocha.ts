/** Mocha's build for browsers, made to print as the suite of the Node host does. */
import 'mocha/mocha.js';
import { lineMark } from '../suite-marks';

/** Mocha's reporters print with `%s` and `%d`. */
function printMarked(format: unknown = '', ...values: unknown[]): void {
  const text = String(format).replace(/%[sd]/g, () => String(values.shift()));
  for (const line of [text, ...values.map(String)].join(' ').split('\n')) console.log(`${lineMark}${line}`);
}

Mocha.reporters.Base.consoleLog = printMarked;
mocha.setup({ ui: 'bdd', reporter: 'spec', color: false, timeout: 30_000 });
