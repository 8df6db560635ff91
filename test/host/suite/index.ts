/** What VS Code calls inside the extension host. */
import { findTestFiles, runMocha } from '../mocha-runner';

export const run = (): Promise<void> => runMocha(findTestFiles(__dirname), { timeout: 60_000 });
