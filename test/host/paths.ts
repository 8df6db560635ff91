/** Where the test host keeps its things. Its packages live here alone, so that the root installs in seconds without them. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const hostFolder = __dirname;
export const hostModules = join(hostFolder, 'node_modules');
/** The VS Code inside the code-server package: the `appRoot` of every window. */
export const vscodeFolder = join(hostModules, 'code-server', 'lib', 'vscode');
export const chromiumFolder = join(hostModules, '.chromium');

/** Loads a package of the test host. Call it only after `installTestHost()`: before, nothing is there to load. */
export const requireFromHost = createRequire(join(hostFolder, 'package.json'));

/** A short name for this checkout, the same in every process: two checkouts on one machine do not wait for each other. */
export const checkoutId = createHash('sha256').update(hostFolder).digest('hex').slice(0, 12);
